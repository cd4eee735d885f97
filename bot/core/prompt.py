"""From the text of a Slack message to the words meant for the harness.

Slack's message syntax: https://docs.slack.dev/messaging/formatting-message-text: ``&`` ``<`` ``>`` arrive as entities
and ``<...>`` holds a reference. A reference to the bot itself is how it was addressed, not part of the prompt.
"""

from __future__ import annotations

import re

_REFERENCE = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_STOP_WORDS = frozenset({"!stop", "stop"})


def mentions(text: str, user_id: str) -> bool:
    """Whether ``text`` (Slack's escaped form) addresses ``user_id``."""
    return any(m[1] == "@" and m[2] == user_id for m in _REFERENCE.finditer(text))


def plain_words(text: str, bot_user_id: str) -> str:
    """The message as its author typed it, without the mention of the bot."""

    def reveal(match: re.Match[str]) -> str:
        sigil, target, label = match[1], match[2], match[3]
        if sigil == "@":
            return "" if target == bot_user_id else f"@{label or target}"
        if sigil == "#":
            return f"#{label or target}"
        if sigil == "!":
            return label or f"@{target.split('^')[0]}"
        return f"{label} ({target})" if label and label not in (target, target.split("://")[-1]) else target

    revealed = _REFERENCE.sub(reveal, text)
    return revealed.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def is_stop(words: str, *, addressed: bool) -> bool:
    """``!stop`` always means stop; ``stop`` only when the bot was addressed and nothing else was said."""
    said = words.strip().lower()
    return said == "!stop" or (addressed and said in _STOP_WORDS)
