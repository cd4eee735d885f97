"""Power loss: whatever prefix of the write-ahead log survived, torn or whole, the committed prefix is there."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from storage import audit
from storage.database import Storage
from storage.event_log import NewEvent

COMMITS = 40
HEADER, FRAME = 32, 24 + 4096  # https://www.sqlite.org/fileformat.html#walformat
CASES = 300


@pytest.fixture
async def torn_from(tmp_path: Path) -> tuple[Path, list[int]]:
    """A database as it lies on disk before any checkpoint, and the log's length after each of its commits."""
    storage = await Storage.open(tmp_path / "home")
    lengths = [0]
    wal = storage.path.with_name("reins.db-wal")
    await storage.writer.truncate_wal()
    for i in range(COMMITS):
        await storage.writer.append([NewEvent("T", "s", "t", "k", 1, f"{i}.{j} ".ljust(400, "x")) for j in range(3)])
        lengths.append(wal.stat().st_size)
    taken = tmp_path / "taken"
    taken.mkdir()
    for file in (storage.path, wal):
        shutil.copy(file, taken)
    await storage.close()
    return taken, lengths


def _survivors(taken: Path, log: bytes) -> int:
    """Recover from `log` as the next start would; return how many commits are there."""
    (taken / "reins.db-wal").write_bytes(log)
    (taken / "reins.db-shm").unlink(missing_ok=True)
    report = audit.verify(taken / "reins.db")
    assert report.ok, report.fault
    commits, rest = divmod(report.events, 3)
    assert rest == 0, "part of a commit"
    return commits


def test_every_frame_boundary_and_torn_bytes(torn_from: tuple[Path, list[int]]) -> None:
    taken, lengths = torn_from
    log = (taken / "reins.db-wal").read_bytes()
    assert len(log) == lengths[-1]
    boundaries = range(HEADER, len(log) + 1, FRAME)
    assert set(lengths[1:]) <= set(boundaries)
    dice = random.Random(2)
    cuts = [*boundaries, *(dice.randrange(len(log)) for _ in range(CASES))]
    for cut in cuts:
        whole = sum(length <= cut for length in lengths[1:])
        assert _survivors(taken, log[:cut]) == whole
        junk = dice.randbytes(dice.randrange(1, 2 * FRAME))
        assert _survivors(taken, log[:cut] + junk) == whole


def test_a_flipped_bit_hides_what_follows_and_invents_nothing(torn_from: tuple[Path, list[int]]) -> None:
    taken, lengths = torn_from
    log = (taken / "reins.db-wal").read_bytes()
    dice = random.Random(3)
    for _ in range(CASES):
        at = dice.randrange(HEADER, len(log))
        flipped = log[:at] + bytes([log[at] ^ 1 << dice.randrange(8)]) + log[at + 1 :]
        assert _survivors(taken, flipped) == sum(length <= at for length in lengths[1:])
