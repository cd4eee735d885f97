"""What people do reaches a real Bolt app as the events Slack sends, and only those it subscribed to."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from bot.localslack import GestureError, LocalSlack, ManifestError
from tests.contract.localslack_app import bolt, manifest, web_client


async def test_a_mention_in_a_channel_arrives_twice_as_mention_and_as_message() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        ts = await slack.say(alice, channel, f"<@{slack.bot_user_id}> fix it")
        [mention] = await heard.wait("app_mention")
        [message] = await heard.wait("message")
        assert mention["event"]["ts"] == message["event"]["ts"] == ts
        assert mention["event"]["client_msg_id"] == message["event"]["client_msg_id"]
        assert mention["event_id"] != message["event_id"]
        assert message["event"]["channel_type"] == "channel"
        assert message["authorizations"][0]["team_id"] == slack.team_id


async def test_a_direct_message_is_no_mention_and_a_reply_names_its_thread() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        dm = slack.open_dm(alice)
        root = await slack.say(alice, dm, f"<@{slack.bot_user_id}> hello")
        await slack.say(alice, dm, "and more", root)
        _, reply = await heard.wait("message", 2)
        assert (reply["event"]["thread_ts"], reply["event"]["channel_type"]) == (root, "im")
        assert heard.of("app_mention") == []


async def test_edits_deletions_and_reactions_arrive_and_a_link_preview_is_not_an_edit() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        ts = await slack.say(alice, channel, "look https://example.com")
        await slack.unfurl_edit(ts)
        edited = await slack.edit(alice, channel, ts, f"<@{slack.bot_user_id}> look")
        preview, edit = await heard.wait("message_changed", 2)
        assert preview["event"]["message"]["text"] == preview["event"]["previous_message"]["text"]
        assert "edited" not in preview["event"]["message"]
        assert edit["event"]["message"]["edited"] == {"user": alice, "ts": edited}
        [again] = await heard.wait("app_mention")
        assert again["event"]["edited"]["ts"] == edited
        await slack.react(alice, channel, ts, "x")
        await slack.unreact(alice, channel, ts, "x")
        [added] = await heard.wait("reaction_added")
        assert added["event"]["item"] == {"type": "message", "channel": channel, "ts": ts}
        await heard.wait("reaction_removed")
        await slack.delete(alice, channel, ts)
        [deleted] = await heard.wait("message_deleted")
        assert deleted["event"]["deleted_ts"] == ts


async def test_deleting_a_root_with_replies_leaves_a_tombstone() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        root = await slack.say(alice, channel, "question")
        await slack.say(alice, channel, "answer", root)
        await slack.delete(alice, channel, root)
        [changed] = await heard.wait("message_changed")
        assert changed["event"]["message"]["subtype"] == "tombstone"
        replies = await web_client(slack).conversations_replies(channel=channel, ts=root)
        assert [m["text"] for m in replies["messages"]] == ["This message was deleted.", "answer"]


async def test_the_bot_hears_itself_and_other_bots_and_must_tell_them_apart() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        robot = slack.add_user("robot", is_bot=True)
        channel = slack.add_channel("general", [robot])
        posted = await web_client(slack).chat_postMessage(channel=channel, text="mine", unfurl_links=False)
        [own] = await heard.wait("message")
        assert own["event"]["ts"] == posted["ts"]
        assert own["event"]["bot_id"] == own["event"]["bot_profile"]["id"]
        assert own["event"]["user"] == slack.bot_user_id
        await slack.say(robot, channel, "beep")
        [other] = await heard.wait("bot_message")
        assert other["event"]["bot_id"] != own["event"]["bot_id"]
        assert "user" not in other["event"]


async def test_nothing_is_heard_from_where_the_bot_is_not_or_is_not_subscribed() -> None:
    async with LocalSlack(manifest(without_events=("message.channels",))) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        elsewhere = slack.add_channel("elsewhere", [alice], bot=False)
        here = slack.add_channel("here", [alice])
        await slack.say(alice, elsewhere, f"<@{slack.bot_user_id}> psst")
        await slack.say(alice, here, "unsubscribed")
        await slack.say(alice, here, f"<@{slack.bot_user_id}> heard")
        await heard.wait("app_mention")
        assert [(kind, body["event"]["channel"]) for kind, body, _ in heard.requests] == [("app_mention", here)]


async def test_joining_leaving_archiving_and_removal_of_the_app() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice], bot=False)
        await slack.invite(alice, channel, slack.bot_user_id)
        [joined] = await heard.wait("member_joined_channel")
        assert (joined["event"]["user"], joined["event"]["inviter"]) == (slack.bot_user_id, alice)
        await slack.archive(alice, channel)
        await heard.wait("channel_archive")
        assert await _error(slack, channel) == "is_archived"
        await slack.archive(alice, channel, archived=False)
        await slack.remove(alice, channel, slack.bot_user_id)
        await heard.wait("channel_left")
        assert await _error(slack, channel) == "not_in_channel"
        await slack.uninstall()
        await heard.wait("tokens_revoked")
        await heard.wait("app_uninstalled")
        assert await _error(slack, channel) == "token_revoked"


async def test_a_stranger_carries_their_own_team() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        guest = slack.add_user("sam", is_stranger=True, team_id="T0PARTNER")
        channel = slack.add_channel("shared", [guest])
        await slack.say(guest, channel, f"<@{slack.bot_user_id}> hi")
        [mention] = await heard.wait("app_mention")
        assert (mention["team_id"], mention["event"]["user_team"]) == (slack.team_id, "T0PARTNER")
        assert mention["is_ext_shared_channel"] is True
        info = await web_client(slack).users_info(user=guest)
        assert (info["user"]["is_stranger"], info["user"]["team_id"]) == (True, "T0PARTNER")


async def test_times_and_ids_never_repeat_or_go_back() -> None:
    async with LocalSlack(manifest(), clock=lambda: 1_732_160_000.0) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        times = [await slack.say(alice, channel, "x") for _ in range(100)]
        assert times == sorted(set(times))
        assert times[0].startswith("1732160000.")


def test_a_manifest_that_waits_for_what_never_comes_is_refused() -> None:
    with pytest.raises(ManifestError, match="app_mentions:read"):
        LocalSlack(manifest(without_scopes=("app_mentions:read",)))


async def test_people_can_only_do_what_slack_lets_them() -> None:
    async with LocalSlack(manifest()) as slack:
        alice, bob = slack.add_user("alice"), slack.add_user("bob")
        channel = slack.add_channel("general", [alice])
        ts = await slack.say(alice, channel, "mine")
        with pytest.raises(GestureError, match="is not in"):
            await slack.say(bob, channel, "let me in")
        with pytest.raises(GestureError, match="no element"):
            await slack.click(alice, channel, ts, "approve")
        with pytest.raises(GestureError, match="not a valid command"):
            await slack.command(alice, channel, "/nope")


async def _error(slack: LocalSlack, channel: str) -> str:
    with pytest.raises(SlackApiError) as refused:
        await web_client(slack).chat_postMessage(channel=channel, text="x")
    return str(refused.value.response["error"])
