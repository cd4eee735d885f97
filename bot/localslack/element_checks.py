"""Interactive elements. Source: https://docs.slack.dev/reference/block-kit/block-elements

File inputs, external selects, workflow buttons and rich text inputs exist in Slack and are refused here as
unsupported: nothing behind them is built.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.localslack import limits
from bot.localslack.composition import address, confirm, image, option, option_group, options, text
from bot.localslack.findings import Check, Findings, Json

_SHARED = ("action_id", "confirm", "focus_on_load", "placeholder")


def _common(found: Findings, node: Json, pointer: str) -> None:
    found.text(node, "action_id", pointer, limits.ACTION_ID)
    found.child(node, "confirm", pointer, confirm)
    found.child(node, "placeholder", pointer, text(limits.PLACEHOLDER, plain=True))
    found.flag(node, "focus_on_load", pointer)


def button(found: Findings, node: Json, pointer: str) -> None:
    known = ("action_id", "url", "value", "style", "confirm", "accessibility_label", "visible_to_user_ids")
    found.fields(node, pointer, ("type", "text"), (*known, "agent_prompt", "agent_prompt_display"))
    _common(found, node, pointer)
    found.child(node, "text", pointer, text(limits.BUTTON_TEXT, plain=True))
    found.text(node, "value", pointer, limits.BUTTON_VALUE, least=0)
    found.text(node, "accessibility_label", pointer, limits.ACCESSIBILITY_LABEL)
    found.one_of(node, "style", pointer, ("primary", "danger"))
    address(found, node, "url", pointer, limits.BUTTON_URL)


def select(found: Findings, node: Json, pointer: str) -> None:
    """static_select and multi_static_select."""
    many = node["type"] == "multi_static_select"
    initial = ("initial_options", "max_selected_items") if many else ("initial_option",)
    found.fields(node, pointer, ("type",), (*_SHARED, "options", "option_groups", *initial))
    _common(found, node, pointer)
    if ("options" in node) == ("option_groups" in node):
        found.add("must define exactly one of `options` and `option_groups`", pointer)
    options(found, node, "options", pointer, limits.OPTIONS)
    for item, at in found.items(node, "option_groups", pointer, limits.OPTION_GROUPS):
        if found.is_object(item, at):
            option_group(found, item, at)
    _initial(found, node, pointer)


def choice(found: Findings, node: Json, pointer: str) -> None:
    """radio_buttons and checkboxes."""
    initial = "initial_options" if node["type"] == "checkboxes" else "initial_option"
    found.fields(node, pointer, ("type", "options"), ("action_id", "confirm", "focus_on_load", initial))
    _common(found, node, pointer)
    options(found, node, "options", pointer, limits.CHOICE_OPTIONS)
    _initial(found, node, pointer)


def overflow(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "options"), ("action_id", "confirm"))
    _common(found, node, pointer)
    options(found, node, "options", pointer, limits.OVERFLOW_OPTIONS)


def picker(*initial: str) -> Check:
    """A date, time, person or conversation picker with these fields of its own."""

    def check(found: Findings, node: Json, pointer: str) -> None:
        found.fields(node, pointer, ("type",), (*_SHARED, *initial))
        _common(found, node, pointer)

    return check


def plain_text_input(found: Findings, node: Json, pointer: str) -> None:
    lengths = ("multiline", "min_length", "max_length")
    found.fields(
        node, pointer, ("type",), (*_SHARED[:1], *_SHARED[2:], "initial_value", "dispatch_action_config", *lengths)
    )
    _common(found, node, pointer)
    most = node.get("max_length", limits.INPUT_LENGTH)
    if not isinstance(most, int) or not 1 <= most <= limits.INPUT_LENGTH:
        found.add(f"must be between 1 and {limits.INPUT_LENGTH}", f"{pointer}/max_length")
        return
    found.text(node, "initial_value", pointer, most, least=0)
    found.flag(node, "multiline", pointer)


def number_input(found: Findings, node: Json, pointer: str) -> None:
    bounds = ("min_value", "max_value", "initial_value", "dispatch_action_config")
    found.fields(node, pointer, ("type", "is_decimal_allowed"), (*_SHARED[:1], *_SHARED[2:], *bounds))
    _common(found, node, pointer)
    found.flag(node, "is_decimal_allowed", pointer)


def feedback_buttons(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("type", "positive_button", "negative_button"), ("action_id",))
    _common(found, node, pointer)
    for name in ("positive_button", "negative_button"):
        found.child(node, name, pointer, _feedback_button)


def _feedback_button(found: Findings, node: Json, pointer: str) -> None:
    found.fields(node, pointer, ("text", "value"), ("accessibility_label",))
    found.child(node, "text", pointer, text(limits.BUTTON_TEXT, plain=True))
    found.text(node, "value", pointer, limits.BUTTON_VALUE)


def icon_button(found: Findings, node: Json, pointer: str) -> None:
    known = ("action_id", "value", "confirm", "accessibility_label", "visible_to_user_ids")
    found.fields(node, pointer, ("type", "icon", "text"), known)
    _common(found, node, pointer)
    found.one_of(node, "icon", pointer, ("trash",))
    found.child(node, "text", pointer, text(limits.BUTTON_TEXT, plain=True))
    found.text(node, "value", pointer, limits.BUTTON_VALUE)


def _initial(found: Findings, node: Json, pointer: str) -> None:
    found.child(node, "initial_option", pointer, option)
    given = node.get("options", [])
    if "initial_option" in node and "options" in node and node["initial_option"] not in given:
        found.add("must be one of the provided options", f"{pointer}/initial_option")
    for item, at in found.items(node, "initial_options", pointer, limits.OPTIONS):
        if "options" in node and item not in given:
            found.add("must be one of the provided options", at)


_PICKERS: Mapping[str, Check] = {
    "datepicker": picker("initial_date"),
    "timepicker": picker("initial_time", "timezone"),
    "datetimepicker": picker("initial_date_time"),
    "users_select": picker("initial_user"),
    "multi_users_select": picker("initial_users", "max_selected_items"),
    "channels_select": picker("initial_channel", "response_url_enabled"),
    "multi_channels_select": picker("initial_channels", "max_selected_items"),
    "conversations_select": picker(
        "initial_conversation", "default_to_current_conversation", "filter", "response_url_enabled"
    ),
    "multi_conversations_select": picker(
        "initial_conversations", "default_to_current_conversation", "filter", "max_selected_items"
    ),
}
_CHOICES: Mapping[str, Check] = {
    "static_select": select,
    "multi_static_select": select,
    "radio_buttons": choice,
    "checkboxes": choice,
}
_TEXT_INPUT = picker("initial_value", "dispatch_action_config")

ACTIONS: Mapping[str, Check] = {"button": button, "overflow": overflow, **_CHOICES, **_PICKERS}
ACCESSORIES: Mapping[str, Check] = {"image": image, **ACTIONS}
CONTEXT_ACTIONS: Mapping[str, Check] = {"feedback_buttons": feedback_buttons, "icon_button": icon_button}
INPUTS: Mapping[str, Check] = {
    "plain_text_input": plain_text_input,
    "number_input": number_input,
    "email_text_input": _TEXT_INPUT,
    "url_text_input": _TEXT_INPUT,
    **_CHOICES,
    **_PICKERS,
}
