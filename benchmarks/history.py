"""The databases boot.py starts on: 10,000 sessions that have been idle since, and a few turns a crash cut off.

Made through storage's own functions, a thousand sessions to a transaction; only random ids differ between two runs.
Every session has its opening and the same number of turns, of `EVENTS_PER_TURN` events each, which have ended and are
settled. `INTERRUPTED` sessions have one turn more, which was running when the service was killed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from sqlalchemy.engine import Connection

from bot.core.events import (
    VERSION,
    Fact,
    HarnessReported,
    PromptSent,
    SessionOpened,
    TurnEnded,
    TurnQueued,
    stored_kind,
)
from harnesses.updates import Text
from storage import event_log, inbox, sessions, turns
from storage.clock import clock_of
from storage.database import Storage
from storage.event_log import NewEvent
from storage.inbox import NewGesture, ThreadKey

TEAM = "T0LOCAL"
USER = "U0LOCAL002"
CHANNEL = "C0LOCAL001"
INTERRUPTED = 8
EVENTS_PER_TURN = 33
_SESSIONS_AT_ONCE = 1_000
_PIECE = "A sentence of about the length that an agent streams at once. " * 2
_AGENT = {"name": "demo", "harness": "scripted", "sandbox": "none", "policy": "deny-all"}


async def build(home: Path, sessions_wanted: int, events_wanted: int, *, interrupted: int = INTERRUPTED) -> int:
    """Make ``home/reins.db``; the number of events in it, which is ``events_wanted`` or a little more. ``interrupted``:
    how many of the sessions have a turn that was running."""
    storage = await Storage.open(home)
    try:
        turns_each = (events_wanted // max(1, sessions_wanted) - 1) // EVENTS_PER_TURN
        numbers = iter(range(sessions_wanted))
        while some := list(itertools.islice(numbers, _SESSIONS_AT_ONCE)):
            await storage.writer.run(partial(_sessions, numbers=some, turns_each=turns_each, interrupted=interrupted))
        return (await storage.writer.run(event_log.head)).n
    finally:
        await storage.close()


def _sessions(conn: Connection, numbers: list[int], turns_each: int, interrupted: int) -> None:
    events: list[NewEvent] = []
    for number in numbers:
        thread = ThreadKey(TEAM, CHANNEL, f"{1_700_000_000 + number}.000100")
        session = sessions.create(
            conn,
            thread,
            agent="demo",
            harness="scripted",
            snapshot=json.dumps(_AGENT),
            owner_user_id=USER,
            at=clock_of(conn).now_ms(),
        )
        opened = SessionOpened(
            **{key: value for key, value in _AGENT.items() if key != "name"},
            agent="demo",
            channel_id=CHANNEL,
            thread_ts=thread.thread_ts,
            owner_user_id=USER,
        )
        events.append(_event(opened, session.id, None))
        for ordinal in range(turns_each):
            events.extend(_turn(conn, thread, session.id, ordinal, runs=False))
        if number < interrupted:
            events.extend(_turn(conn, thread, session.id, turns_each, runs=True))
    event_log.append(conn, events)


def _turn(conn: Connection, thread: ThreadKey, session_id: str, ordinal: int, *, runs: bool) -> Iterator[NewEvent]:
    now = clock_of(conn).now_ms()
    ts = f"{thread.thread_ts.partition('.')[0]}.{200 + ordinal:06d}"
    inbox.commit(conn, NewGesture(thread, f"msg:{CHANNEL}:{ts}", None, "message", ts, USER, "{}"), now)
    inbox_id = inbox.pending_in_thread(conn, thread)[0].inbox_id
    inbox.mark_handled(conn, [inbox_id], now)
    turn = turns.create(
        conn,
        team_id=TEAM,
        session_id=session_id,
        inbox_id=inbox_id,
        user_id=USER,
        message_ts=ts,
        late=False,
        at=now,
    )
    turns.mark_running(conn, turn, now)
    facts: list[Fact] = [
        TurnQueued(
            ordinal=turn.ordinal,
            prompt="Find out why the build is red.",
            user_id=USER,
            message_ts=ts,
            agent="demo",
            harness="scripted",
        ),
        PromptSent(resumed=False),
        *(HarnessReported(update=Text(text=_PIECE)) for _ in range(EVENTS_PER_TURN - 3)),
    ]
    if not runs:
        turns.mark_ended(conn, turn, "completed", now)
        turns.settle(conn, TEAM, turn.id, through_n=0, at=now)
        facts.append(TurnEnded(outcome="completed", stop_reason="end_turn"))
    return (_event(fact, session_id, turn.id) for fact in facts)


def _event(fact: Fact, session_id: str, turn_id: str | None) -> NewEvent:
    return NewEvent(TEAM, session_id, turn_id, stored_kind(fact), VERSION, fact.model_dump_json())
