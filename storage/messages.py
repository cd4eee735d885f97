"""The messages Reins means to have in Slack, written down before they are sent. Functions run inside a transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from storage.inbox import ThreadKey
from storage.tables import SlackMessage, table

_message = table(SlackMessage)


@dataclass(frozen=True, slots=True)
class StoredMessage:
    intent_id: str
    thread: ThreadKey
    turn_id: str
    part: int
    state: str
    intended_at: int
    ts: str | None
    sent_digest: bytes | None


def of_turn(conn: Connection, team_id: str, turn_id: str) -> list[StoredMessage]:
    rows = conn.execute(
        select(_message).where(_message.c.team_id == team_id, _message.c.turn_id == turn_id).order_by(_message.c.part)
    )
    return [
        StoredMessage(
            intent_id=row.intent_id,
            thread=ThreadKey(row.team_id, row.channel_id, row.thread_ts),
            turn_id=row.turn_id,
            part=row.part,
            state=row.state,
            intended_at=row.intended_at,
            ts=row.ts,
            sent_digest=row.sent_digest,
        )
        for row in rows
    ]


def intend(conn: Connection, thread: ThreadKey, turn_id: str, part: int, at: int) -> StoredMessage:
    """Write down that a message is about to be posted; its ``intent_id`` travels in the message's metadata."""
    message = StoredMessage(uuid.uuid4().hex, thread, turn_id, part, "intended", at, None, None)
    conn.execute(
        insert(_message).values(
            intent_id=message.intent_id,
            team_id=thread.team_id,
            channel_id=thread.channel_id,
            thread_ts=thread.thread_ts,
            turn_id=turn_id,
            part=part,
            state="intended",
            intended_at=at,
        )
    )
    return message


def record_sent(conn: Connection, intent_id: str, ts: str, digest: bytes | None, at: int) -> None:
    """Slack has the message under ``ts``. ``digest`` is of the payload it accepted; None when that is not known."""
    conn.execute(
        update(_message)
        .where(_message.c.intent_id == intent_id)
        .values(state="posted", ts=ts, sent_digest=digest, sent_at=at)
    )


def park(conn: Connection, intent_id: str, at: int) -> None:
    """Slack said for good that this message cannot be posted or changed."""
    conn.execute(update(_message).where(_message.c.intent_id == intent_id).values(state="parked", sent_at=at))


def forget(conn: Connection, intent_id: str) -> None:
    """The message is no longer meant to exist, and was taken out of Slack if it was there."""
    conn.execute(delete(_message).where(_message.c.intent_id == intent_id))
