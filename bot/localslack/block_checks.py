"""One check per kind of block. Source: https://docs.slack.dev/reference/block-kit/blocks

Kinds that exist in Slack but not here (card, carousel, container, data_table, data_visualization, file, video) are
refused as unsupported, so that nothing is sent which was never checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.localslack import composition, element_checks, limits
from bot.localslack.composition import text
from bot.localslack.findings import Check, Findings, Json

_TASK_STATES = ("pending", "in_progress", "complete", "error")


def section(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type",), ("block_id", "text", "fields", "accessory", "expand"))
    if "text" not in node and "fields" not in node:
        found.add("must define either `text` or `fields`", pointer)
    found.child(node, "text", pointer, text(limits.SECTION_TEXT))
    for item, at in found.items(node, "fields", pointer, limits.SECTION_FIELDS):
        if found.is_object(item, at):
            text(limits.SECTION_FIELD)(found, item, at)
    if "accessory" in node:
        found.typed(node["accessory"], f"{pointer}/accessory", element_checks.ACCESSORIES)


def header(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "text"), ("block_id",))
    found.child(node, "text", pointer, text(limits.HEADER_TEXT, plain=True))


def divider(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type",), ("block_id",))


def image(found: Findings, node: Json, pointer: str) -> None:
    composition.image(found, node, pointer, ("block_id", "title"))
    found.child(node, "title", pointer, text(limits.IMAGE_TITLE, plain=True))


def context(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "elements"), ("block_id",))
    checks: Mapping[str, Check] = {
        "mrkdwn": text(limits.SECTION_TEXT),
        "plain_text": text(limits.SECTION_TEXT),
        "image": composition.image,
    }
    for item, at in found.items(node, "elements", pointer, limits.CONTEXT_ELEMENTS):
        found.typed(item, at, checks)


def actions(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "elements"), ("block_id",))
    _elements(found, node, pointer, limits.ACTIONS_ELEMENTS, element_checks.ACTIONS)


def context_actions(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "elements"), ("block_id",))
    _elements(found, node, pointer, limits.CONTEXT_ACTIONS_ELEMENTS, element_checks.CONTEXT_ACTIONS)


def input_(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "label", "element"), ("block_id", "hint", "optional", "dispatch_action"))
    found.child(node, "label", pointer, text(limits.INPUT_LABEL, plain=True))
    found.child(node, "hint", pointer, text(limits.INPUT_HINT, plain=True))
    found.flag(node, "optional", pointer)
    found.flag(node, "dispatch_action", pointer)
    if "element" in node:
        found.typed(node["element"], f"{pointer}/element", element_checks.INPUTS)


def markdown(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "text"), ("block_id",))
    found.text(node, "text", pointer, limits.MARKDOWN_TEXT)


def task_card(found: Findings, node: Json, pointer: str) -> None:
    """On its own in a message: already begun. Inside a plan `task` is used instead."""
    _task(found, node, pointer, ("type", "task_id", "title", "status"))
    if node.get("status") == "pending":
        found.add("must be a valid enum value", f"{pointer}/status")


def plan(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "title"), ("block_id", "tasks"))
    found.text(node, "title", pointer, limits.TASK_TEXT)
    tasks = found.items(node, "tasks", pointer, limits.PLAN_TASKS, least=0)
    for item, at in tasks:
        if found.is_object(item, at):
            _task(found, item, at, ("task_id", "title", "status"))
    named = [(str(task["task_id"]), at) for task, at in tasks if isinstance(task, dict) and "task_id" in task]
    found.unique(named, "task_id")


def _task(found: Findings, node: Json, pointer: str, required: tuple[str, ...]) -> None:
    found.fields(node, pointer, required, ("type", "block_id", "details", "output", "sources"))
    found.one_of(node, "type", pointer, ("task_card",))
    found.text(node, "task_id", pointer, limits.TASK_TEXT)
    found.text(node, "title", pointer, limits.TASK_TEXT)
    found.one_of(node, "status", pointer, _TASK_STATES)
    found.child(node, "details", pointer, composition.rich_text)
    found.child(node, "output", pointer, composition.rich_text)
    for item, at in found.items(node, "sources", pointer, 100, least=0):
        if found.is_object(item, at):
            found.fields(item, at, ("type", "url", "text"))
            found.one_of(item, "type", at, ("url",))
            composition.address(found, item, "url", at, limits.BUTTON_URL)


def table(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "rows"), ("block_id", "column_settings"))
    for row, at in found.items(node, "rows", pointer, limits.TABLE_ROWS):
        for cell, cell_at in found.cells(row, at, limits.TABLE_COLUMNS):
            found.typed(cell, cell_at, _CELLS)
    for item, at in found.items(node, "column_settings", pointer, limits.TABLE_COLUMNS, least=0):
        if item is not None and found.is_object(item, at):
            found.fields(item, at, (), ("align", "is_wrapped"))
            found.one_of(item, "align", at, ("left", "center", "right"))


def _raw_text(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "text"))
    found.text(node, "text", pointer, limits.SECTION_TEXT)


def _raw_number(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "number"), ("text",))


_CELLS: Mapping[str, Check] = {"raw_text": _raw_text, "raw_number": _raw_number, "rich_text": composition.rich_text}


def _elements(found: Findings, node: Json, pointer: str, most: int, checks: Mapping[str, Check]) -> None:
    elements = found.items(node, "elements", pointer, most)
    for item, at in elements:
        found.typed(item, at, checks)
    found.unique(_action_ids(elements), "action_id")


def _action_ids(elements: list[tuple[Any, str]]) -> list[tuple[str, str]]:
    return [(str(item["action_id"]), at) for item, at in elements if isinstance(item, dict) and "action_id" in item]


_EVERYWHERE: Mapping[str, Check] = {
    "actions": actions,
    "context": context,
    "divider": divider,
    "header": header,
    "image": image,
    "input": input_,
    "rich_text": composition.rich_text,
    "section": section,
}
MESSAGE: Mapping[str, Check] = {
    **_EVERYWHERE,
    "context_actions": context_actions,
    "markdown": markdown,
    "plan": plan,
    "table": table,
    "task_card": task_card,
}
MODAL: Mapping[str, Check] = _EVERYWHERE
HOME: Mapping[str, Check] = _EVERYWHERE
