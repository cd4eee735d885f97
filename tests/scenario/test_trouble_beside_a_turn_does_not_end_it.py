"""A turn that runs goes on when something else in its thread cannot be done just now."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import faults
from tests.rig import Rig, rig_on
from tests.scenario.ledger import until_settled


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


async def busy(rig: Rig) -> tuple[str, Path]:
    """A thread whose turn runs until the returned file exists."""
    thread = await rig.mention("script: wait-for go\nscript: say all of it")
    await rig.see(thread, "Working")
    [session] = (rig.home / "sessions").iterdir()
    return thread, session / "workspace" / "go"


async def test_somebody_new_replies_while_slack_does_not_say_who_that_is(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        thread, go = await busy(rig)
        rig.slack.fail_next("users.info", status=500)
        reply = await rig.reply("script: say and more", thread, user=rig.bob)
        await rig.slack.wait_for(lambda slack: slack.acknowledged(reply), timeout=5)
        await rig.slack.wait_for(lambda slack: slack.call_counts["users.info"] >= 2, timeout=5)
        go.touch()
        said = await rig.see_ended(thread, turns=2)
        assert "all of it" in said and "and more" in said
        assert [row.outcome for row in await until_settled(rig, 2)] == ["completed", "completed"]


async def test_a_reply_cannot_be_looked_at_because_storage_fails(tmp_path: Path) -> None:
    def no_space() -> None:
        raise OSError(errno.ENOSPC, "no space left")

    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        thread, go = await busy(rig)
        faults.arm("dispatch.read", lambda: faults.arm("storage.before_commit", no_space))
        await rig.reply("script: say and more", thread)
        await rig.see(thread, "turn 2")
        go.touch()
        said = await rig.see_ended(thread, turns=2)
        assert "all of it" in said and "and more" in said
        assert [row.outcome for row in await until_settled(rig, 2)] == ["completed", "completed"]
