"""What a person does to one interactive element: find it, choose a value, and the action that makes.

Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.localslack.errors import GestureError

Json = dict[str, Any]
_INITIAL = {
    "static_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "multi_static_select": ("initial_options", "selected_options"),
    "checkboxes": ("initial_options", "selected_options"),
    "plain_text_input": ("initial_value", "value"),
    "number_input": ("initial_value", "value"),
    "email_text_input": ("initial_value", "value"),
    "url_text_input": ("initial_value", "value"),
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "users_select": ("initial_user", "selected_user"),
    "multi_users_select": ("initial_users", "selected_users"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
}


def interactive(blocks: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Json]]:
    """Every (block_id, element) a person can act on, in reading order."""
    for block in blocks:
        for element in _within(block):
            yield str(block.get("block_id", "")), element


def _within(node: Any) -> Iterator[Json]:
    if isinstance(node, Mapping):
        if "action_id" in node and "type" in node:
            yield dict(node)
            return
        for child in node.values():
            yield from _within(child)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for child in node:
            yield from _within(child)


def find(blocks: Sequence[Mapping[str, Any]], action_id: str, block_id: str | None, value: Any) -> tuple[str, Json]:
    """The one element meant. ``value`` tells buttons with the same action_id apart.

    Raises GestureError when there is none, or more than one.
    """
    elements = list(interactive(blocks))
    found = [e for e in elements if e[1]["action_id"] == action_id and block_id in (None, e[0])]
    if value is not None and len(found) > 1:
        found = [e for e in found if e[1].get("value") == value]
    if len(found) != 1:
        there = sorted({element["action_id"] for _, element in elements})
        problem = "no element" if not found else f"{len(found)} elements"
        raise GestureError(f"{problem} with action_id {action_id!r} here; there are: {there}")
    return found[0]


def chosen(element: Json, value: Any) -> Json:
    """The element's value after a person chose ``value``: an option's value, a text, an id, a date, or a list."""
    kind = element["type"]
    match kind:
        case "button" | "workflow_button":
            if value is not None and value != element.get("value"):
                raise GestureError(f"this button's value is {element.get('value')!r}, not {value!r}")
            return {"value": element["value"]} if "value" in element else {}
        case "static_select" | "radio_buttons" | "overflow":
            return {"selected_option": _option(element, value)}
        case "multi_static_select" | "checkboxes":
            return {"selected_options": [_option(element, one) for one in value]}
        case "feedback_buttons":
            names = ("positive_button", "negative_button")
            values = [element[name]["value"] for name in names if name in element]
            if value not in values:
                raise GestureError(f"no feedback button with the value {value!r}; there are: {values}")
            return {"value": value}
        case "icon_button":
            return {"value": element["value"]} if "value" in element else {}
        case _ if kind in _INITIAL:
            return {_INITIAL[kind][1]: value}
        case _:
            raise GestureError(f"a person cannot act on an element of type {kind!r} here")


def initial(element: Json) -> Json | None:
    """What an element holds before anyone touched it, in `state.values` form; None when it holds no state."""
    kind = element["type"]
    if kind not in _INITIAL:
        return None
    source, name = _INITIAL[kind]
    empty: Any = [] if name.endswith("s") and name.startswith("selected_") else None
    return {"type": kind, name: element.get(source, empty)}


def is_empty(value: Json) -> bool:
    return all(content in (None, "", []) for name, content in value.items() if name != "type")


def action(block_id: str, element: Json, value: Json, action_ts: str) -> Json:
    """One entry of `actions`."""
    body: Json = {"type": element["type"], "action_id": element["action_id"], "block_id": block_id, **value}
    for name in ("text", "style", "placeholder", "confirm"):
        if name in element:
            body[name] = element[name]
    return body | {"action_ts": action_ts}


def _option(element: Json, value: Any) -> Json:
    options = [*element.get("options", ())]
    for group in element.get("option_groups", ()):
        options.extend(group["options"])
    for option in options:
        if option.get("value") == value:
            return dict(option)
    raise GestureError(f"no option with the value {value!r}; there are: {[o.get('value') for o in options]}")
