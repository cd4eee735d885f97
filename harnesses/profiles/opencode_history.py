"""What OpenCode's own database in HOME knows and its ACP answers leave out. Blocking.

The harness owns the file and may have made anything of it, so it is opened read-only, every query is bounded, and
what cannot be read is not known.
"""

from __future__ import annotations

import contextlib
import sqlite3
import stat
from pathlib import Path
from typing import Any

_DATABASE = Path(".local/share/opencode/opencode.db")
_BUSY = 1.0  # seconds to wait for a lock
_CELL = 1024 * 1024  # bytes of one value
_STEPS = 20_000_000  # of SQLite's virtual machine: about a second

_LAST_ERROR = (
    "SELECT json_extract(data, '$.error.data.statusCode') FROM message "
    "WHERE json_extract(data, '$.error.name') = 'APIError' ORDER BY time_created DESC LIMIT 1"
)
_COST = "SELECT total(json_extract(data, '$.cost')) FROM message WHERE session_id = ?"


def last_error_status(home: Path) -> int | None:
    """The HTTP status of the last answer of a provider that was an error."""
    status = _ask(home, _LAST_ERROR)
    return status if isinstance(status, int) else None


def cost(home: Path, session_id: str) -> float | None:
    """US dollars over all turns of the session so far."""
    total = _ask(home, _COST, session_id)
    return total if isinstance(total, float) else None


def _ask(home: Path, query: str, *values: str) -> Any:
    path = home / _DATABASE
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return None
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY)) as database:
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL)
            database.set_progress_handler(lambda: 1, _STEPS)
            database.execute("PRAGMA trusted_schema = OFF")
            row = database.execute(query, values).fetchone()
    except (OSError, sqlite3.Error):
        return None
    return row[0] if row is not None else None
