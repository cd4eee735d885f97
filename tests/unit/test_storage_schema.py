"""The migrations make exactly the schema of `storage.tables`, all or nothing, and keep events append-only."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from storage import audit, schema
from storage.clock import ManualClock
from storage.database import Storage
from storage.errors import StorageNewer
from storage.event_log import NewEvent

CLOCK = ManualClock(1_700_000_000_000)
FAILING = """
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade() -> None:
    op.execute("CREATE TABLE half_done (id INTEGER)")
    op.execute("DELETE FROM alembic_version")
    op.execute("INSERT INTO no_such_table VALUES (1)")
"""


def _fresh(path: Path) -> Path:
    path.touch()
    schema.migrate(path, CLOCK)
    return path


def _ddl(driver: sqlite3.Connection) -> set[tuple[str, str, str]]:
    """Every table and index, as SQLite keeps it, with the spelling of constraints put in one order."""
    rows = driver.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
    )
    return {
        (kind, name, "\n".join(sorted(line.strip().rstrip(",") for line in sql.split("\n"))))
        for kind, name, sql in rows
        if name != "alembic_version"
    }


def test_alembic_finds_nothing_to_change(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{_fresh(tmp_path / 'reins.db')}")
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), schema.METADATA) == []
    engine.dispose()


def test_the_statements_are_those_of_the_tables(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    schema.METADATA.create_all(engine)
    engine.dispose()
    with (
        closing(sqlite3.connect(tmp_path / "declared.db")) as declared,
        closing(sqlite3.connect(_fresh(tmp_path / "reins.db"))) as migrated,
    ):
        assert _ddl(migrated) == _ddl(declared)
        triggers = migrated.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert sorted(name for (name,) in triggers) == sorted(schema.TRIGGERS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'x'",
        "DELETE FROM event",
        "UPDATE event_body SET body = 'x'",
        "DELETE FROM event_body",
        "UPDATE blob SET data = x'00'",
    ],
)
async def test_no_program_edits_what_happened(tmp_path: Path, statement: str) -> None:
    storage = await Storage.open(tmp_path)
    await storage.writer.append([NewEvent("T", None, None, "k", 1, "x" * 300_000)])
    await storage.close()
    with closing(sqlite3.connect(tmp_path / "reins.db")) as driver:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            driver.execute(statement)


async def test_a_failed_migration_changes_nothing_and_leaves_a_copy(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    await storage.writer.append([NewEvent("T", None, None, "k", 1, "before")])
    await storage.close()
    next_release = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, next_release, ignore=shutil.ignore_patterns("__pycache__"))
    (next_release / "versions" / "0002_failing.py").write_text(FAILING)

    with pytest.raises(Exception, match="no_such_table"):
        schema.migrate(tmp_path / "reins.db", CLOCK, next_release)

    with closing(sqlite3.connect(tmp_path / "reins.db")) as driver:
        assert driver.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert driver.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half_done'").fetchone() == (0,)
    (copy,) = (tmp_path / "backups").iterdir()
    assert copy.name == "reins-0001-20231114T221320.000000Z.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert audit.verify(copy).ok
    await (await Storage.open(tmp_path)).close()


async def test_a_newer_database_is_refused_by_service_and_reader(tmp_path: Path) -> None:
    await (await Storage.open(tmp_path)).close()
    with closing(sqlite3.connect(tmp_path / "reins.db")) as driver, driver:
        driver.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(StorageNewer, match=r"reins\.db has schema 0999.*no downgrade"):
        await Storage.open(tmp_path)
    with pytest.raises(StorageNewer):
        await Storage.open_read_only(tmp_path)
