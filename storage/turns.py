"""Turns: queued, running, ended; and settled once Slack shows the end. Every function runs inside a transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, insert, select, update
from sqlalchemy.engine import Connection

from storage.inbox import ThreadKey
from storage.tables import Event, Session, Turn, table

_turn = table(Turn)
_session = table(Session)
_event = table(Event)

# Made once: building a statement takes several times as long as running it.
_of_session = _turn.c.session_id == bindparam("session_id")
_HIGHEST = select(func.max(_turn.c.ordinal)).where(_of_session)
_CREATE = insert(_turn)
_QUEUED = select(_turn).where(_of_session, _turn.c.state == "queued").order_by(_turn.c.message_ts, _turn.c.ordinal)
_RUNNING = select(_turn).where(_of_session, _turn.c.state == "running")
_LAST_STARTED = select(func.max(_turn.c.message_ts)).where(_of_session, _turn.c.prompt_sent_at.is_not(None))


@dataclass(frozen=True, slots=True)
class StoredTurn:
    id: str
    team_id: str
    session_id: str
    ordinal: int
    user_id: str
    message_ts: str
    late: bool
    state: str
    outcome: str | None
    queued_at: int
    prompt_sent_at: int | None
    ended_at: int | None
    settled_at: int | None


def create(
    conn: Connection,
    *,
    team_id: str,
    session_id: str,
    inbox_id: int,
    user_id: str,
    message_ts: str,
    late: bool,
    at: int,
) -> StoredTurn:
    """Queue a turn; ordinals count from 1 within the session. An inbox row makes at most one turn."""
    highest = conn.execute(_HIGHEST, {"session_id": session_id}).scalar()
    turn = StoredTurn(
        id=uuid.uuid4().hex,
        team_id=team_id,
        session_id=session_id,
        ordinal=(highest or 0) + 1,
        user_id=user_id,
        message_ts=message_ts,
        late=late,
        state="queued",
        outcome=None,
        queued_at=at,
        prompt_sent_at=None,
        ended_at=None,
        settled_at=None,
    )
    row = {
        "id": turn.id,
        "team_id": team_id,
        "session_id": session_id,
        "ordinal": turn.ordinal,
        "inbox_id": inbox_id,
        "user_id": user_id,
        "message_ts": message_ts,
        "late": late,
        "state": turn.state,
        "interruption_settled": False,
        "queued_at": at,
    }
    conn.execute(_CREATE, row)
    return turn


def queued_in_session(conn: Connection, session_id: str) -> list[StoredTurn]:
    """In the order they will run: Slack's time of their messages."""
    return [_stored(row) for row in conn.execute(_QUEUED, {"session_id": session_id})]


def running_in_session(conn: Connection, session_id: str) -> StoredTurn | None:
    row = conn.execute(_RUNNING, {"session_id": session_id}).first()
    return _stored(row) if row else None


def open_interruption(conn: Connection, session_id: str) -> str | None:
    """The session's newest turn, if it was interrupted and nobody has said what to do about it."""
    newest = conn.execute(
        select(_turn.c.id, _turn.c.outcome, _turn.c.interruption_settled)
        .where(_turn.c.session_id == session_id)
        .order_by(_turn.c.ordinal.desc())
        .limit(1)
    ).first()
    return newest.id if newest and newest.outcome == "interrupted" and not newest.interruption_settled else None


def settle_interruption(conn: Connection, team_id: str, turn_id: str) -> None:
    """It was said what to do; the turn's message has to be shown anew, also after a restart."""
    conn.execute(
        update(_turn)
        .where(_turn.c.team_id == team_id, _turn.c.id == turn_id)
        .values(interruption_settled=True, settled_at=None)
    )


def was_asked(conn: Connection, session_id: str, message_ts: str) -> bool:
    """Whether this message was a prompt of the session whose turn has ended."""
    statement = select(_turn.c.id).where(
        _turn.c.session_id == session_id, _turn.c.message_ts == message_ts, _turn.c.state == "ended"
    )
    return conn.execute(statement.limit(1)).first() is not None


def last_started_ts(conn: Connection, session_id: str) -> str:
    """Slack ts of the newest message whose prompt was sent in this session; "0" when none was."""
    return conn.execute(_LAST_STARTED, {"session_id": session_id}).scalar() or "0"


def mark_running(conn: Connection, turn: StoredTurn, at: int) -> bool:
    """False when the turn is not queued any more: it was withdrawn meanwhile."""
    return _change(conn, turn, _turn.c.state == "queued", state="running", prompt_sent_at=at)


def mark_ended(conn: Connection, turn: StoredTurn, outcome: str, at: int) -> bool:
    """False when the turn has ended already."""
    return _change(conn, turn, _turn.c.state != "ended", state="ended", outcome=outcome, ended_at=at)


def settle(conn: Connection, team_id: str, turn_id: str, *, through_n: int, at: int) -> bool:
    """Slack shows the turn as of event ``through_n``, its end included, or never can: boot need not look at it again.
    False when the turn has a newer event, which is still to be shown."""
    newest = conn.execute(select(func.max(_event.c.n)).where(_event.c.turn_id == turn_id)).scalar()
    if newest is not None and newest > through_n:
        return False
    conn.execute(
        update(_turn)
        .where(_turn.c.team_id == team_id, _turn.c.id == turn_id, _turn.c.state == "ended")
        .values(settled_at=at)
    )
    return True


def running(conn: Connection) -> list[StoredTurn]:
    """Every turn whose prompt was sent and whose end was not seen."""
    return _all(conn, select(_turn).where(_turn.c.settled_at.is_(None), _turn.c.state == "running"))


def unsettled(conn: Connection) -> list[tuple[StoredTurn, ThreadKey]]:
    rows = conn.execute(
        select(_turn, _session.c.channel_id, _session.c.thread_ts)
        .join(_session, _session.c.id == _turn.c.session_id)
        .where(_turn.c.settled_at.is_(None))
        .order_by(_turn.c.queued_at)
    )
    return [(_stored(row), ThreadKey(row.team_id, row.channel_id, row.thread_ts)) for row in rows]


def threads_with_queued(conn: Connection) -> list[ThreadKey]:
    rows = conn.execute(
        select(_session.c.team_id, _session.c.channel_id, _session.c.thread_ts)
        .join(_turn, _turn.c.session_id == _session.c.id)
        .where(_turn.c.settled_at.is_(None), _turn.c.state == "queued")
        .distinct()
    )
    return [ThreadKey(*row) for row in rows]


def of_session(conn: Connection, session_id: str) -> Sequence[StoredTurn]:
    return _all(conn, select(_turn).where(_turn.c.session_id == session_id).order_by(_turn.c.ordinal))


def _change(conn: Connection, turn: StoredTurn, only_if: ColumnElement[bool], **values: object) -> bool:
    statement = update(_turn).where(_turn.c.team_id == turn.team_id, _turn.c.id == turn.id, only_if).values(**values)
    return conn.execute(statement).rowcount == 1


def _all(conn: Connection, statement: Select[Any]) -> list[StoredTurn]:
    return [_stored(row) for row in conn.execute(statement)]


def _stored(row: Row[Any]) -> StoredTurn:
    return StoredTurn(
        id=row.id,
        team_id=row.team_id,
        session_id=row.session_id,
        ordinal=row.ordinal,
        user_id=row.user_id,
        message_ts=row.message_ts,
        late=bool(row.late),
        state=row.state,
        outcome=row.outcome,
        queued_at=row.queued_at,
        prompt_sent_at=row.prompt_sent_at,
        ended_at=row.ended_at,
        settled_at=row.settled_at,
    )
