"""Text from models, threads, files and the web is data: nothing in it may mention anyone or be read as Slack's syntax.

`mrkdwn` (text objects): Slack's rule is to replace ``&``, ``<`` and ``>``
(https://docs.slack.dev/messaging/formatting-message-text#escaping).
`markdown` (the block): Slack reads its own ``<...>`` tokens there too, before Markdown. Replacing ``<`` stops all of
them; Slack decodes the entity for display and does not read the result again. ``&`` is left alone except where it
would itself be decoded, because Slack does not decode entities inside a link's address. Markdown's own links stay
links: a person can follow them, and nothing is fetched because unfurling is off.
"""

from __future__ import annotations

import re

ENTITY_CHARS = 34
"""No entity is longer: ``&``, a name of up to 32 characters, ``;``
(https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references)."""
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ENTITY = re.compile(r"&(?=(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)")
_LOOK = 20


def sendable(text: str) -> str:
    """Without what JSON or Slack cannot carry: control characters and lone surrogates become U+FFFD."""
    return _UNSENDABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def mrkdwn(text: str) -> str:
    """Outside text for a `mrkdwn` text object or a message's ``text``."""
    return sendable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn_line(text: str, limit: int) -> str:
    """Outside text as one line of at most ``limit`` characters as sent; a cut shows as an ellipsis."""
    return shortened(mrkdwn(one_line(text, limit)), limit)


def shortened(escaped: str, limit: int) -> str:
    """`mrkdwn` text of at most ``limit`` characters; a cut shows as an ellipsis and never halves an entity."""
    if len(escaped) <= limit:
        return escaped
    kept = escaped[: limit - 1]
    entity = kept.rfind("&")
    return (kept if entity == -1 or ";" in kept[entity:] else kept[:entity]) + "…"


def one_line(text: str, limit: int) -> str:
    """Outside text for a plain field: white space folded, cut at ``limit`` characters with an ellipsis.

    Looks at the first ``20 * limit`` characters only, so that megabytes cost nothing.
    """
    looked_at = text[: limit * _LOOK]
    folded = " ".join(sendable(looked_at).split())
    return folded if len(folded) <= limit and len(looked_at) == len(text) else folded[: limit - 1] + "…"


def markdown(text: str) -> str:
    """Outside text for a `markdown` block. ``>`` stays: it is Markdown's quotation and harmless without ``<``."""
    return _ENTITY.sub("&amp;", sendable(text)).replace("<", "&lt;")
