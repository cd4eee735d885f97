"""A reply that reaches Reins before the mention which made its thread ours is heard all the same, and once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.rig import Rig, rig_on, shown_text


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        yield rig


async def overtaken(rig: Rig, text: str, *replies: tuple[str, str]) -> str:
    """A mention that Slack delivers only when asked to; ``replies`` (who, words) reach Reins before it."""
    rig.slack.delay_deliveries(3600)
    thread = await rig.mention(text)
    rig.slack.delay_deliveries(0)
    for user, words in replies:
        await acknowledged(rig, await rig.reply(words, thread, user=user))
    return thread


async def acknowledged(rig: Rig, ts: str) -> None:
    await rig.slack.wait_for(lambda slack: slack.acknowledged(ts), timeout=5)


async def test_it_runs_after_the_mention(rig: Rig) -> None:
    thread = await overtaken(rig, "first", (rig.ann, "second"), (rig.bob, "third"))
    rig.slack.redeliver(thread)
    said = await rig.see_ended(thread, turns=3)
    turns = sorted((shown_text(m) for m in rig.answers(thread)), key=lambda shown: shown.rpartition("turn ")[2])
    assert [words in turn for words, turn in zip(("> first", "> second", "> third"), turns, strict=True)] == [True] * 3
    assert "late" not in said


async def test_it_counts_once_however_often_it_is_delivered(rig: Rig) -> None:
    thread = await overtaken(rig, "first", (rig.ann, "second"))
    reply = rig.slack.messages(rig.channel, thread)[1].ts
    for ts in (thread, reply, thread, reply):
        rig.slack.redeliver(ts)
    await rig.see_ended(thread, turns=2)
    last = await rig.reply("third", thread)
    rig.slack.redeliver(reply)
    rig.slack.redeliver(last)
    await rig.see_ended(thread, turns=3)
    assert len(rig.answers(thread)) == 3


async def test_it_is_heard_when_reins_was_restarted_in_between(rig: Rig) -> None:
    thread = await overtaken(rig, "first", (rig.ann, "second"))
    await rig.stop()
    await rig.start()
    rig.slack.redeliver(thread)
    assert "> second" in await rig.see_ended(thread, turns=2)


async def test_its_words_are_those_it_has_now(rig: Rig) -> None:
    thread = await overtaken(rig, "first", (rig.ann, "second"), (rig.ann, "never mind"))
    _, second, never_mind = rig.slack.messages(rig.channel, thread)
    await rig.slack.edit(rig.ann, rig.channel, second.ts, "other words")
    await rig.slack.delete(rig.ann, rig.channel, never_mind.ts)
    rig.slack.redeliver(thread)
    said = await rig.see_ended(thread, turns=2)
    assert "> other words" in said and "> second" not in said
    assert len(rig.answers(thread)) == 2


async def test_slack_not_answering_at_that_moment_loses_nothing(rig: Rig) -> None:
    thread = await overtaken(rig, "first", (rig.ann, "second"))
    rig.slack.fail_next("conversations.replies", status=500)
    rig.slack.redeliver(thread)
    assert "> second" in await rig.see_ended(thread, turns=2)


async def test_only_drivers_are_heard_as_such(rig: Rig) -> None:
    guest = rig.slack.add_user("gus", is_restricted=True)
    robot = rig.slack.add_user("robot", is_bot=True)
    for user in (guest, robot):
        await rig.slack.invite(rig.ann, rig.channel, user)
    thread = await overtaken(rig, "first", (guest, "from a guest"), (robot, "from a bot"), (rig.ann, "second"))
    rig.slack.redeliver(thread)
    said = await rig.see_ended(thread, turns=2)
    assert '"standing": "guest"' in said and "from a bot" not in said
    assert len(rig.answers(thread)) == 2


async def test_what_people_said_before_the_mention_is_left_alone(rig: Rig) -> None:
    talk = await rig.slack.say(rig.bob, rig.channel, "what shall we do?")
    await acknowledged(rig, await rig.reply("no idea", talk))
    await rig.mention("you decide", talk)
    said = await rig.see_ended(talk)
    assert "> you decide" in said and "no idea" not in said
    assert len(rig.answers(talk)) == 1


async def test_a_thread_that_nothing_overtook_is_not_read(rig: Rig) -> None:
    thread = await rig.mention("hello")
    await rig.see_ended(thread)
    assert rig.slack.call_counts["conversations.replies"] == 0
