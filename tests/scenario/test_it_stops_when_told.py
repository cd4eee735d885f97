"""The service ends when it is told to, whatever does not work at that moment."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import faults
from tests.rig import SCRIPTED, rig_on
from tests.scenario.ledger import until_settled


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


async def test_before_slack_was_ever_reached(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        rig.slack.fail_next("apps.connections.open", error="invalid_auth", times=1000)
        starting = asyncio.create_task(rig.start())
        await rig.slack.wait_for(lambda slack: slack.call_counts["apps.connections.open"] >= 2, timeout=10)
        async with asyncio.timeout(10):
            await rig.stop()
            with pytest.raises(TimeoutError, match="invalid_auth"):  # it never became ready, and its log says why
                await starting


async def test_while_the_end_of_a_turn_cannot_be_recorded(tmp_path: Path) -> None:
    def disk_full() -> None:
        faults.arm("storage.before_commit", disk_full)
        raise OSError(errno.ENOSPC, "no space left")

    async with rig_on(tmp_path / "home", settings=SCRIPTED + "[timeouts]\ndrain = 0.1\n") as rig:
        await rig.start()
        thread = await rig.mention("script: wait-for go")
        await rig.see(thread, "Working")
        [session] = (rig.home / "sessions").iterdir()
        faults.arm("turn.ending", disk_full)
        (session / "workspace" / "go").touch()
        async with asyncio.timeout(25):
            await rig.stop()
        faults.disarm()
        await rig.start()
        assert "Interrupted" in await rig.see(thread, "Interrupted")
        assert [row.outcome for row in await until_settled(rig)] == ["interrupted"]
