"""The database of one Reins: ``reins.db`` in its home directory, opened for a service or for reading."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from storage import audit, schema
from storage.clock import Clock, SystemClock
from storage.connections import connect_reader
from storage.errors import StorageCorrupt, StorageUnavailable, corrupt, damaged, unavailable
from storage.reader import Reader
from storage.service_lock import ServiceLock
from storage.writer import Writer

_SYSTEM_CLOCK = SystemClock()


class Storage:
    """The one writer, the reader and the clock of a running service. Made by `open`."""

    def __init__(self, path: Path, lock: ServiceLock, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self.writer = Writer(path, clock)
        self.reader = Reader(path)
        self._lock = lock

    @classmethod
    async def open(cls, home: Path, clock: Clock = _SYSTEM_CLOCK) -> Storage:
        """Open ``home/reins.db`` for the one service that may use it: make or migrate it first where needed.

        The directory is private (0700), so are the files (0600). Raises `StorageLocked`, `StorageNewer`,
        `StorageCorrupt`, `StorageReadOnly`, `StorageFull` or `StorageUnavailable`, and then leaves nothing open.
        """
        path = home / "reins.db"
        lock = await asyncio.to_thread(_prepare, home, path, clock)
        return cls(path, lock, clock)

    @staticmethod
    async def open_read_only(home: Path) -> Reader:
        """A reader for a command that runs beside a service, or without one. Changes nothing.

        Raises `StorageUnavailable` when there is no database yet, `StorageNewer` and `StorageCorrupt`.
        """
        path = home / "reins.db"
        await asyncio.to_thread(_check_readable, path)
        return Reader(path)

    async def erase(self, target: audit.Target, reason: str) -> int:
        """Erase the bodies of events for good: see `audit.erase`. When this returns they are in neither the database
        nor its write-ahead log. Copies made before (``backups/``, `backup`) still hold them.

        Raises `ErasureRefused` when nothing was erased. `StorageUnavailable` may come after the bodies are deleted,
        when a reader keeps the log from being emptied: `Writer.truncate_wal` does that part again."""
        recorded_n = await self.writer.run(lambda conn: audit.erase(conn, target, reason))
        await self.writer.truncate_wal()
        return recorded_n

    async def close(self) -> None:
        """Finish the writes that were handed over, close every connection, release the service lock."""
        try:
            await self.reader.close()
        finally:
            await self.writer.close()
            self._lock.release()


def _prepare(home: Path, path: Path, clock: Clock) -> ServiceLock:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & 0o077:
            home.chmod(0o700)
        lock = ServiceLock.take(home)
    except OSError as error:
        raise _explained(error, path) from error
    try:
        _create(path)
        schema.migrate(path, clock)
    except (sqlite3.Error, SQLAlchemyError, OSError) as error:
        lock.release()
        raise _explained(error, path) from error
    except BaseException:
        lock.release()
        raise
    return lock


def _create(path: Path) -> None:
    """Make an empty private file where there is none; SQLite gives -wal and -shm the same mode.

    An existing file is asked about, never opened here: closing it would drop the locks that SQLite holds on it for
    another connection of this process (https://www.sqlite.org/howtocorrupt.html, 2.2). Asked first, since SQLite
    would leave side files behind that are as read-only as the file.
    """
    for place in (path, path.parent):
        if path.exists() and not os.access(place, os.W_OK):
            raise PermissionError(errno.EACCES, f"{place.name} is read-only")
    if path.exists():
        return
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _check_readable(path: Path) -> None:
    try:
        if not path.exists():
            raise StorageUnavailable(f"There is no database at {path}; start Reins once on this directory.")
        with closing(connect_reader(path)) as driver:
            if schema.check(driver, path) is None:
                raise StorageUnavailable(f"{path} is still empty; start Reins once on this directory.")
    except (sqlite3.Error, OSError) as error:
        raise _explained(error, path) from error


def _explained(error: sqlite3.Error | SQLAlchemyError | OSError, path: Path) -> StorageUnavailable | StorageCorrupt:
    if damaged(error):
        return corrupt(path, f"is damaged ({error})")
    return unavailable(error, path) or StorageUnavailable(f"{path} could not be opened ({error}); check the file.")
