"""Copies of a database while a service writes to it.

The copy is taken from one snapshot by SQLite's own backup interface (https://www.sqlite.org/backup.html), appears
under its name only when it is whole and on disk, and never replaces a file.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import audit
from storage.connections import connect_reader
from storage.errors import BackupFailed, unavailable

PAGES_PER_STEP = 1024


def backup(home: Path, target: Path) -> audit.VerifyReport:
    """Copy ``home/reins.db`` to `target` (mode 0600), check the copy and return what the check found.

    Blocks for as long as the copy takes: call it in a thread. The copy holds what was committed when it began.
    Raises `BackupFailed` when `target` exists, or when the copy is not sound, and `StorageUnavailable`.
    """
    source = home / "reins.db"
    if not source.exists():
        raise BackupFailed(f"There is no database at {source}; name the directory that Reins was started with.")
    partial = _copy_beside(source, target)
    try:
        report = _check(source, partial)
        _appear(partial, target)
    finally:
        _discard(partial)
    return report


def copy_database(source: Path, target: Path) -> None:
    """The copy alone, without the checks, which read all of it."""
    partial = _copy_beside(source, target)
    try:
        _appear(partial, target)
    finally:
        _discard(partial)


def _copy_beside(source: Path, target: Path) -> Path:
    """Copy into a new file in the target's directory; return its path."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    if target.exists():
        raise BackupFailed(f"{target} exists and a backup never replaces a file; name another target.")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupFailed(f"{partial} cannot be made ({error}); name a target in a directory that exists.") from error
    try:
        with closing(connect_reader(source)) as origin, closing(sqlite3.connect(partial)) as copy:
            # A pinned snapshot: without it every commit of the service would start the copy again.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            origin.backup(copy, pages=PAGES_PER_STEP)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file that stands alone, without -wal and -shm
        _fsync(partial)
    except (sqlite3.Error, OSError) as error:
        _discard(partial)
        raise unavailable(error, partial) or BackupFailed(f"{source} could not be copied: {error}.") from error
    return partial


def _check(source: Path, copy: Path) -> audit.VerifyReport:
    with closing(connect_reader(copy)) as driver:
        (answer,) = driver.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise BackupFailed(f"{source} is damaged, so its copy was thrown away ({answer}); restore an older backup.")
    report = audit.verify(copy)
    if report.fault is not None:
        raise BackupFailed(f"The audit chain in {source} is broken, so its copy was thrown away: {report.fault.what}")
    return report


def _appear(partial: Path, target: Path) -> None:
    try:
        os.link(partial, target)  # unlike a rename, this fails when the target exists
    except OSError as error:
        raise BackupFailed(f"{target} cannot be made ({error}); name another target.") from error
    _fsync(target.parent)


def _discard(partial: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
