"""A full disk: writers are told, nothing acknowledged is lost, and storage is back as soon as there is space."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from storage import audit, event_log
from storage.database import Storage
from storage.errors import StorageFull
from storage.event_log import NewEvent


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def test_a_full_disk_loses_nothing_and_heals(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    storage = await Storage.open(small_disk / "home")
    acknowledged: dict[int, str] = {}
    refused = 0

    async def session(name: str) -> None:
        nonlocal refused
        for i in range(200):
            event = NewEvent("T", name, None, "k", 1, f"{name} {i} ".ljust(3_000, "."))
            try:
                if i % 2:
                    (n,) = await storage.writer.append([event])
                else:
                    (n,) = await storage.writer.run(partial(event_log.append, events=[event]))
            except StorageFull as error:
                assert "No space left" in str(error)
                refused += 1
            else:
                acknowledged[n] = event.body

    await asyncio.gather(*(session(f"s{i}") for i in range(5)))
    assert acknowledged
    assert refused > 100
    assert storage.writer.health is not None

    ballast.unlink()
    (n,) = await storage.writer.append([NewEvent("T", "s0", None, "k", 1, "there is space again")])
    acknowledged[n] = "there is space again"
    assert storage.writer.health is None
    async with storage.reader.connect() as conn:
        stored = {e.n: e.body for i in range(5) for e in await event_log.read_session(conn, f"s{i}")}
    assert stored == acknowledged
    await storage.close()
    assert audit.verify(storage.path).ok


async def test_a_full_disk_at_start_is_a_sentence(small_disk: Path) -> None:
    (small_disk / "ballast").write_bytes(bytes(os.statvfs(small_disk).f_bavail * 4096 - 8192))
    with pytest.raises(StorageFull, match="free some space"):
        await Storage.open(small_disk / "home")
