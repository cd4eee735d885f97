"""One of each block the page draws, and one it does not."""

from __future__ import annotations

from typing import Any


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def options(*values: str) -> list[dict[str, Any]]:
    return [{"text": plain(value.title()), "value": value} for value in values]


def rich(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def blocks() -> list[dict[str, Any]]:
    return [
        {"type": "header", "text": plain("Deploy to production?")},
        {
            "type": "section",
            "text": mrkdwn(
                "*Bold*, _italic_, ~struck~, `code &lt;b&gt;`, <https://example.com|a link> :warning:\n&gt; quoted"
            ),
            "fields": [mrkdwn("*Branch*\nmain"), mrkdwn("*Commit*\n`4f2a91c`")],
            "accessory": {"type": "overflow", "action_id": "more", "options": options("logs", "diff")},
        },
        {"type": "divider"},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "go", "value": "1", "style": "primary", "text": plain("Approve")},
                {"type": "button", "action_id": "no", "value": "1", "style": "danger", "text": plain("Deny")},
                {
                    "type": "static_select",
                    "action_id": "pick",
                    "placeholder": plain("Where to"),
                    "options": options("staging", "production"),
                },
                {"type": "datepicker", "action_id": "when", "placeholder": plain("When")},
            ],
        },
        {
            "type": "plan",
            "title": "3 steps",
            "tasks": [
                {"task_id": "a", "title": "Build", "status": "complete"},
                {
                    "task_id": "b",
                    "title": "Test",
                    "status": "error",
                    "details": rich("make test"),
                    "output": rich("1 failed"),
                },
                {"task_id": "c", "title": "Deploy", "status": "pending"},
            ],
        },
        {
            "type": "markdown",
            "text": "A `code &lt;b&gt; &amp;amp;`, a &lt;b>, **bold**, ~~old~~\n\n1. one\n2. two\n\n"
            "| a | b |\n|---|--:|\n| x | 1 |",
        },
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_list", "style": "bullet", "elements": [rich("an item")["elements"][0]]},
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "make deploy"}]},
            ],
        },
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a chart"},
        {"type": "context", "elements": [mrkdwn("asked by <@U0LOCAL002>"), plain("turn 3")]},
        {
            "type": "context_actions",
            "elements": [
                {
                    "type": "feedback_buttons",
                    "action_id": "feedback",
                    "positive_button": {"text": plain("Good"), "value": "good"},
                    "negative_button": {"text": plain("Bad"), "value": "bad"},
                }
            ],
        },
    ]


FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "schedule",
    "title": plain("New schedule"),
    "submit": plain("Save"),
    "close": plain("Never mind"),
    "blocks": [
        {"type": "section", "text": mrkdwn("Runs *unattended*.")},
        {
            "type": "input",
            "block_id": "name",
            "label": plain("Name"),
            "hint": plain("Shown in the channel"),
            "element": {"type": "plain_text_input", "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "what",
            "optional": True,
            "label": plain("What to do"),
            "element": {"type": "plain_text_input", "action_id": "v", "multiline": True, "initial_value": "tidy up"},
        },
        {
            "type": "input",
            "block_id": "where",
            "label": plain("Where"),
            "element": {
                "type": "static_select",
                "action_id": "v",
                "placeholder": plain("Choose"),
                "options": options("here", "there"),
            },
        },
        {
            "type": "input",
            "block_id": "days",
            "optional": True,
            "label": plain("Days"),
            "element": {"type": "checkboxes", "action_id": "v", "options": options("monday", "friday")},
        },
        {
            "type": "input",
            "block_id": "late",
            "label": plain("If late"),
            "element": {
                "type": "radio_buttons",
                "action_id": "v",
                "initial_option": options("run")[0],
                "options": options("run", "skip"),
            },
        },
    ],
}
HOME: dict[str, Any] = {
    "type": "home",
    "blocks": [
        {"type": "header", "text": plain("Your sessions")},
        {
            "type": "section",
            "text": mrkdwn("Nothing waits for you."),
            "accessory": {"type": "button", "action_id": "refresh", "value": "1", "text": plain("Refresh")},
        },
    ],
}
