"""Which schema a database has, whether it may be used, and bringing it to the newest.

Alembic is imported only when there is something to migrate; the usual start reads one row instead.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from storage.backup import copy_database
from storage.chain import GENESIS, event_digest
from storage.clock import Clock
from storage.connections import connect_writer
from storage.errors import StorageNewer, corrupt
from storage.tables import Event, table

METADATA = table(Event).metadata
MIGRATIONS = Path(__file__).parent / "migrations"
TRIGGERS = (
    "blob_no_update",
    "erasure_no_delete",
    "erasure_no_update",
    "event_body_no_delete",
    "event_body_no_update",
    "event_no_delete",
    "event_no_update",
)

_LAST_TWO = (
    "SELECT n, team_id, session_id, turn_id, kind, version, at, body_hash, digest FROM event ORDER BY n DESC LIMIT 2"
)


def revisions(migrations: Path = MIGRATIONS) -> list[str]:
    """The revisions this version of Reins knows, oldest first."""
    return sorted(file.name[:4] for file in (migrations / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def check(driver: sqlite3.Connection, path: Path, migrations: Path = MIGRATIONS) -> str | None:
    """The revision of a database that may be used; None when it is empty. Reads a few pages, however large it is.

    Raises `StorageCorrupt` or `StorageNewer`, and sqlite3.Error when the file cannot be read as a database.
    """
    names = {name for (name,) in driver.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'trigger')")}
    if not names:
        return None
    if "alembic_version" not in names:
        raise corrupt(path, "is not a Reins database")
    row = driver.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise corrupt(path, "does not say which schema it has")
    revision: str = row[0]
    known = revisions(migrations)
    if revision not in known:
        raise StorageNewer(
            f"{path} has schema {revision}, and this Reins knows schemas up to {known[-1]}: a newer Reins wrote it."
            " Install that version again, or restore a backup from before the upgrade (there is no downgrade)."
        )
    if revision == known[-1]:
        missing = sorted({*METADATA.tables, *TRIGGERS} - names)
        if missing:
            raise corrupt(path, f"lacks {', '.join(missing)}")
    _check_last_event(driver, path)
    return revision


def migrate(path: Path, clock: Clock, migrations: Path = MIGRATIONS) -> None:
    """Bring the database at `path` (which exists, perhaps empty) to the newest schema, all or nothing.

    An existing one is copied first, to ``backups/reins-<from>-<UTC time>.db`` beside it.
    """
    driver = connect_writer(path)
    try:
        revision = check(driver, path, migrations)
        if revision == revisions(migrations)[-1]:
            return
        if revision is not None:
            backups = path.parent / "backups"
            backups.mkdir(mode=0o700, exist_ok=True)
            stamp = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
            copy_database(path, backups / f"reins-{revision}-{stamp}.db")
        _upgrade(driver, migrations)
    finally:
        driver.close()


def _upgrade(driver: sqlite3.Connection, migrations: Path) -> None:
    from alembic import command  # here, so that a start without a migration does not pay for it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool, isolation_level="AUTOCOMMIT")
    # Tables may be rebuilt while others refer to them: https://www.sqlite.org/lang_altertable.html#otheralter
    driver.execute("PRAGMA foreign_keys=OFF")
    # Alembic leaves a transaction alone that it finds open; the driver commits or rolls back the one begun here.
    with engine.connect() as conn, conn.begin():
        driver.execute("BEGIN IMMEDIATE")
        config.attributes["connection"] = conn
        config.attributes["metadata"] = METADATA
        command.upgrade(config, "head")
        broken = driver.execute("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise sqlite3.IntegrityError(f"the migration leaves a dangling reference: {broken}")


def _check_last_event(driver: sqlite3.Connection, path: Path) -> None:
    rows = driver.execute(_LAST_TWO).fetchall()
    if not rows:
        return
    n, *fact, digest = rows[0]
    before_n, prev = (rows[1][0], rows[1][-1]) if len(rows) == 2 else (0, GENESIS)
    try:
        sound = n == before_n + 1 and digest == event_digest(prev, n, *fact)
    except (AttributeError, TypeError, ValueError):  # a value of a type that Reins never writes
        sound = False
    if not sound:
        raise corrupt(path, f"has a last event ({n}) that does not fit the one before")
