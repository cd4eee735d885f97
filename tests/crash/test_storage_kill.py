"""kill -9 at any moment: every append that was acknowledged is there, and the chain verifies."""

from __future__ import annotations

import random
import select
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from storage import audit

pytestmark = pytest.mark.crash
ROOT = Path(__file__).parents[2]
SERVICE = """
import asyncio, os, signal, sys
from pathlib import Path
from storage import event_log, faults
from storage.database import Storage
from storage.event_log import NewEvent

def die():
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    storage = await Storage.open(Path(sys.argv[1]))
    if len(sys.argv) > 2:
        faults.arm(sys.argv[2], die, nth=int(sys.argv[3]))

    async def session(name):
        while True:
            event = NewEvent("T", name, name, "k", 1, "x" * 200)
            if name == "s0":
                (n,) = await storage.writer.run(lambda conn: event_log.append(conn, [event]))
            else:
                (n,) = await storage.writer.append([event])
            os.write(1, f"{n}\\n".encode())  # the acknowledgement, outside this process before anything else happens

    await asyncio.gather(*(session(f"s{i}") for i in range(20)))

asyncio.run(main())
"""


def _acknowledged_before_death(home: Path, *fault: str, kill_after: float | None = None) -> set[int]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(home), *fault], cwd=ROOT, stdout=subprocess.PIPE
    ) as service:
        try:
            assert service.stdout is not None
            if kill_after is not None:
                ready, _, _ = select.select([service.stdout], [], [], 20)
                assert ready, "no append was acknowledged"
                time.sleep(kill_after)  # a random moment of a busy service is what is wanted here
                service.kill()
            told, _ = service.communicate(timeout=20)
        finally:
            service.kill()
    return {int(line) for line in told.splitlines(keepends=True) if line.endswith(b"\n")}


def _present(home: Path) -> Iterator[int]:
    with closing(sqlite3.connect(home / "reins.db")) as driver:
        assert driver.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        yield from (n for (n,) in driver.execute("SELECT n FROM event"))


def _assert_nothing_lost(home: Path, acknowledged: set[int]) -> None:
    report = audit.verify(home / "reins.db")
    assert report.ok, report.fault
    assert acknowledged <= set(_present(home))


@pytest.mark.parametrize("point", ["storage.before_commit", "storage.after_commit"])
@pytest.mark.parametrize("nth", [1, 2, 7])
def test_nothing_is_lost_at_a_fault_point(tmp_path: Path, point: str, nth: int) -> None:
    acknowledged = _acknowledged_before_death(tmp_path, point, str(nth))
    assert bool(acknowledged) == (nth > 1)
    _assert_nothing_lost(tmp_path, acknowledged)
    present = len(set(_present(tmp_path)))
    assert (present > len(acknowledged)) == (point == "storage.after_commit")


def test_nothing_is_lost_by_ten_kills_of_one_database(tmp_path: Path) -> None:
    dice = random.Random(9)
    acknowledged: set[int] = set()
    for _ in range(10):
        told = _acknowledged_before_death(tmp_path, kill_after=dice.random() * 0.3)
        assert told
        assert not told & acknowledged, "a number was given twice"
        acknowledged |= told
        _assert_nothing_lost(tmp_path, acknowledged)
