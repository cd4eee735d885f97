"""A database that must not be used is refused at start, with a sentence; a sound one opens at once."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from storage import event_log
from storage.database import Storage
from storage.errors import StorageCorrupt, StorageLocked, StorageUnavailable
from storage.event_log import NewEvent

ROOT = Path(__file__).parents[2]
OPEN = """
import asyncio, sys
from pathlib import Path
from storage.database import Storage
from storage.errors import StorageError
async def main():
    try:
        storage = await Storage.open(Path(sys.argv[1]))
    except StorageError as error:
        print(type(error).__name__, error)
    else:
        await storage.close()
        print("opened")
asyncio.run(main())
"""


# For root, permissions count only without these capabilities.
WITHOUT_OVERRIDE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.getuid() == 0 else ()


def _open_elsewhere(home: Path, *under: str) -> str:
    done = subprocess.run(
        [*under, sys.executable, "-c", OPEN, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=30,
        check=True,
    )
    return done.stdout.strip()


async def _sound(home: Path, events: int = 3) -> Path:
    storage = await Storage.open(home)
    await storage.writer.append([NewEvent("T", "s", None, "k", 1, f"body {i}") for i in range(events)])
    await storage.close()
    return storage.path


async def test_the_directory_and_its_files_are_private(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    storage = await Storage.open(home)
    await storage.writer.append([NewEvent("T", None, None, "k", 1, "b")])
    modes = {file.name: file.stat().st_mode & 0o777 for file in home.iterdir()}
    await storage.close()
    assert home.stat().st_mode & 0o777 == 0o700
    assert modes == dict.fromkeys(("reins.db", "reins.db-shm", "reins.db-wal", "reins.lock"), 0o600)


async def test_a_second_service_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    assert _open_elsewhere(tmp_path).startswith(
        f"StorageLocked {tmp_path}/reins.lock is held by process {os.getpid()}:"
    )
    with pytest.raises(StorageLocked):
        await Storage.open(tmp_path)
    await storage.close()
    assert _open_elsewhere(tmp_path) == "opened"


async def test_readers_work_beside_a_service_and_without_one(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="no database"):
        await Storage.open_read_only(tmp_path)
    storage = await Storage.open(tmp_path)
    await storage.writer.append([NewEvent("T", "s", None, "k", 1, "b")])
    for service in (storage, None):
        reader = await Storage.open_read_only(tmp_path)
        async with reader.connect() as conn:
            assert [event.body for event in await event_log.read_session(conn, "s")] == ["b"]
        with pytest.raises(StorageUnavailable):
            async with reader.connect() as conn:
                await conn.exec_driver_sql("DELETE FROM inbox")
        await reader.close()
        if service:
            await service.close()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: b"PK\x03\x04" + data[4:], "not a database"),
        (lambda data: data[:100] + os.urandom(3996) + data[4096:], "damaged"),
        (lambda data: data[:50], "damaged"),
    ],
    ids=["another kind of file", "first page", "cut short"],
)
async def test_a_damaged_file_is_refused(tmp_path: Path, damage: object, sentence: str) -> None:
    path = await _sound(tmp_path)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StorageCorrupt, match=sentence) as refused:
        await Storage.open(tmp_path)
    assert str(path) in str(refused.value)
    assert "restore" in str(refused.value)
    with pytest.raises(StorageCorrupt):
        await Storage.open_read_only(tmp_path)


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        (["DROP TRIGGER event_no_update", "UPDATE event SET at = at + 1 WHERE n = 3"], "lacks event_no_update"),
        (["DROP TABLE inbox"], "lacks inbox"),
        (["DELETE FROM alembic_version"], "does not say which schema"),
        (["DROP TABLE alembic_version"], "not a Reins database"),
    ],
)
async def test_a_database_that_lost_part_of_its_schema_is_refused(
    tmp_path: Path, statements: list[str], sentence: str
) -> None:
    path = await _sound(tmp_path)
    with closing(sqlite3.connect(path)) as driver, driver:
        for statement in statements:
            driver.execute(statement)
    with pytest.raises(StorageCorrupt, match=sentence):
        await Storage.open(tmp_path)


async def test_a_last_event_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = await _sound(tmp_path)
    with closing(sqlite3.connect(path)) as driver, driver:
        (trigger,) = driver.execute("SELECT sql FROM sqlite_master WHERE name = 'event_no_update'").fetchone()
        driver.execute("DROP TRIGGER event_no_update")
        driver.execute("UPDATE event SET at = at + 1 WHERE n = 3")
        driver.execute(trigger)
    with pytest.raises(StorageCorrupt, match=r"last event \(3\)"):
        await Storage.open(tmp_path)


async def test_a_read_only_file_is_refused() -> None:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        path = await _sound(home)
        path.chmod(0o400)
        answer = _open_elsewhere(home, *WITHOUT_OVERRIDE)
        assert answer.startswith(f"StorageReadOnly {path} cannot be written")
        path.chmod(0o600)
        path.parent.chmod(0o500)
        assert _open_elsewhere(home, *WITHOUT_OVERRIDE).startswith(f"StorageReadOnly {path} cannot be written")
        path.parent.chmod(0o700)
        assert _open_elsewhere(home, *WITHOUT_OVERRIDE) == "opened"
