"""A backup is whole, private, checked, made beside a working service, and never replaces a file."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import audit
from storage.backup import backup
from storage.database import Storage
from storage.errors import BackupFailed
from storage.event_log import NewEvent


def _event(i: int) -> NewEvent:
    return NewEvent("T", "s", "t", "k", 1, f"body {i} " * 50)


def _names(directory: Path) -> list[str]:
    return sorted(file.name for file in directory.iterdir())


async def test_a_backup_made_while_the_service_writes_is_a_moment_of_its_history(tmp_path: Path) -> None:
    home, target = tmp_path / "home", tmp_path / "backup.db"
    storage = await Storage.open(home)
    await storage.writer.append([_event(i) for i in range(5_000)])
    copying = asyncio.create_task(asyncio.to_thread(backup, home, target))
    written = 5_000
    while not copying.done():
        written = (await storage.writer.append([_event(written)]))[-1]
    report = await copying
    async with storage.reader.connect() as conn:
        head = await conn.run_sync(audit.head)
    assert head.n == written > 5_000
    assert 5_000 <= report.events <= written
    assert audit.verify(storage.path).ok
    await storage.close()

    assert _names(tmp_path) == ["backup.db", "home"]
    assert target.stat().st_mode & 0o777 == 0o600
    assert audit.verify(target, report.head).events == report.events
    restored = tmp_path / "restored"
    restored.mkdir()
    target.rename(restored / "reins.db")
    again = await Storage.open(restored)
    assert await again.writer.append([_event(0)]) == [report.events + 1]
    await again.close()


async def test_a_backup_needs_no_service(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with pytest.raises(BackupFailed, match="no database"):
        backup(home, tmp_path / "backup.db")
    await (await Storage.open(home)).close()
    assert backup(home, tmp_path / "backup.db").events == 0


async def test_a_backup_never_replaces_a_file(tmp_path: Path) -> None:
    await (await Storage.open(tmp_path / "home")).close()
    target = tmp_path / "precious"
    target.write_text("precious")
    with pytest.raises(BackupFailed, match="never replaces"):
        backup(tmp_path / "home", target)
    assert target.read_text() == "precious"
    with pytest.raises(BackupFailed, match="directory that exists"):
        backup(tmp_path / "home", tmp_path / "nowhere" / "backup.db")


async def test_a_broken_chain_is_not_passed_off_as_a_backup(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path / "home")
    await storage.writer.append([_event(i) for i in range(3)])
    await storage.close()
    with closing(sqlite3.connect(storage.path)) as driver, driver:
        driver.execute("DROP TRIGGER event_no_update")
        driver.execute("UPDATE event SET kind = 'other' WHERE n = 2")
    with pytest.raises(BackupFailed, match="Event 2 is not what was recorded"):
        backup(tmp_path / "home", tmp_path / "backup.db")
    assert _names(tmp_path) == ["home"]
