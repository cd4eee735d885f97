"""While the disk takes no more, the service acknowledges nothing and says so; afterwards it does what it was asked."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path
from random import Random

import pytest

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from tests.crash.people import People
from tests.crash.settled import all_shown, check
from tests.crash.subprocess_of import Running, process_of

pytestmark = [pytest.mark.crash, pytest.mark.timeout(90)]


async def test_what_could_not_be_recorded_is_not_acknowledged(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=(1.0,) * 20) as slack:
        people = People(slack, Random(0))
        async with process_of("tests.crash.service", slack=slack, home=home) as service:
            await service.connected(slack)
            root = await people.mention(0)
            await all_shown(people, timeout=30)
            with_room = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (_longest_file(home), with_room[1]))
            reply, mention = await people.reply(root), await people.mention(1)
            await _logged(service, "intake.not_recorded")
            assert not slack.acknowledged(reply.ts) and not slack.acknowledged(mention.ts)
            resource.prlimit(service.pid, resource.RLIMIT_FSIZE, with_room)
            await all_shown(people, timeout=30)
            assert await service.stop() == 0, service.said()
        ledger = check(people, home)
        assert [turn.outcome for turn in ledger.all_turns] == ["completed"] * 3


def _longest_file(home: Path) -> int:
    """The size of the write-ahead log: it cannot grow past that, while the service's own log still can."""
    sizes = {path.name: path.stat().st_size for path in home.iterdir() if path.is_file()}
    assert max(sizes, key=sizes.__getitem__) == "reins.db-wal", sizes
    return sizes["reins.db-wal"]


async def _logged(service: Running, what: str) -> None:
    until = time.monotonic() + 20
    while what not in service.said():
        assert time.monotonic() < until, f"never logged {what}:\n{service.said()}"
        await asyncio.sleep(0.05)
