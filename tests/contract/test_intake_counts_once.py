"""A gesture counts once however often Slack says it, and is not lost when it could not be recorded at first."""

from __future__ import annotations

import asyncio
import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.gesture import STOP_ACTION
from storage import faults
from tests.contract.service_on_slack import service, until_acked
from tests.rig import Rig
from tests.scenario.ledger import read, turns, until_settled


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


async def test_a_mention_arrives_twice_and_runs_once(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say once")
        await rig.see_ended(ts)
        await until_acked(rig, 2)
        assert await rows(rig) == [f"msg:{rig.channel}:{ts}"]
        assert len(await turns(rig)) == 1


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
async def test_whichever_of_the_two_comes_first(tmp_path: Path, order: list[int]) -> None:
    async with service(tmp_path / "home") as rig:
        rig.slack.hold_deliveries()
        ts = await rig.mention("script: say once")
        rig.slack.release_deliveries(order)
        await rig.see_ended(ts)
        await until_acked(rig, 2)
        assert len(await turns(rig)) == 1


async def test_redeliveries_in_new_envelopes_count_for_nothing_even_after_a_restart(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say once")
        for attempt in (0, 1, 2):
            assert rig.slack.redeliver(ts, retry_attempt=attempt) == 2
        await rig.see_ended(ts)
        await until_acked(rig, 8)
        await until_settled(rig)
        await rig.stop()
        await rig.start()
        rig.slack.redeliver(ts)
        await until_acked(rig, 10)
        await rig.reply("script: say and a second", ts)
        await rig.see_ended(ts, 2)
        assert len(await turns(rig)) == 2 and len(rig.answers(ts)) == 2


async def test_what_could_not_be_recorded_is_not_acknowledged_and_comes_again(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say first")
        await rig.see_ended(ts)
        await until_settled(rig)
        await until_acked(rig, 2)

        def no_space() -> None:
            raise OSError(errno.ENOSPC, "no space left on device")

        faults.arm("storage.before_commit", no_space)
        await rig.reply("script: say second", ts)
        await rig.see_ended(ts, 2)
        assert "intake.not_recorded" in rig.logs.getvalue()
        assert len(await turns(rig)) == 2 and not rig.slack.lost_events


async def test_a_click_that_cannot_be_recorded_in_time_is_withdrawn_and_told(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say working\nscript: hang")
        await rig.see(ts, "working")
        go_on = threading.Event()
        stalled = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stall() -> None:
            loop.call_soon_threadsafe(stalled.set)
            go_on.wait(20)

        faults.arm("storage.before_commit", stall)
        try:
            await rig.mention("script: say elsewhere")
            await stalled.wait()
            clicked_at = time.monotonic()
            await rig.slack.click(rig.ann, rig.channel, rig.answers(ts)[0].ts, STOP_ACTION)
            await rig.slack.wait_for(lambda _: "nothing happened" in private(rig), 5)
            assert time.monotonic() - clicked_at < 3
        finally:
            go_on.set()
        await until_settled(rig)
        assert [row.state for row in await turns(rig)] == ["running", "ended"]
        assert list(rig.slack.notices) == [], "Slack shows no error of its own beside ours"
        await rig.slack.click(rig.ann, rig.channel, rig.answers(ts)[0].ts, STOP_ACTION)
        await rig.see_ended(ts)
        assert [row.outcome for row in await until_settled(rig, 2)] == ["stopped", "completed"]


async def test_a_click_is_acknowledged_well_before_slack_shows_an_error(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say working\nscript: hang")
        await rig.see(ts, "working")
        await rig.slack.click(rig.ann, rig.channel, rig.answers(ts)[0].ts, STOP_ACTION)
        await rig.see_ended(ts)
        await rig.slack.wait_for(lambda s: not s.unacked, 5)
        assert max(rig.slack.acks.values()) < 2 and list(rig.slack.notices) == []


async def rows(rig: Rig) -> list[str]:
    return [str(key) for (key,) in await read(rig, "SELECT gesture_key FROM inbox ORDER BY id")]


def private(rig: Rig) -> str:
    return " ".join(m.text for m in rig.slack.messages(rig.channel) if m.ephemeral_to is not None)
