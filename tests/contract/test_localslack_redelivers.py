"""An event is delivered until it is acknowledged or Slack gives up; an interaction is delivered once."""

from __future__ import annotations

import pytest

from bot.localslack import GestureError, LocalSlack
from tests.contract.localslack_app import bolt, manifest, web_client


async def test_an_acknowledged_event_is_not_sent_again() -> None:
    async with LocalSlack(manifest(), redelivery_s=(0.1, 0.1)) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        await slack.say(alice, channel, "one")
        await slack.wait_for(lambda s: len(s.acks) == 1 and not s.unacked, 5)
        await slack.say(alice, channel, "two, well after a retry of one would have come")
        await slack.wait_for(lambda s: len(s.acks) == 2, 5)
        assert [body["event"]["text"][:3] for body in heard.of("message")] == ["one", "two"]
        assert all(latency < 2 for latency in slack.acks.values())


async def test_an_unacknowledged_event_returns_with_the_same_event_id_then_is_lost() -> None:
    async with LocalSlack(manifest(), redelivery_s=(0.05, 0.05)) as slack:
        async with bolt(slack, acknowledge=False) as (_, heard, _):
            alice = slack.add_user("alice")
            channel = slack.add_channel("general", [alice])
            await slack.say(alice, channel, "hello?")
            bodies = await heard.wait("message", 3)
            await slack.wait_for(lambda s: s.lost_events, 10)
            assert len({body["event_id"] for body in bodies}) == 1
            assert [retry for _, _, retry in heard.requests] == [None, "1", "2"]
            assert list(slack.lost_events) == [bodies[0]["event_id"]]


async def test_events_wait_for_a_socket_and_are_lost_only_after_the_last_retry() -> None:
    async with LocalSlack(manifest(), redelivery_s=(30.0,)) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        for number in range(3):
            await slack.say(alice, channel, f"before anyone listens {number}")
        async with bolt(slack) as (_, heard, _):
            bodies = await heard.wait("message", 3)
            assert [body["event"]["text"][-1] for body in bodies] == ["0", "1", "2"]


async def test_any_event_can_be_repeated_by_id_or_by_message() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        ts = await slack.say(alice, channel, f"<@{slack.bot_user_id}> once")
        [mention] = await heard.wait("app_mention")
        assert slack.redeliver(mention["event_id"]) == 1
        assert slack.redeliver(ts, retry_attempt=0) == 2
        mentions = await heard.wait("app_mention", 3)
        assert len({body["event_id"] for body in mentions}) == 1
        await slack.wait_for(lambda s: len(s.acks) == 5, 5)
        with pytest.raises(GestureError):
            slack.redeliver("1.000000")


async def test_each_envelope_goes_to_one_of_several_sockets() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, one, _), bolt(slack) as (_, two, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        said = [await slack.say(alice, channel, str(n)) for n in range(10)]
        await slack.wait_for(lambda s: len(s.acks) == 10, 5)
        shares = [[body["event"]["ts"] for body in heard.of("message")] for heard in (one, two)]
        assert sorted(shares[0] + shares[1]) == said
        assert len(shares[0]) == len(shares[1]) == 5


async def test_deliveries_can_be_held_and_let_go_in_another_order() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        slack.hold_deliveries()
        root = await slack.say(alice, channel, "root")
        await slack.say(alice, channel, "reply", root)
        await slack.edit(alice, channel, root, "root, corrected")
        assert (len(slack.held), len(slack.unacked)) == (3, 0)
        slack.release_deliveries([2, 1, 0])
        await slack.wait_for(lambda s: len(s.acks) == 3, 5)
        assert [kind for kind, _, _ in heard.requests] == ["message_changed", "message", "message"]
        assert [body["event"]["text"] for body in heard.of("message")] == ["reply", "root"]


async def test_a_click_nobody_receives_is_shown_as_slacks_error_and_never_sent_later() -> None:
    async with LocalSlack(manifest(), redelivery_s=(0.05,)) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
        posted = await web_client(slack).chat_postMessage(
            channel=channel, text="go?", blocks=[{"type": "actions", "elements": [button]}]
        )
        await slack.click(alice, channel, posted["ts"], "go")
        [notice] = slack.notices
        assert (notice.user_id, notice.what) == (alice, "action")
        async with bolt(slack) as (_, heard, _):
            await heard.wait("message")
            await slack.wait_for(lambda s: not s.unacked, 5)
            assert heard.of("block_actions") == []


async def test_deliveries_can_be_late() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        slack.delay_deliveries(0.2)
        late = await slack.say(alice, channel, "late")
        slack.delay_deliveries(0)
        prompt = await slack.say(alice, channel, "prompt")
        assert [body["event"]["ts"] for body in await heard.wait("message", 2)] == [prompt, late]
