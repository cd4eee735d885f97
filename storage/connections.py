"""How this package opens SQLite: one kind of connection that writes, one kind that cannot."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

BUSY_SECONDS = 5.0
"""How long a statement waits for a lock held elsewhere (a backup's last step, a database browser)."""

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # WAL with FULL syncs at every commit: https://www.sqlite.org/pragma.html
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # an erased body is overwritten, not only unlinked
    "PRAGMA temp_store=MEMORY",  # what a savepoint keeps for its rollback stays out of files
    "PRAGMA journal_size_limit=67108864",
)


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that may write; the file must exist. Raises sqlite3.Error."""
    driver = sqlite3.connect(
        _uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        for pragma in _WRITER_PRAGMAS:
            driver.execute(pragma)
        # SQLite opens a file that it may not write read-only without a word; the first change tells.
        driver.execute("BEGIN IMMEDIATE")
        driver.execute("PRAGMA user_version=0")
        driver.execute("ROLLBACK")
    except BaseException:
        driver.close()
        raise
    return driver


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection in autocommit mode that can neither write nor checkpoint. Raises sqlite3.Error."""
    driver = sqlite3.connect(
        _uri(path, "ro"), uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    driver.execute("PRAGMA query_only=ON")
    return driver


def reader_uri(path: Path) -> str:
    return _uri(path, "ro")


def _uri(path: Path, mode: str) -> str:
    # https://www.sqlite.org/uri.html: '?' and '#' in a path must be escaped
    return f"file:{quote(str(path.absolute()))}?mode={mode}"
