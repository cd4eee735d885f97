"""What can go wrong with storage.

::

    StorageError
    ├── StorageUnavailable      a write or read failed now; storage recovers by itself when the cause is gone
    │   ├── StorageFull         no space left
    │   └── StorageReadOnly     the file or its directory may not be written
    ├── StorageRefused          the service must not start on this database
    │   ├── StorageCorrupt      damaged, or not a Reins database
    │   ├── StorageNewer        written by a newer Reins
    │   └── StorageLocked       another service is using it
    ├── WriteWithdrawn          the write did not begin in time and never will
    ├── BackupFailed            no backup was made
    └── ErasureRefused          nothing was erased

Each message says what happened, to which file, and what a person can do next.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

_FEW_BYTES = 256 * 1024
"""With less than this free, a plain I/O error is taken for a full disk: SQLite reports a shared-memory or
journal file it could not grow as an I/O error."""


class StorageError(Exception):
    """Anything storage raises on purpose."""


class StorageUnavailable(StorageError):
    """The write was not recorded, or the read not answered. The next one may succeed."""


class StorageFull(StorageUnavailable):
    """The write was not recorded because there is no space. Writes succeed again once there is."""


class StorageReadOnly(StorageUnavailable):
    """The database cannot be written by this process."""


class StorageRefused(StorageError):
    """Seen by the operator at start: nothing was changed, and the service does not run."""


class StorageCorrupt(StorageRefused):
    """The file is damaged or is not a Reins database."""


class StorageNewer(StorageRefused):
    """The database has a schema this version does not know. There is no downgrade."""


class StorageLocked(StorageRefused):
    """Another process holds the service lock of this directory."""


class WriteWithdrawn(StorageError):
    """The write had not begun when its time was up; it was taken back and will never run. Safe to repeat."""


class BackupFailed(StorageError):
    """No backup was left at the target; the database is as it was."""


class ErasureRefused(StorageError):
    """Nothing was erased: what was named cannot be, or is not there."""


def full(path: Path, error: BaseException) -> StorageFull:
    return StorageFull(f"No space left to write {path} ({error}); free some space there, then repeat the request.")


def read_only(path: Path, error: BaseException) -> StorageReadOnly:
    return StorageReadOnly(
        f"{path} cannot be written ({error}); make the file, its directory and its file system writable"
        " for the user that runs Reins."
    )


def corrupt(path: Path, what: str) -> StorageCorrupt:
    return StorageCorrupt(f"{path} {what}; restore the last backup, and keep this file: parts of it may be saved.")


def unavailable(error: BaseException, path: Path) -> StorageUnavailable | None:
    """The storage error behind an exception of SQLite, its driver or the operating system; None when the
    exception says nothing about the disk (a constraint, a mistake in a statement)."""
    match _cause(error):
        case StorageUnavailable() as error:
            return error
        case OSError(errno=errno.ENOSPC | errno.EDQUOT) as error:
            return full(path, error)
        case OSError(errno=errno.EROFS | errno.EACCES | errno.EPERM) as error:
            return read_only(path, error)
        case OSError() as error:
            return StorageUnavailable(f"{path} could not be used ({error}); check the disk, then repeat the request.")
        case sqlite3.Error() as error:
            return _from_sqlite(error, path)
        case _:
            return None


def damaged(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is not a sound database."""
    return _primary_code(_cause(error)) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _from_sqlite(error: sqlite3.Error, path: Path) -> StorageUnavailable | None:
    match _primary_code(error):
        case sqlite3.SQLITE_FULL:
            return full(path, error)
        case sqlite3.SQLITE_READONLY:
            return read_only(path, error)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN:
            if _free_bytes(path) < _FEW_BYTES:
                return full(path, error)
            return StorageUnavailable(
                f"The disk under {path} failed ({error}, {_name(error)}); check it, then repeat the request."
            )
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StorageUnavailable(f"{path} is damaged ({error}); stop Reins and restore the last backup.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED | sqlite3.SQLITE_PROTOCOL:
            return StorageUnavailable(
                f"Another program holds a lock on {path} ({error}); close it (a database browser?), then repeat."
            )
        case sqlite3.SQLITE_NOMEM | sqlite3.SQLITE_INTERRUPT | sqlite3.SQLITE_PERM | sqlite3.SQLITE_AUTH:
            return StorageUnavailable(f"{path} could not be used ({error}, {_name(error)}); repeat the request.")
        case _:
            return None


def _primary_code(error: BaseException) -> int | None:
    # The low byte of an extended result code is the primary one: https://www.sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "no SQLite code")


def _free_bytes(path: Path) -> int:
    try:
        usage = os.statvfs(path.parent)
    except OSError:
        return _FEW_BYTES  # unknown: leave the error what it is
    return usage.f_bavail * usage.f_frsize
