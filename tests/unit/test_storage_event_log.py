"""What is appended is read back as it was, in one chain, whichever way it was appended."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import Connection

from storage import audit, event_log
from storage.clock import ManualClock
from storage.database import Storage
from storage.event_log import INLINE_BYTES, NewEvent, StoredEvent
from storage.tables import Inbox, Session, Turn, table


@pytest.fixture
async def clock() -> ManualClock:
    return ManualClock(1_700_000_000_000)


@pytest.fixture
async def storage(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Storage]:
    opened = await Storage.open(tmp_path, clock)
    try:
        yield opened
    finally:
        await opened.close()


def _two_turns(conn: Connection) -> None:
    at = {"team_id": "T", "channel_id": "C", "thread_ts": "1.0"}
    conn.execute(
        insert(table(Session)).values(
            **at, id="s", agent="a", harness="h", snapshot="{}", owner_user_id="U", state="open", opened_at=1
        )
    )
    for i in (1, 2):
        gesture = {
            "gesture_key": f"g{i}",
            "kind": "message",
            "ts": f"{i}.0",
            "user_id": "U",
            "body": "",
            "received_at": 1,
        }
        conn.execute(insert(table(Inbox)).values(**at, **gesture, id=i))
        turn = {"id": f"t{i}", "ordinal": i, "inbox_id": i, "message_ts": f"{i}.0", "queued_at": 1}
        conn.execute(
            insert(table(Turn)).values(**turn, team_id="T", session_id="s", user_id="U", late=False, state="queued")
        )


async def test_a_turn_and_a_session_are_read_in_order(storage: Storage, clock: ManualClock) -> None:
    await storage.writer.run(_two_turns)
    await storage.writer.append(
        [NewEvent("T", "s", None, "opened", 1, "0"), NewEvent("T", "s", "t1", "text", 2, "one")]
    )
    clock.advance(5)
    await storage.writer.append([NewEvent("T", "other", None, "opened", 1, "not ours")])
    await storage.writer.run(lambda conn: event_log.append(conn, [NewEvent("T", "s", "t2", "text", 1, "two")]))
    await storage.writer.append([NewEvent("T", "s", "t1", "text", 1, "three\N{SNOWMAN}\x00")])
    start = 1_700_000_000_000
    async with storage.reader.connect() as conn:
        assert await event_log.read_turn(conn, "t1") == [
            StoredEvent(2, "T", "s", "t1", "text", 2, start, "one"),
            StoredEvent(5, "T", "s", "t1", "text", 1, start + 5, "three\N{SNOWMAN}\x00"),
        ]
        assert [event.n for event in await event_log.read_turn(conn, "t1", after_n=2)] == [5]
        assert [event.n for event in await event_log.read_session(conn, "s")] == [1, 2, 4, 5]
        assert [event.n for event in await event_log.read_session(conn, "s", after_n=2)] == [4, 5]


async def test_a_long_body_is_kept_once_and_read_back_whole(storage: Storage) -> None:
    inline, long = "x" * INLINE_BYTES, "\N{GREEK SMALL LETTER PI}" * (INLINE_BYTES // 2 + 1)
    for body in (inline, long, long):
        await storage.writer.append([NewEvent("T", "s", None, "k", 1, body)])
    async with storage.reader.connect() as conn:
        assert [event.body for event in await event_log.read_session(conn, "s")] == [inline, long, long]
    with closing(sqlite3.connect(storage.path)) as driver:
        assert driver.execute("SELECT length(data) FROM blob").fetchall() == [(len(long.encode()),)]
    assert audit.verify(storage.path).ok


async def test_the_chain_is_the_documented_one(storage: Storage) -> None:
    """Recomputed from the words of `storage.tables`, with nothing of ours but the rows."""
    await asyncio.gather(
        *(storage.writer.append([NewEvent('T"é', "s", None, "k\n", i, f"body {i}")]) for i in range(3)),
        storage.writer.run(lambda conn: event_log.append(conn, [NewEvent("T", None, "t", "k", 1, "")])),
    )
    prev = bytes(32)
    with closing(sqlite3.connect(storage.path)) as driver:
        rows = driver.execute(
            "SELECT e.*, b.salt, b.body FROM event e JOIN event_body b USING (n) ORDER BY n"
        ).fetchall()
    for n, team, session, turn, kind, version, at, hashed, digest, salt, body in rows:
        assert hashed == hashlib.sha256(salt + body.encode()).digest()
        fact = [n, team, session, turn, kind, version, at, hashed.hex()]
        canonical = json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode()
        assert digest == hashlib.sha256(prev + canonical).digest()
        prev = digest
    assert len({row[-2] for row in rows}) == len(rows) == 4
    async with storage.reader.connect() as conn:
        assert str(await conn.run_sync(audit.head)) == f"4:{prev.hex()}"


async def test_an_event_of_the_wrong_shape_is_refused(storage: Storage) -> None:
    with pytest.raises(TypeError, match="team_id"):
        await storage.writer.append([NewEvent(None, "s", None, "k", 1, "b")])  # type: ignore[arg-type] # what is tested
    with pytest.raises(ValueError, match="'d'"):
        await storage.writer.append([NewEvent("T", "s", None, "k", "1", "b")])  # type: ignore[arg-type] # what is tested
    assert await storage.writer.append([NewEvent("T", "s", None, "k", 1, "b")]) == [1]
