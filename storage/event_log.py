"""The event log: appending to the chain, and reading a turn or a session back.

`append` runs inside a `Writer.run` function, in the same transaction as other changes; `Writer.append` is the hot
path. Both come here, so there is one way in which a row and its digest are made.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from sqlalchemy import CompoundSelect, Select, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.chain import EMPTY, SALT_BYTES, Head, body_hash, event_digest
from storage.clock import clock_of
from storage.tables import Blob, Event, EventBody, Turn, table

INLINE_BYTES = 256 * 1024
"""A body longer than this (UTF-8) lives in `blob`."""
MAX_BODY_BYTES = 256 * 1024 * 1024
"""No body is longer: SQLite itself stops at 10^9 bytes, and nobody reads that in a thread."""

_HEAD = "SELECT n, digest FROM event ORDER BY n DESC LIMIT 1"
_INSERT_BLOB = "INSERT INTO blob (sha256, data) VALUES (?, ?) ON CONFLICT DO NOTHING"
INSERT_EVENT = (
    "INSERT INTO event (n, team_id, session_id, turn_id, kind, version, at, body_hash, digest)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
INSERT_BODY = "INSERT INTO event_body (n, salt, body, blob_sha256) VALUES (?, ?, ?, ?)"

_event = table(Event)
_body = table(EventBody)
_blob = table(Blob)
_turn = table(Turn)


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact to append. ``body`` is text, by custom JSON; ``version`` is the version of that kind's body."""

    team_id: str
    session_id: str | None
    turn_id: str | None
    kind: str
    version: int
    body: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A fact as recorded. ``at`` is storage's clock in milliseconds; ``body`` is None once it was erased."""

    n: int
    team_id: str
    session_id: str | None
    turn_id: str | None
    kind: str
    version: int
    at: int
    body: str | None


def append(conn: Connection, events: Sequence[NewEvent]) -> list[int]:
    """Append to the chain within the transaction of `conn`, a writer's connection; return the new numbers.

    Raises ValueError or TypeError, and writes nothing, when an event cannot be recorded: see `chained`.
    """
    driver = cast(sqlite3.Connection, conn.connection.driver_connection)
    return list(insert(driver, chained(events, driver_head(driver), clock_of(conn).now_ms())))


def driver_head(driver: sqlite3.Connection) -> Head:
    """The head within the driver's transaction. It is read for every batch rather than remembered: that costs some
    2 µs and stays right after any rollback."""
    row = driver.execute(_HEAD).fetchone()
    return EMPTY if row is None else Head(*row)


@dataclass(frozen=True, slots=True)
class Chained:
    """Rows that are ready to insert: of `event`, of `event_body`, and of `blob` for long bodies."""

    ns: range
    events: list[tuple[int, str, str | None, str | None, str, int, int, bytes, bytes]]
    bodies: list[tuple[int, bytes, str | None, bytes | None]]
    blobs: list[tuple[bytes, bytes]]


def insert(driver: sqlite3.Connection, rows: Chained) -> range:
    """Insert what `chained` made; return the numbers. Only the disk can make this fail."""
    if rows.blobs:
        driver.executemany(_INSERT_BLOB, rows.blobs)
    driver.executemany(INSERT_EVENT, rows.events)
    driver.executemany(INSERT_BODY, rows.bodies)
    return rows.ns


def chained(events: Sequence[NewEvent], head: Head, at: int) -> Chained:
    """Chain `events` to `head`, all at the one time `at`.

    Raises UnicodeEncodeError for text with a lone surrogate, TypeError or ValueError for a value of the wrong type,
    and ValueError for a body over `MAX_BODY_BYTES`.
    """
    n, prev = head.n, head.digest
    rows = Chained(range(n + 1, n + len(events) + 1), [], [], [])
    salts = os.urandom(SALT_BYTES * len(events))
    for i, e in enumerate(events):
        n += 1
        salt = salts[i * SALT_BYTES : (i + 1) * SALT_BYTES]
        data = e.body.encode()
        hashed = body_hash(salt, data)
        prev = event_digest(prev, n, e.team_id, e.session_id, e.turn_id, e.kind, e.version, at, hashed)
        rows.events.append((n, e.team_id, e.session_id, e.turn_id, e.kind, e.version, at, hashed, prev))
        if len(data) <= INLINE_BYTES:
            rows.bodies.append((n, salt, e.body, None))
        else:
            if len(data) > MAX_BODY_BYTES:
                raise ValueError(f"an event body of {len(data)} bytes is over the limit of {MAX_BODY_BYTES}")
            address = sha256(data).digest()
            rows.blobs.append((address, data))
            rows.bodies.append((n, salt, None, address))
    return rows


def head(conn: Connection) -> Head:
    """The last event's number and digest; `EMPTY` when there is none."""
    row = conn.execute(text(_HEAD)).one_or_none()
    return EMPTY if row is None else Head(row.n, row.digest)


async def read_turn(conn: AsyncConnection, turn_id: str, after_n: int = 0) -> list[StoredEvent]:
    """The events of one turn with a number above `after_n`, in order."""
    return await conn.run_sync(turn_events, turn_id, after_n)


def turn_events(conn: Connection, turn_id: str, after_n: int = 0) -> list[StoredEvent]:
    """As `read_turn`, within a transaction of the writer."""
    return _read(conn, select(_event.c.n).where(_event.c.turn_id == turn_id), after_n)


async def read_session(conn: AsyncConnection, session_id: str, after_n: int = 0) -> list[StoredEvent]:
    """The events of one session with a number above `after_n`, in order: those of its turns (rows of `turn`) and
    those that belong to no turn."""
    of_turns = (
        select(_event.c.n)
        .join_from(_turn, _event, _event.c.turn_id == _turn.c.id)
        .where(_turn.c.session_id == session_id)
    )
    of_none = select(_event.c.n).where(_event.c.session_id == session_id, _event.c.turn_id.is_(None))
    return await conn.run_sync(_read, of_turns.union_all(of_none), after_n)


def events_since_turn(conn: Connection, session_id: str, kind: str) -> list[StoredEvent]:
    """The events of the session that belong to no turn, since the last event of ``kind`` of its last started turn."""
    last_turn = (
        select(_turn.c.id)
        .where(_turn.c.session_id == session_id, _turn.c.prompt_sent_at.is_not(None))
        .order_by(_turn.c.prompt_sent_at.desc(), _turn.c.ordinal.desc())
        .limit(1)
        .scalar_subquery()
    )
    last = select(func.max(_event.c.n)).where(_event.c.turn_id == last_turn, _event.c.kind == kind)
    after_n = conn.execute(last).scalar() or 0
    of_none = select(_event.c.n).where(_event.c.session_id == session_id, _event.c.turn_id.is_(None))
    return _read(conn, of_none, after_n)


def _read(
    conn: Connection, numbers: Select[tuple[int]] | CompoundSelect[tuple[int]], after_n: int
) -> list[StoredEvent]:
    columns = (_event.c.n, _event.c.team_id, _event.c.session_id, _event.c.turn_id)
    rows = conn.execute(
        select(*columns, _event.c.kind, _event.c.version, _event.c.at, _body.c.body, _blob.c.data)
        .outerjoin_from(_event, _body, _body.c.n == _event.c.n)
        .outerjoin(_blob, _blob.c.sha256 == _body.c.blob_sha256)
        .where(_event.c.n.in_(numbers), _event.c.n > after_n)
        .order_by(_event.c.n)
    )
    return [
        StoredEvent(n, team_id, session_id, turn_id, kind, version, at, body if blob is None else blob.decode())
        for n, team_id, session_id, turn_id, kind, version, at, body, blob in rows
    ]
