"""A write that fails costs what was to be written; the service goes on and says so."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import faults
from tests.rig import rig_on


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


async def test_the_head_of_the_chain_cannot_be_read(tmp_path: Path) -> None:
    def no_space() -> None:
        raise OSError(errno.ENOSPC, "no space left")

    async with rig_on(tmp_path / "home") as rig:
        # After the three looks at unfinished work that a start begins with.
        faults.arm("storage.before_commit", no_space, nth=4)
        await rig.start()
        assert "hello" in await rig.see_ended(await rig.mention("script: say hello"))
        assert "audit.head_unknown" in rig.logs.getvalue()
