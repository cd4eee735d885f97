"""The Web API answers the real SDK as Slack does: tokens, scopes, errors, pages, metadata, limits of rate."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.localslack import LocalSlack
from tests.contract.localslack_app import manifest, web_client


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_tokens_and_scopes_decide_what_is_answered() -> None:
    async with LocalSlack(manifest(without_scopes=("team:read", "channels:join"))) as slack:
        client = web_client(slack)
        assert (await client.auth_test())["bot_id"]
        assert await error_of(AsyncWebClient(token="xoxb-wrong", base_url=slack.api_url).auth_test()) == "invalid_auth"
        assert await error_of(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
        with pytest.raises(SlackApiError) as refused:
            await client.team_info()
        answer = refused.value.response
        assert (answer["error"], answer["needed"]) == ("missing_scope", "team:read")
        assert "chat:write" in answer["provided"]
        assert await error_of(client.api_call("chat.postEverything")) == "unknown_method"


async def test_messages_are_posted_updated_and_deleted_within_slacks_rules() -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        outside = slack.add_channel("outside", [alice], bot=False)
        private = slack.add_channel("private", [alice], is_private=True, bot=False)
        theirs = await slack.say(alice, channel, "mine")
        posted = await client.chat_postMessage(channel=channel, text="hello", thread_ts=theirs)
        ts = posted["ts"]
        for call, error in (
            (client.chat_postMessage(channel="C0NONE", text="x"), "channel_not_found"),
            (client.chat_postMessage(channel=outside, text="x"), "not_in_channel"),
            (client.chat_postMessage(channel=private, text="x"), "channel_not_found"),
            (client.api_call("chat.postMessage", json={"channel": channel, "text": ""}), "no_text"),
            (client.chat_postMessage(channel=channel, text="x", thread_ts="1732160000.000001"), "thread_not_found"),
            (client.chat_update(channel=channel, ts=ts, text="x" * 4001), "msg_too_long"),
            (client.chat_update(channel=channel, ts=theirs, text="x"), "cant_update_message"),
            (client.chat_update(channel=channel, ts="1732160000.000001", text="x"), "message_not_found"),
            (client.chat_delete(channel=channel, ts=theirs), "cant_delete_message"),
            (client.chat_postEphemeral(channel=channel, user="U0NONE", text="x"), "user_not_in_channel"),
            (client.reactions_add(channel=channel, timestamp=ts, name="Not A Name"), "invalid_name"),
        ):
            assert await error_of(call) == error
        await client.chat_update(channel=channel, ts=ts, text="y" * 4000)
        assert len(slack.message(channel, ts).text) == 4000
        assert ts.replace(".", "") in (await client.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
        await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
        assert await error_of(client.reactions_add(channel=channel, timestamp=ts, name="eyes")) == "already_reacted"
        [reaction] = (await client.reactions_get(channel=channel, timestamp=ts))["message"]["reactions"]
        assert (reaction["name"], reaction["count"]) == ("eyes", 1)
        await client.chat_delete(channel=channel, ts=ts)
        assert await error_of(client.chat_update(channel=channel, ts=ts, text="x")) == "message_not_found"


async def test_metadata_is_kept_by_updates_and_shown_only_when_asked_for() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        root = await slack.say(alice, channel, "q")
        metadata = {"event_type": "reins_intent", "event_payload": {"id": "i-1"}}
        posted = await client.chat_postMessage(channel=channel, thread_ts=root, text="a", metadata=metadata)
        await client.chat_update(channel=channel, ts=posted["ts"], text="b")
        plain = await client.conversations_replies(channel=channel, ts=root)
        assert "metadata" not in plain["messages"][1]
        full = await client.conversations_replies(channel=channel, ts=root, include_all_metadata=True)
        assert full["messages"][1]["metadata"] == metadata
        bad = client.chat_postMessage(channel=channel, text="a", metadata={"event_type": "x"})
        assert await error_of(bad) == "invalid_metadata_format"


async def test_updating_only_the_text_removes_the_blocks() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        channel = slack.add_channel("general")
        blocks = [{"type": "divider"}]
        ts = (await client.chat_postMessage(channel=channel, text="a", blocks=blocks))["ts"]
        metadata = {"event_type": "x", "event_payload": {}}
        await client.api_call("chat.update", json={"channel": channel, "ts": ts, "metadata": metadata})
        assert [block["type"] for block in slack.message(channel, ts).blocks] == ["divider"]
        await client.chat_update(channel=channel, ts=ts, text="b")
        assert slack.message(channel, ts).blocks == ()


async def test_history_and_replies_come_in_pages() -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        said = [await slack.say(alice, channel, str(n)) for n in range(5)]
        replies = [await slack.say(alice, channel, f"r{n}", said[0]) for n in range(5)]
        seen, cursor = [], ""
        while True:
            page = await client.conversations_history(channel=channel, limit=2, cursor=cursor)
            seen += [m["ts"] for m in page["messages"]]
            cursor = page["response_metadata"]["next_cursor"]
            if not cursor:
                break
        assert seen == said[::-1]
        first = await client.conversations_replies(channel=channel, ts=said[0], limit=3)
        rest = await client.conversations_replies(
            channel=channel, ts=said[0], limit=3, cursor=first["response_metadata"]["next_cursor"]
        )
        assert [m["ts"] for m in first["messages"]] == [said[0], *replies[:3]]
        assert [m["ts"] for m in rest["messages"]] == [said[0], *replies[3:]]
        assert first["messages"][0]["reply_count"] == 5
        since = await client.conversations_history(channel=channel, oldest=said[3])
        assert [m["ts"] for m in since["messages"]] == [said[4]]
        names = await client.conversations_list(types="public_channel")
        assert [c["name"] for c in names["channels"]] == ["general"]
        assert set((await client.conversations_members(channel=channel))["members"]) == {alice, slack.bot_user_id}
        assert await error_of(client.conversations_history(channel=channel, cursor="???")) == "invalid_cursor"


async def test_people_groups_and_direct_messages_can_be_looked_up() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice", tz="Europe/Berlin")
        guest = slack.add_user("gast", is_restricted=True)
        group = slack.add_usergroup("admins", [alice])
        found = (await client.users_info(user=alice))["user"]
        assert (found["tz"], found["is_bot"], found["is_restricted"]) == ("Europe/Berlin", False, False)
        assert (await client.users_info(user=guest))["user"]["is_restricted"] is True
        assert (await client.usergroups_users_list(usergroup=group))["users"] == [alice]
        opened = await client.conversations_open(users=alice)
        assert opened["channel"]["id"] == slack.open_dm(alice)
        info = await client.conversations_info(channel=opened["channel"]["id"])
        assert (info["channel"]["is_im"], info["channel"]["user"]) == (True, alice)
        assert await error_of(client.users_info(user="U0NONE")) == "user_not_found"


async def test_tiers_answer_429_with_retry_after_and_let_go_in_time() -> None:
    now = [1_732_160_000.0]
    async with LocalSlack(manifest(), clock=lambda: now[0]) as slack:
        client = web_client(slack)
        one, two = slack.add_channel("one"), slack.add_channel("two")
        posts = [await client.chat_postMessage(channel=one, text="x") for _ in range(4)]
        with pytest.raises(SlackApiError) as refused:
            await client.chat_postMessage(channel=one, text="too soon")
        response = refused.value.response
        assert (response.status_code, response["error"], response.headers["Retry-After"]) == (429, "ratelimited", "1")
        await client.chat_postMessage(channel=two, text="another channel")
        now[0] += 1.0
        await client.chat_postMessage(channel=one, text="in time")
        updates = 0
        with pytest.raises(SlackApiError, match="ratelimited"):
            while True:
                await client.chat_update(channel=one, ts=posts[updates % 4]["ts"], text=str(updates))
                updates += 1
        assert updates == 20
        now[0] += 60.0
        for number in range(20):
            await client.chat_update(channel=one, ts=posts[0]["ts"], text=str(number))
        assert [call.error for call in slack.calls].count("ratelimited") == 2


async def test_calls_are_counted_and_logged_without_the_token() -> None:
    async with LocalSlack(manifest()) as slack:
        channel = slack.add_channel("general")
        async with aiohttp.ClientSession() as session:
            form = {"token": slack.bot_token, "channel": channel, "text": "hi"}
            async with session.post(f"{slack.api_url}chat.postMessage?unfurl_links=false", data=form) as answer:
                assert (await answer.json())["ok"] is True
        [call] = slack.calls
        assert (call.method, call.ok, call.args["text"], call.args["unfurl_links"]) == (
            "chat.postMessage",
            True,
            "hi",
            "false",
        )
        assert slack.bot_token not in repr(slack.calls)
        assert slack.call_counts == {"chat.postMessage": 1}


async def test_calls_fail_on_request_in_each_named_way() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        channel = slack.add_channel("general")
        slack.fail_next("chat.postMessage", error="fatal_error")
        assert await error_of(client.chat_postMessage(channel=channel, text="1")) == "fatal_error"
        slack.fail_next("chat.postMessage", status=503, times=2)
        for _ in range(2):
            with pytest.raises(SlackApiError) as refused:
                await client.chat_postMessage(channel=channel, text="2")
            assert refused.value.response.status_code == 503
        slack.fail_next("chat.postMessage", status=429, retry_after=7)
        with pytest.raises(SlackApiError) as limited:
            await client.chat_postMessage(channel=channel, text="3")
        assert limited.value.response.headers["Retry-After"] == "7"
        slack.fail_next("chat.postMessage", reset_before=True)
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=channel, text="4")
        assert slack.messages(channel) == []
        slack.fail_next("chat.postMessage", reset_after_processing=True)
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel=channel, text="5")
        assert [message.text for message in slack.messages(channel)] == ["5"]
        assert (slack.calls[-1].ok, slack.calls[-1].answered) == (True, False)


async def test_a_status_line_lasts_until_the_app_posts() -> None:
    now = [1_732_160_000.0]
    async with LocalSlack(manifest(), clock=lambda: now[0]) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice")
        dm = slack.open_dm(alice)
        root = await slack.say(alice, dm, "hi")
        await client.assistant_threads_setStatus(channel_id=dm, thread_ts=root, status="is thinking…")
        assert slack.status(dm, root) == "is thinking…"
        await client.chat_postMessage(channel=dm, thread_ts=root, text="done")
        assert slack.status(dm, root) == ""
        await client.assistant_threads_setStatus(channel_id=dm, thread_ts=root, status="is thinking…")
        now[0] += 121
        assert slack.status(dm, root) == ""


async def test_waiting_in_vain_says_what_there_was_to_see() -> None:
    async with LocalSlack(manifest()) as slack:
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        await slack.say(alice, channel, "is anybody there")
        with pytest.raises(TimeoutError, match="is anybody there"):
            await slack.wait_for(lambda s: len(s.messages(channel)) > 1, 0.05)
        with pytest.raises(ZeroDivisionError):
            await slack.wait_for(lambda s: 1 / 0, 1)
