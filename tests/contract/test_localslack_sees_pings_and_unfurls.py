"""What an app's text does to people is recorded: whom it notifies, which links go live, what Slack fetches."""

from __future__ import annotations

from typing import Any

import pytest

from bot.localslack import LocalSlack
from tests.contract.localslack_app import manifest, web_client

QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
SECTION = "section"


def block(kind: str, text: str) -> dict[str, Any]:
    if kind == "markdown":
        return {"type": "markdown", "text": text}
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize("where", ["text", "section", "markdown"])
@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("<!channel>", "channel", "channel"),
        ("<!here|here>", "here", "here"),
        ("`<!everyone>`", "everyone", "everyone"),
        ("<!subteam^S123|@admins>", "subteam", "S123"),
        ("<@U123>", "user", "U123"),
        ("<@U123|bob>", "user", "U123"),
    ],
)
async def test_a_live_mention_is_seen_wherever_it_stands(where: str, text: str, kind: str, target: str) -> None:
    async with LocalSlack(manifest()) as slack:
        channel = slack.add_channel("general")
        content: dict[str, Any] = {"text": text} if where == "text" else {"text": "x", "blocks": [block(where, text)]}
        await web_client(slack).chat_postMessage(channel=channel, **content, **QUIET)
        [ping] = slack.pings
        assert (ping.sequence.kind, ping.sequence.target) == (kind, target)


async def test_escaped_text_and_plain_text_notify_nobody() -> None:
    async with LocalSlack(manifest()) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": f"<@{alice}> <!here>"}}]
        text = f"&lt;@{alice}&gt; &lt;!channel&gt; @here a < b > c <not one>"
        await web_client(slack).chat_postMessage(channel=channel, text=text, blocks=blocks, **QUIET)
        await slack.say(alice, channel, f"<!channel> people may, <@{alice}>")
        assert list(slack.pings) == []
        await web_client(slack).chat_postMessage(channel=channel, text="@here", link_names=True, **QUIET)
        assert [ping.sequence.kind for ping in slack.pings] == ["here"]


async def test_updates_ephemerals_and_rich_text_are_looked_at_too() -> None:
    async with LocalSlack(manifest()) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        client = web_client(slack)
        ts = (await client.chat_postMessage(channel=channel, text="x", **QUIET))["ts"]
        await client.chat_update(channel=channel, ts=ts, text="<!here>")
        await client.chat_postEphemeral(channel=channel, user=alice, text="<!channel>")
        elements = [{"type": "user", "user_id": alice}, {"type": "broadcast", "range": "everyone"}]
        rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}
        await client.chat_postMessage(channel=channel, text="x", blocks=[rich], **QUIET)
        assert [ping.sequence.kind for ping in slack.pings] == ["here", "channel", "user", "everyone"]


async def test_links_with_another_face_are_recorded() -> None:
    async with LocalSlack(manifest()) as slack:
        channel = slack.add_channel("general")
        await web_client(slack).chat_postMessage(
            channel=channel,
            text="<https://evil.example|https://good.example>",
            blocks=[block("markdown", "[good](https://evil.example/2)")],
            **QUIET,
        )
        assert [(link.sequence.target, link.sequence.label) for link in slack.links] == [
            ("https://evil.example", "https://good.example"),
            ("https://evil.example/2", "good"),
        ]


async def test_slackbot_fetches_whatever_the_app_leaves_it_free_to() -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        channel = slack.add_channel("general")
        client = web_client(slack)
        leak = "see https://evil.example/?q=secret"
        await client.chat_postMessage(channel=channel, text=leak, **QUIET)
        await client.chat_postMessage(channel=channel, text="x", blocks=[block("markdown", leak)], **QUIET)
        assert list(slack.unfurled) == []
        await client.chat_postMessage(channel=channel, text=leak)
        await client.chat_postMessage(channel=channel, text=leak, unfurl_links=False)
        await client.chat_postMessage(channel=channel, text="x", blocks=[block(SECTION, leak)], unfurl_media=False)
        assert [unfurl.url for unfurl in slack.unfurled] == ["https://evil.example/?q=secret"] * 3
