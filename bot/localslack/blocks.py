"""Block Kit as Slack takes it: what is wrong with blocks or a view, and the ids Slack adds to what is right.

Sources: https://docs.slack.dev/block-kit and https://docs.slack.dev/reference/views
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from bot.localslack import block_checks, limits
from bot.localslack.composition import text
from bot.localslack.errors import ApiError
from bot.localslack.findings import Check, Findings, Json

_NO_ACTION_ID = frozenset({"image", "mrkdwn", "plain_text"})


def message_errors(blocks: Any) -> list[str]:
    """What Slack would refuse about a message's blocks, pointers from "/blocks". [] when it would take them."""
    found = Findings()
    _blocks(found, {"blocks": blocks}, "", limits.MESSAGE_BLOCKS, block_checks.MESSAGE, least=0)
    if not isinstance(blocks, list):
        return found.errors
    kinds = [block.get("type") for block in blocks if isinstance(block, dict)]
    if kinds.count("table") > limits.MESSAGE_TABLES:
        found.add("only_one_table_allowed", "/blocks")
    prose = [len(block["text"]) for block in blocks if _is_markdown(block)]
    if max(prose, default=0) <= limits.MARKDOWN_TEXT < sum(prose):
        found.add(f"must be less than {limits.MARKDOWN_TEXT + 1} characters in all markdown blocks", "/blocks")
    return found.errors


def check_message_blocks(blocks: Any) -> list[Json]:
    """The blocks with the ids Slack adds. Raises ApiError as `chat.postMessage` answers."""
    if not isinstance(blocks, list):
        raise ApiError("invalid_blocks_format")
    errors = message_errors(blocks)
    if errors:
        messages = [f"[ERROR] {error}" for error in errors]
        raise ApiError("invalid_blocks", errors=errors, response_metadata={"messages": messages})
    if sum(len(piece) for piece in _texts(blocks)) > limits.MESSAGE_BLOCK_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return [_with_ids(block) for block in blocks]


def view_errors(view: Any, kind: Literal["modal", "home"]) -> list[str]:
    """What Slack would refuse about a view, pointers from "/view"."""
    found = Findings()
    if not found.is_object(view, "/view"):
        return found.errors
    found.one_of(view, "type", "/view", (kind,))
    shared = ("private_metadata", "callback_id", "external_id")
    if kind == "modal":
        modal = ("submit", "close", "clear_on_close", "notify_on_close", "submit_disabled")
        found.fields(view, "/view", ("type", "title", "blocks"), (*shared, *modal))
        for name in ("title", "submit", "close"):
            found.child(view, name, "/view", text(limits.VIEW_TITLE, plain=True))
        has_input = any(isinstance(b, dict) and b.get("type") == "input" for b in _list(view.get("blocks")))
        if has_input and "submit" not in view:
            found.add("missing required field: submit", "/view")
    else:
        found.fields(view, "/view", ("type", "blocks"), shared)
    found.text(view, "private_metadata", "/view", limits.PRIVATE_METADATA, least=0)
    found.text(view, "callback_id", "/view", limits.CALLBACK_ID, least=0)
    found.text(view, "external_id", "/view", limits.EXTERNAL_ID, least=0)
    checks = block_checks.MODAL if kind == "modal" else block_checks.HOME
    _blocks(found, view, "/view", limits.VIEW_BLOCKS, checks, least=1 if kind == "modal" else 0)
    return found.errors


def check_view(view: Any, kind: Literal["modal", "home"]) -> Json:
    """The view with the ids Slack adds. Raises ApiError as `views.open` answers."""
    errors = view_errors(view, kind)
    if errors:
        messages = [f"[ERROR] {error}" for error in errors]
        raise ApiError("invalid_arguments", response_metadata={"messages": messages})
    if len(json.dumps(view).encode()) > limits.VIEW_BYTES:
        raise ApiError("view_too_large")
    return {**view, "blocks": [_with_ids(block) for block in view["blocks"]]}


def _blocks(found: Findings, node: Json, pointer: str, most: int, checks: Mapping[str, Check], least: int) -> None:
    blocks = found.items(node, "blocks", pointer, most, least)
    for block, at in blocks:
        found.typed(block, at, checks)
        if isinstance(block, dict):
            found.text(block, "block_id", at, limits.BLOCK_ID, least=0)
    named = [(b["block_id"], at) for b, at in blocks if isinstance(b, dict) and isinstance(b.get("block_id"), str)]
    found.unique([(name, at) for name, at in named if name], "block_id")


def _with_ids(block: Json) -> Json:
    """A copy with a block_id, and an action_id on every element that can have one."""
    copied: Json = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    if copied["type"] in ("actions", "context_actions"):
        copied["elements"] = [_with_action_id(element) for element in copied["elements"]]
    for name in ("accessory", "element"):
        if name in copied:
            copied[name] = _with_action_id(copied[name])
    return copied


def _with_action_id(element: Json) -> Json:
    if element["type"] in _NO_ACTION_ID or element.get("action_id"):
        return element
    return {**element, "action_id": secrets.token_urlsafe(4)}


def _texts(node: Any) -> Iterator[str]:
    """Every text a reader would see."""
    if isinstance(node, dict):
        for name, child in node.items():
            if isinstance(child, str) and name in ("text", "title", "alt_text"):
                yield child
            elif not isinstance(child, str):
                yield from _texts(child)
    elif isinstance(node, list):
        for child in node:
            yield from _texts(child)


def _is_markdown(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "markdown" and isinstance(block.get("text"), str)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
