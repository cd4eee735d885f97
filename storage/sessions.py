"""Sessions: at most one open per thread, and a harness that never changes. Every function runs inside a transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Connection, Row

from storage.inbox import ThreadKey
from storage.tables import Session, table

_session = table(Session)

# Made once: building a statement takes several times as long as running it.
_OF_THREAD = select(_session).where(
    _session.c.team_id == bindparam("team_id"),
    _session.c.channel_id == bindparam("channel_id"),
    _session.c.thread_ts == bindparam("thread_ts"),
)
_OPEN = _OF_THREAD.where(_session.c.state == "open")
_LATEST = _OF_THREAD.order_by(_session.c.opened_at.desc()).limit(1)
_CREATE = insert(_session)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """``snapshot`` is the agent's definition as JSON, as it was when the session opened."""

    id: str
    thread: ThreadKey
    agent: str
    harness: str
    snapshot: str
    owner_user_id: str
    previous_session_id: str | None
    harness_session_id: str | None
    model: str | None
    state: str
    opened_at: int
    closed_at: int | None


def open_in_thread(conn: Connection, thread: ThreadKey) -> StoredSession | None:
    row = conn.execute(_OPEN, _thread_columns(thread)).first()
    return _stored(row) if row else None


def create(
    conn: Connection,
    thread: ThreadKey,
    *,
    agent: str,
    harness: str,
    snapshot: str,
    owner_user_id: str,
    at: int,
) -> StoredSession:
    """Open a session; it names the thread's session before it. Raises IntegrityError if one is already open."""
    previous = conn.execute(_LATEST, _thread_columns(thread)).first()
    session = StoredSession(
        id=uuid.uuid4().hex,
        thread=thread,
        agent=agent,
        harness=harness,
        snapshot=snapshot,
        owner_user_id=owner_user_id,
        previous_session_id=previous.id if previous else None,
        harness_session_id=None,
        model=None,
        state="open",
        opened_at=at,
        closed_at=None,
    )
    row = {
        "id": session.id,
        **_thread_columns(thread),
        "agent": agent,
        "harness": harness,
        "snapshot": snapshot,
        "owner_user_id": owner_user_id,
        "previous_session_id": session.previous_session_id,
        "state": session.state,
        "opened_at": at,
    }
    conn.execute(_CREATE, row)
    return session


def get(conn: Connection, team_id: str, session_id: str) -> StoredSession:
    """Raises sqlalchemy.exc.NoResultFound when the team has no such session."""
    return _stored(
        conn.execute(select(_session).where(_session.c.team_id == team_id, _session.c.id == session_id)).one()
    )


def remember_harness_session(conn: Connection, team_id: str, session_id: str, harness_session_id: str) -> None:
    conn.execute(
        update(_session)
        .where(_session.c.team_id == team_id, _session.c.id == session_id)
        .values(harness_session_id=harness_session_id)
    )


def choose_model(conn: Connection, team_id: str, session_id: str, model: str) -> None:
    """From the next turn on, unless a message says otherwise."""
    conn.execute(update(_session).where(_session.c.team_id == team_id, _session.c.id == session_id).values(model=model))


def close(conn: Connection, team_id: str, session_id: str, at: int) -> None:
    conn.execute(
        update(_session)
        .where(_session.c.team_id == team_id, _session.c.id == session_id, _session.c.state == "open")
        .values(state="closed", closed_at=at)
    )


def recent(conn: Connection, limit: int) -> Sequence[StoredSession]:
    """The newest sessions of all teams, for the operator's command line."""
    return [_stored(row) for row in conn.execute(select(_session).order_by(_session.c.opened_at.desc()).limit(limit))]


def with_prefix(conn: Connection, prefix: str) -> Sequence[StoredSession]:
    """Sessions whose id starts with ``prefix``, at most 10, for the operator's command line."""
    return [
        _stored(row)
        for row in conn.execute(select(_session).where(_session.c.id.startswith(prefix, autoescape=True)).limit(10))
    ]


def _thread_columns(thread: ThreadKey) -> dict[str, str]:
    return {"team_id": thread.team_id, "channel_id": thread.channel_id, "thread_ts": thread.thread_ts}


def _stored(row: Row[Any]) -> StoredSession:
    return StoredSession(
        id=row.id,
        thread=ThreadKey(row.team_id, row.channel_id, row.thread_ts),
        agent=row.agent,
        harness=row.harness,
        snapshot=row.snapshot,
        owner_user_id=row.owner_user_id,
        previous_session_id=row.previous_session_id,
        harness_session_id=row.harness_session_id,
        model=row.model,
        state=row.state,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )
