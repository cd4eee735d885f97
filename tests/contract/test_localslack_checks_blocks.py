"""Block Kit is refused where Slack refuses it, with a pointer to the place, and taken at exactly the limit."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.localslack import LocalSlack, limits
from bot.localslack.blocks import message_errors, view_errors
from tests.contract.localslack_app import manifest, web_client

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x") -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(action_id: str = "a", text: str = "x", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def options(count: int, value: str = "v", text: str = "t") -> list[Json]:
    return [{"text": plain(text), "value": f"{value}{n}"} for n in range(count)]


def select(count: int) -> Json:
    return {"type": "static_select", "action_id": "s", "options": options(count)}


def task(number: int = 1, **more: Any) -> Json:
    return {"type": "task_card", "task_id": f"t{number}", "title": "Read", "status": "in_progress", **more}


def plan(count: int) -> Json:
    return {"type": "plan", "title": "Working", "tasks": [task(n) for n in range(count)]}


def table(rows: int, columns: int) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "c"}] * columns for _ in range(rows)]}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


LIMITS: list[tuple[str, Json, Json, str]] = [
    # what, at the limit, one over it, where Slack points
    ("section text", section("x" * 3000), section("x" * 3001), "/blocks/0/text/text"),
    (
        "section fields",
        {"type": "section", "fields": [mrkdwn("x")] * 10},
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "/blocks/0/fields",
    ),
    (
        "section field",
        {"type": "section", "fields": [mrkdwn("x" * 2000)]},
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "/blocks/0/fields/0/text",
    ),
    (
        "header",
        {"type": "header", "text": plain("x" * 150)},
        {"type": "header", "text": plain("x" * 151)},
        "/blocks/0/text/text",
    ),
    (
        "context",
        {"type": "context", "elements": [mrkdwn("x")] * 10},
        {"type": "context", "elements": [mrkdwn("x")] * 11},
        "/blocks/0/elements",
    ),
    (
        "actions",
        actions(*(button(str(n)) for n in range(25))),
        actions(*(button(str(n)) for n in range(26))),
        "/blocks/0/elements",
    ),
    ("button text", actions(button(text="x" * 75)), actions(button(text="x" * 76)), "/blocks/0/elements/0/text/text"),
    (
        "button value",
        actions(button(value="x" * 2000)),
        actions(button(value="x" * 2001)),
        "/blocks/0/elements/0/value",
    ),
    ("action_id", actions(button("x" * 255)), actions(button("x" * 256)), "/blocks/0/elements/0/action_id"),
    ("options", actions(select(100)), actions(select(101)), "/blocks/0/elements/0/options"),
    (
        "markdown",
        {"type": "markdown", "text": "x" * 12000},
        {"type": "markdown", "text": "x" * 12001},
        "/blocks/0/text",
    ),
    ("plan", plan(50), plan(51), "/blocks/0/tasks"),
    ("task title", task(title="x" * 256), task(title="x" * 257), "/blocks/0/title"),
    ("table rows", table(100, 1), table(101, 1), "/blocks/0/rows"),
    ("table columns", table(1, 20), table(1, 21), "/blocks/0/rows/0"),
    ("block_id", {**section(), "block_id": "x" * 255}, {**section(), "block_id": "x" * 256}, "/blocks/0/block_id"),
]


@pytest.mark.parametrize(("what", "fits", "over", "pointer"), LIMITS, ids=[row[0] for row in LIMITS])
def test_a_limit_is_taken_and_one_more_is_refused_where_it_is(what: str, fits: Json, over: Json, pointer: str) -> None:
    assert message_errors([fits]) == []
    [error] = message_errors([over])
    assert error.endswith(f"[json-pointer:{pointer}]")


REFUSED: list[tuple[str, list[Json]]] = [
    ("missing required field: text [json-pointer:/blocks/0]", [{"type": "header"}]),
    ("must define either `text` or `fields` [json-pointer:/blocks/0]", [{"type": "section"}]),
    ("invalid additional property: colour [json-pointer:/blocks/0]", [{**section(), "colour": "red"}]),
    ("unsupported type: blink [json-pointer:/blocks/0/type]", [{"type": "blink"}]),
    ("missing required field: type [json-pointer:/blocks/0]", [{"text": "x"}]),
    ("must be more than 0 characters [json-pointer:/blocks/0/text/text]", [section("")]),
    ("must be a valid enum value [json-pointer:/blocks/0/text/type]", [{"type": "header", "text": mrkdwn("x")}]),
    ("no fewer than 1 items allowed [json-pointer:/blocks/0/elements]", [actions()]),
    ('`action_id` "a" already exists [json-pointer:/blocks/0/elements/1]', [actions(button(), button())]),
    ('`block_id` "b" already exists [json-pointer:/blocks/1]', [{**section(), "block_id": "b"}] * 2),
    ("must be a valid enum value [json-pointer:/blocks/0/status]", [task(status="pending")]),
    ('`task_id` "t1" already exists [json-pointer:/blocks/0/tasks/1]', [{**plan(0), "tasks": [task(1), task(1)]}]),
    ("only_one_table_allowed [json-pointer:/blocks]", [table(1, 1), table(1, 1)]),
    ("unsupported type: nope [json-pointer:/blocks/0/elements/0/elements/0/type]", [rich({"type": "nope"})]),
    (
        "unsupported type: button [json-pointer:/blocks/0/elements/0/type]",
        [{"type": "context", "elements": [button()]}],
    ),
    ("no more than 50 items allowed [json-pointer:/blocks]", [section()] * 51),
]


@pytest.mark.parametrize(("error", "blocks"), REFUSED, ids=[row[0].partition(" [")[0] for row in REFUSED])
def test_what_slack_does_not_take_is_named(error: str, blocks: list[Json]) -> None:
    assert message_errors(blocks) == [error]


def test_the_blocks_an_agents_message_is_made_of_are_taken() -> None:
    details = rich({"type": "text", "text": "make test", "style": {"code": True}})
    confirm = {"title": plain("Sure?"), "text": plain("It runs."), "confirm": plain("Run"), "deny": plain("No")}
    blocks = [
        {
            "type": "plan",
            "title": "Working",
            "tasks": [task(1, details=details, output=details), task(2, status="pending")],
        },
        {"type": "markdown", "text": "# Done\n- it *works*"},
        {"type": "context", "elements": [mrkdwn("12 s"), plain("3 tokens")]},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]}],
        },
        {"type": "divider"},
        {**section("pick"), "accessory": select(3)},
        actions(button("stop", style="danger", value="1", confirm=confirm), button("more", url="https://example.com")),
        table(2, 2),
    ]
    assert message_errors(blocks) == []


def test_a_modal_needs_what_slack_needs() -> None:
    field = {
        "type": "input",
        "label": plain("Name"),
        "element": {"type": "plain_text_input", "action_id": "v", "max_length": 10},
    }
    modal: Json = {"type": "modal", "title": plain("T"), "submit": plain("Save"), "blocks": [field]}
    assert view_errors(modal, "modal") == []
    for change, error in (
        ({"title": plain("x" * 25)}, "must be less than 25 characters [json-pointer:/view/title/text]"),
        ({"private_metadata": "x" * 3001}, "must be less than 3001 characters [json-pointer:/view/private_metadata]"),
        (
            {"blocks": [{"type": "markdown", "text": "x"}]},
            "unsupported type: markdown [json-pointer:/view/blocks/0/type]",
        ),
        ({"blocks": []}, "no fewer than 1 items allowed [json-pointer:/view/blocks]"),
        ({"type": "home"}, "must be a valid enum value [json-pointer:/view/type]"),
    ):
        assert view_errors({**modal, **change}, "modal") == [error]
    del modal["submit"]
    assert view_errors(modal, "modal") == ["missing required field: submit [json-pointer:/view]"]


async def test_the_api_answers_with_the_pointers_and_the_undocumented_total() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        channel = slack.add_channel("general")
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=channel, text="x", blocks=[{"type": "header"}])
        answer = refused.value.response
        assert answer["error"] == "invalid_blocks"
        assert answer["errors"] == ["missing required field: text [json-pointer:/blocks/0]"]
        assert answer["response_metadata"]["messages"] == [f"[ERROR] {answer['errors'][0]}"]
        full = [section("x" * 3000)] * 4
        assert limits.MESSAGE_BLOCK_CHARACTERS == 12_000
        posted = await client.chat_postMessage(channel=channel, text="x", blocks=full)
        assert len({block["block_id"] for block in posted["message"]["blocks"]}) == 4
        with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
            await client.chat_postMessage(channel=channel, text="x", blocks=[*full, section()])
