"""A gesture that was recorded although its commit was reported as failed is worked on when Slack says it again."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import faults
from tests.rig import rig_on
from tests.scenario.ledger import turns


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


async def test_the_redelivery_starts_the_turn_and_only_one(tmp_path: Path) -> None:
    def lost() -> None:
        raise OSError(errno.EIO, "the answer of the disk was lost")

    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        channel = rig.slack.open_dm(rig.ann)
        faults.arm("intake.parsed", lambda: faults.arm("storage.after_commit", lost))
        ts = await rig.slack.say(rig.ann, channel, "script: say hello")
        async with asyncio.timeout(5):
            while "intake.not_recorded" not in rig.logs.getvalue():  # noqa: ASYNC110 - a log tells nobody of a new line
                await asyncio.sleep(0.01)
        rig.slack.redeliver(ts)
        await rig.slack.wait_for(lambda slack: any("hello" in str(m.blocks) for m in slack.messages(channel, ts)), 15)
        assert len(await turns(rig)) == 1
