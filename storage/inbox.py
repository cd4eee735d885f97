"""The inbox: gestures committed before Slack is told that they arrived. Every function runs inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection

from storage.tables import Inbox, Session, SlackMessage, table

_inbox = table(Inbox)
_session = table(Session)
_message = table(SlackMessage)

# Made once: building a statement takes several times as long as running it.
_COMMIT = insert(_inbox).on_conflict_do_nothing()
_PENDING = (
    select(_inbox.c.id, _inbox.c.user_id, _inbox.c.body)
    .where(
        _inbox.c.team_id == bindparam("team_id"),
        _inbox.c.channel_id == bindparam("channel_id"),
        _inbox.c.thread_ts == bindparam("thread_ts"),
        _inbox.c.handled_at.is_(None),
    )
    .order_by(_inbox.c.ts, _inbox.c.id)
)
_HANDLED = update(_inbox).where(_inbox.c.id == bindparam("inbox_id")).values(handled_at=bindparam("at"), body="")


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """A Slack thread of one team; ``thread_ts`` is the ts of its first message."""

    team_id: str
    channel_id: str
    thread_ts: str


@dataclass(frozen=True, slots=True)
class NewGesture:
    thread: ThreadKey
    gesture_key: str
    event_id: str | None
    kind: str
    ts: str
    user_id: str
    body: str


@dataclass(frozen=True, slots=True)
class PendingGesture:
    inbox_id: int
    user_id: str
    body: str


def commit(conn: Connection, gesture: NewGesture, at: int) -> bool:
    """Store a gesture. False when this gesture, or its event, is already there: it counted before."""
    row = {
        "team_id": gesture.thread.team_id,
        "channel_id": gesture.thread.channel_id,
        "thread_ts": gesture.thread.thread_ts,
        "gesture_key": gesture.gesture_key,
        "event_id": gesture.event_id,
        "kind": gesture.kind,
        "ts": gesture.ts,
        "user_id": gesture.user_id,
        "body": gesture.body,
        "received_at": at,
    }
    return conn.execute(_COMMIT, row).rowcount == 1


def is_waiting(conn: Connection, team_id: str, gesture_key: str) -> bool:
    """Whether this gesture is there and was not handled yet."""
    where = (_inbox.c.team_id == team_id, _inbox.c.gesture_key == gesture_key, _inbox.c.handled_at.is_(None))
    return conn.execute(select(_inbox.c.id).where(*where)).first() is not None


def concerns_us(conn: Connection, thread: ThreadKey) -> bool:
    """Whether the thread has an open session, or a gesture that will open one and has not been handled yet."""
    where = _in_thread(_session, thread)
    if conn.execute(select(1).select_from(_session).where(*where, _session.c.state == "open")).first():
        return True
    waiting = select(1).select_from(_inbox).where(*_in_thread(_inbox, thread), _inbox.c.handled_at.is_(None))
    return conn.execute(waiting.limit(1)).first() is not None


def thread_of_our_message(conn: Connection, team_id: str, channel_id: str, ts: str) -> ThreadKey | None:
    row = conn.execute(
        select(_message.c.thread_ts).where(
            _message.c.team_id == team_id, _message.c.channel_id == channel_id, _message.c.ts == ts
        )
    ).first()
    return ThreadKey(team_id, channel_id, row[0]) if row else None


def pending_threads(conn: Connection) -> list[ThreadKey]:
    rows = conn.execute(
        select(_inbox.c.team_id, _inbox.c.channel_id, _inbox.c.thread_ts)
        .where(_inbox.c.handled_at.is_(None))
        .distinct()
    )
    return [ThreadKey(*row) for row in rows]


def people_waiting(conn: Connection, thread: ThreadKey) -> set[str]:
    """Who made the gestures of this thread that are not handled yet."""
    rows = conn.execute(
        select(_inbox.c.user_id).where(*_in_thread(_inbox, thread), _inbox.c.handled_at.is_(None)).distinct()
    )
    return {row.user_id for row in rows}


def opening_ts(conn: Connection, thread: ThreadKey) -> str | None:
    """Slack's ts of the oldest message that waits in a thread without an open session: it may open one."""
    has_session = select(_session.c.id).where(*_in_thread(_session, thread), _session.c.state == "open").exists()
    waiting = (*_in_thread(_inbox, thread), _inbox.c.handled_at.is_(None), _inbox.c.kind == "message")
    return conn.execute(select(func.min(_inbox.c.ts)).where(*waiting, ~has_session)).scalar()


def pending_in_thread(conn: Connection, thread: ThreadKey) -> list[PendingGesture]:
    """Oldest first by Slack's time, which orders what was committed; ties by arrival."""
    where = {"team_id": thread.team_id, "channel_id": thread.channel_id, "thread_ts": thread.thread_ts}
    return [PendingGesture(*row) for row in conn.execute(_PENDING, where)]


def mark_handled(conn: Connection, inbox_ids: Sequence[int], at: int) -> None:
    """The keys stay, so that a redelivery still counts as a duplicate; the words live on in events only."""
    if inbox_ids:
        conn.execute(_HANDLED, [{"inbox_id": inbox_id, "at": at} for inbox_id in inbox_ids])


def _in_thread(of: Table, thread: ThreadKey) -> tuple[ColumnElement[bool], ...]:
    return (
        of.c.team_id == thread.team_id,
        of.c.channel_id == thread.channel_id,
        of.c.thread_ts == thread.thread_ts,
    )
