"""What is not meant for Reins is acknowledged, so that Slack does not repeat it, and leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from bot.slack.client import make_client
from tests.contract.service_on_slack import service, until_acked
from tests.rig import Rig
from tests.scenario.ledger import read


async def test_bots_strangers_and_the_app_itself_are_not_heard(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        other_bot = rig.slack.add_user("otherbot", is_bot=True)
        stranger = rig.slack.add_user("stranger", is_stranger=True)
        shared = rig.slack.add_channel("shared", [rig.ann, other_bot, stranger])
        mention = f"<@{rig.slack.bot_user_id}> script: say heard"
        await rig.slack.say(other_bot, shared, mention)
        await rig.slack.say(stranger, shared, mention)
        client = make_client(SecretStr(rig.slack.bot_token), rig.slack.api_url)
        await client.chat_postMessage(channel=shared, text=mention)
        await until_acked(rig, 5)
        assert await inbox(rig) == []
        assert rig.slack.call_counts["chat.postMessage"] == 1


async def test_edits_unfurls_deletions_and_talk_among_people_leave_nothing(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.slack.say(rig.ann, rig.channel, "look at https://example.com")
        await rig.slack.unfurl_edit(ts)
        await rig.slack.edit(rig.ann, rig.channel, ts, "look again")
        await rig.slack.react(rig.bob, rig.channel, ts, "x")
        await rig.slack.say(rig.bob, rig.channel, "nice", ts)
        gone = await rig.slack.say(rig.bob, rig.channel, "never mind")
        await rig.slack.delete(rig.bob, rig.channel, gone)
        await until_acked(rig, 7)
        assert await inbox(rig) == []


async def test_neither_an_unfurl_nor_an_edit_of_a_mention_runs_it_again(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say once https://example.com")
        await rig.see_ended(ts)
        acked = len(rig.slack.acks)
        await rig.slack.unfurl_edit(ts)
        await rig.slack.edit(rig.ann, rig.channel, ts, f"<@{rig.slack.bot_user_id}> script: say twice")
        await until_acked(rig, acked + 3)
        assert [kind for _, kind in await inbox(rig)] == ["message", "edit"]
        assert len(rig.answers(ts)) == 1


async def test_kinds_nobody_handles_are_acknowledged(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        rig.slack.hold_deliveries()
        await rig.slack.command(rig.ann, rig.channel, "/agent", "status")
        trigger_id = json.loads(rig.slack.held[0].payload)["trigger_id"]
        client = make_client(SecretStr(rig.slack.bot_token), rig.slack.api_url)
        title = {"type": "plain_text", "text": "A modal"}
        await client.views_open(
            trigger_id=trigger_id,
            view={"type": "modal", "title": title, "submit": title, "blocks": [{"type": "divider"}]},
        )
        rig.slack.release_deliveries()
        await rig.slack.submit_view(rig.ann)
        newcomer = rig.slack.add_user("newcomer")
        await rig.slack.invite(rig.ann, rig.channel, newcomer)
        await rig.slack.open_home(rig.ann)
        ts = await rig.slack.say(rig.bob, rig.channel, "hello")
        await rig.slack.react(rig.ann, rig.channel, ts, "eyes")
        await rig.slack.unreact(rig.ann, rig.channel, ts, "eyes")
        await rig.slack.archive(rig.ann, rig.channel)
        await until_acked(rig, 8)
        assert list(rig.slack.notices) == [] and list(rig.slack.lost_events) == []
        assert await inbox(rig) == []


async def inbox(rig: Rig) -> list[tuple[str, str]]:
    return [(str(key), str(kind)) for key, kind in await read(rig, "SELECT gesture_key, kind FROM inbox ORDER BY id")]
