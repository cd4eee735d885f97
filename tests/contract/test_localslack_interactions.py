"""Clicks, slash commands and modals make the round trip through a real Bolt app, within Slack's limits on each."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.localslack import GestureError, LocalSlack
from tests.contract.localslack_app import bolt, manifest, web_client

ASK: list[dict[str, Any]] = [
    {"type": "section", "block_id": "ask", "text": {"type": "mrkdwn", "text": "Run `make`?"}},
    {
        "type": "actions",
        "block_id": "decide",
        "elements": [
            {"type": "button", "action_id": "deny", "text": {"type": "plain_text", "text": "Deny"}, "value": "7"},
            {"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Approve"}, "value": "7"},
        ],
    },
]
FORM: dict[str, Any] = {
    "type": "modal",
    "callback_id": "secret",
    "private_metadata": "m",
    "title": {"type": "plain_text", "text": "New secret"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "v"},
        },
        {
            "type": "input",
            "block_id": "kind",
            "optional": True,
            "label": {"type": "plain_text", "text": "Kind"},
            "element": {
                "type": "static_select",
                "action_id": "v",
                "options": [{"text": {"type": "plain_text", "text": k}, "value": k} for k in ("token", "key")],
            },
        },
    ],
}


async def test_a_click_reaches_the_app_and_changes_the_message_it_was_on() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.action("approve")
        async def approve(ack: Any, body: Any, client: Any) -> None:
            await ack()
            await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="approved")

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        root = await slack.say(alice, channel, "do it")
        posted = await web_client(slack).chat_postMessage(channel=channel, thread_ts=root, text="?", blocks=ASK)
        await slack.click(alice, channel, posted["ts"], "approve")
        await slack.wait_for(lambda s: s.message(channel, posted["ts"]).edited, 5)
        card = slack.message(channel, posted["ts"])
        assert (card.text, card.blocks) == ("approved", ())
        [body] = heard.of("block_actions")
        assert body["container"]["thread_ts"] == root
        assert body["user"]["id"] == alice
        [action] = body["actions"]
        assert (action["block_id"], action["value"], action["type"]) == ("decide", "7", "button")
        with pytest.raises(GestureError):
            await slack.click(alice, channel, posted["ts"], "approve")


async def test_a_response_url_answers_five_times_and_replaces_an_ephemeral_message() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.action("approve")
        async def approve(ack: Any) -> None:
            await ack()

        alice, bob = slack.add_user("alice"), slack.add_user("bob")
        channel = slack.add_channel("general", [alice, bob])
        client = web_client(slack)
        shown = await client.chat_postEphemeral(channel=channel, user=alice, text="only you", blocks=ASK)
        with pytest.raises(GestureError, match="does not see"):
            await slack.click(bob, channel, shown["message_ts"], "approve")
        await slack.click(alice, channel, shown["message_ts"], "approve")
        [body] = await heard.wait("block_actions")
        assert body["container"]["is_ephemeral"] is True
        assert "message" not in body
        async with aiohttp.ClientSession() as session:
            answers = []
            for number in range(6):
                given = {"replace_original": True, "text": f"answer {number}"}
                async with session.post(body["response_url"], json=given) as answer:
                    answers.append(answer.status)
        assert answers == [200] * 5 + [404]
        [message] = [m for m in slack.messages(channel) if m.ephemeral_to]
        assert message.text == "answer 4"
        history = await client.conversations_history(channel=channel)
        assert history["messages"] == []


async def test_a_command_is_answered_in_its_acknowledgement_for_one_person_only() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.command("/agent")
        async def agent(ack: Any, command: Any) -> None:
            await ack(text=f"you said {command['text']}")

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        await slack.command(alice, channel, "/agent", "status")
        [message] = await slack.wait_for(lambda s: s.messages(channel), 5)
        assert (message.text, message.ephemeral_to) == ("you said status", alice)
        [payload] = slack.ack_payloads.values()
        assert payload["text"] == message.text
        [body] = heard.of("/agent")
        assert body["is_enterprise_install"] == "false"


async def test_a_modal_is_opened_refused_field_by_field_and_closed() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.command("/agent")
        async def agent(ack: Any, command: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=FORM)

        @app.view("secret")
        async def save(ack: Any, view: Any) -> None:
            name = view["state"]["values"]["name"]["v"]["value"]
            if name == "taken":
                await ack(response_action="errors", errors={"name": "is taken"})
            else:
                await ack()

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        await slack.command(alice, channel, "/agent", "secret")
        await slack.wait_for(lambda s: s.open_views(alice), 5)
        with pytest.raises(GestureError, match="'name' is required"):
            await slack.submit_view(alice)
        await slack.submit_view(alice, {"name": "taken", "kind": "key"})
        assert await slack.wait_for(lambda s: s.open_views(alice)[0].errors, 5) == {"name": "is taken"}
        await slack.submit_view(alice, {"name": "free"})
        await slack.wait_for(lambda s: not s.open_views(alice), 5)
        last = heard.of("view_submission")[-1]["view"]
        assert last["state"]["values"]["kind"]["v"]["selected_option"]["value"] == "key"
        assert (last["callback_id"], last["private_metadata"]) == ("secret", "m")


async def test_a_trigger_opens_one_view_within_three_seconds() -> None:
    now = [1_732_160_000.0]
    async with LocalSlack(manifest(), clock=lambda: now[0]) as slack, bolt(slack) as (app, heard, _):

        @app.command("/agent")
        async def agent(ack: Any) -> None:
            await ack()

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        client = web_client(slack)
        await slack.command(alice, channel, "/agent")
        await slack.command(alice, channel, "/agent")
        triggers = [body["trigger_id"] for body in await heard.wait("/agent", 2)]
        await client.views_open(trigger_id=triggers[0], view=FORM)
        for trigger, error in ((triggers[0], "exchanged_trigger_id"), ("made.up", "invalid_trigger_id")):
            with pytest.raises(SlackApiError, match=error):
                await client.views_open(trigger_id=trigger, view=FORM)
        now[0] += 3.1
        with pytest.raises(SlackApiError, match="expired_trigger_id"):
            await client.views_open(trigger_id=triggers[1], view=FORM)


async def test_an_open_modal_is_updated_by_hash_and_a_home_tab_is_published_and_clicked() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.command("/agent")
        async def agent(ack: Any, command: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=FORM)

        @app.action("approve")
        async def approve(ack: Any) -> None:
            await ack()

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        client = web_client(slack)
        await slack.command(alice, channel, "/agent")
        [view] = await slack.wait_for(lambda s: s.open_views(alice), 5)
        with pytest.raises(SlackApiError, match="hash_conflict"):
            await client.views_update(view_id=view.id, hash="old", view=FORM)
        await client.views_update(view_id=view.id, hash=view.hash, view={**FORM, "callback_id": "other"})
        assert slack.open_views(alice)[0].content["callback_id"] == "other"
        await client.views_publish(user_id=alice, view={"type": "home", "blocks": ASK})
        await slack.open_home(alice)
        [opened] = await heard.wait("app_home_opened")
        assert opened["event"]["view"]["type"] == "home"
        await slack.click_view(alice, "approve", home=True)
        [body] = await heard.wait("block_actions")
        assert body["view"]["type"] == "home"


async def test_an_acknowledgement_slack_cannot_show_is_an_error_to_the_person_and_breaks_nothing_else() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, _, _):

        @app.command("/agent")
        async def agent(ack: Any, command: Any, client: Any) -> None:
            if command["text"] == "modal":
                await ack()
                await client.views_open(trigger_id=command["trigger_id"], view=FORM)
            else:
                await ack(blocks=[{"type": "header"}], text="x")

        @app.view("secret")
        async def save(ack: Any) -> None:
            await ack(response_action="update", view={"type": "modal", "title": "no object", "blocks": []})

        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        await slack.command(alice, channel, "/agent", "broken")
        await slack.wait_for(lambda s: len(s.notices) == 1, 5)
        await slack.command(alice, channel, "/agent", "modal")
        await slack.wait_for(lambda s: s.open_views(alice), 5)
        await slack.submit_view(alice, {"name": "x"})
        await slack.wait_for(lambda s: len(s.notices) == 2, 5)
        assert [notice.what for notice in slack.notices] == ["command", "submission"]
        assert (slack.messages(channel), slack.sockets, len(slack.open_views(alice))) == ([], 1, 1)
