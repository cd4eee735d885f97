"""Composition objects: texts, options, confirmation dialogs, images, rich text.

Source: https://docs.slack.dev/reference/block-kit/composition-objects and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re

from bot.localslack import limits
from bot.localslack.findings import Check, Findings, Json

_HTTPS = re.compile(r"https?://\S+")


def text(most: int, *, plain: bool = False) -> Check:
    """A check for a text object of at most ``most`` characters; only plain_text where ``plain``."""

    def check(found: Findings, node: Json, pointer: str) -> None:
        found.fields(node, pointer, ("type", "text"), ("emoji", "verbatim"))
        found.one_of(node, "type", pointer, ("plain_text",) if plain else ("plain_text", "mrkdwn"))
        found.text(node, "text", pointer, most)
        found.flag(node, "emoji", pointer)
        found.flag(node, "verbatim", pointer)
        if node.get("type") == "mrkdwn" and "emoji" in node:
            found.add("invalid additional property: emoji", pointer)
        if node.get("type") == "plain_text" and "verbatim" in node:
            found.add("invalid additional property: verbatim", pointer)

    return check


def confirm(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("title", "text", "confirm", "deny"), ("style",))
    found.child(node, "title", pointer, text(limits.CONFIRM_TITLE, plain=True))
    found.child(node, "text", pointer, text(limits.CONFIRM_TEXT))
    found.child(node, "confirm", pointer, text(limits.CONFIRM_BUTTON, plain=True))
    found.child(node, "deny", pointer, text(limits.CONFIRM_BUTTON, plain=True))
    found.one_of(node, "style", pointer, ("primary", "danger"))


def option(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("text", "value"), ("description", "url"))
    found.child(node, "text", pointer, text(limits.OPTION_TEXT))
    found.text(node, "value", pointer, limits.OPTION_VALUE)
    found.child(node, "description", pointer, text(limits.OPTION_DESCRIPTION))
    found.text(node, "url", pointer, limits.BUTTON_URL)


def options(found: Findings, node: Json, name: str, pointer: str, most: int) -> None:
    for item, at in found.items(node, name, pointer, most):
        if found.is_object(item, at):
            option(found, item, at)


def option_group(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("label", "options"))
    found.child(node, "label", pointer, text(limits.OPTION_TEXT, plain=True))
    options(found, node, "options", pointer, limits.OPTIONS)


def image(found: Findings, node: Json, pointer: str, extra: tuple[str, ...] = ()) -> None:
    """An image element or block: one source, and an alternative text."""
    found.fields(node, pointer, ("type", "alt_text"), ("image_url", "slack_file", *extra))
    found.text(node, "alt_text", pointer, limits.ALT_TEXT)
    if ("image_url" in node) == ("slack_file" in node):
        found.add("must define exactly one of `image_url` and `slack_file`", pointer)
    address(found, node, "image_url", pointer, limits.IMAGE_URL)


def address(found: Findings, node: Json, name: str, pointer: str, most: int) -> None:
    found.text(node, name, pointer, most)
    if isinstance(node.get(name), str) and node[name] and not _HTTPS.fullmatch(node[name]):
        found.add("must be a valid URL", f"{pointer}/{name}")


# rich text

_STYLE = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_INLINE = {
    "text": (("text",), ()),
    "link": (("url",), ("text", "unsafe")),
    "user": (("user_id",), ()),
    "usergroup": (("usergroup_id",), ()),
    "channel": (("channel_id",), ()),
    "broadcast": (("range",), ()),
    "emoji": (("name",), ("unicode", "skin_tone", "url")),
    "date": (("timestamp", "format"), ("url", "fallback")),
    "color": (("value",), ()),
    "team": (("team_id",), ()),
}
_GROUPS = {
    "rich_text_section": (),
    "rich_text_preformatted": ("border", "language"),
    "rich_text_quote": ("border",),
    "rich_text_list": ("style", "indent", "offset", "border"),
}


def rich_text(found: Findings, node: Json, pointer: str) -> None:
    """A rich_text block, also as the details or output of a task and as a table's cell."""
    found.fields(node, pointer, ("type", "elements"), ("block_id",))
    found.one_of(node, "type", pointer, ("rich_text",))
    for item, at in found.items(node, "elements", pointer, 1000, least=1):
        _rich_group(found, item, at)


def _rich_group(found: Findings, node: Json, pointer: str) -> None:
    if not found.is_object(node, pointer):
        return
    kind = node.get("type")
    if kind not in _GROUPS:
        found.add(f"unsupported type: {kind}", f"{pointer}/type")
        return
    required = ("type", "elements", "style") if kind == "rich_text_list" else ("type", "elements")
    found.fields(node, pointer, required, _GROUPS[kind])
    for item, at in found.items(node, "elements", pointer, 10_000, least=0):
        if kind == "rich_text_list":
            _rich_group(found, item, at)
        else:
            _inline(found, item, at)


def _inline(found: Findings, node: Json, pointer: str) -> None:
    if not found.is_object(node, pointer):
        return
    kind = str(node.get("type"))
    if kind not in _INLINE:
        found.add(f"unsupported type: {kind}", f"{pointer}/type")
        return
    required, optional = _INLINE[kind]
    found.fields(node, pointer, ("type", *required), ("style", *optional))
    if kind == "text":
        found.text(node, "text", pointer, limits.POST_TEXT)
    if "style" in node and found.is_object(node["style"], f"{pointer}/style"):
        found.fields(node["style"], f"{pointer}/style", (), _STYLE)
