"""A write that returns is recorded, a write that raises is not, and a withdrawn write never runs."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from storage import audit, event_log, faults
from storage.database import Storage
from storage.errors import StorageReadOnly, StorageUnavailable, WriteWithdrawn
from storage.event_log import NewEvent


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = await Storage.open(tmp_path)
    try:
        yield opened
    finally:
        faults.disarm()
        await opened.close()


def _event(body: str, kind: str = "k") -> NewEvent:
    return NewEvent("T", "s", None, kind, 1, body)


async def _bodies(storage: Storage) -> list[str | None]:
    async with storage.reader.connect() as conn:
        return [event.body for event in await event_log.read_session(conn, "s")]


async def test_a_failing_function_among_a_hundred_loses_only_itself(storage: Storage) -> None:
    def work(i: int) -> Callable[[Connection], int]:
        def fn(conn: Connection) -> int:
            event_log.append(conn, [_event(f"fn {i}")])
            if i == 50:
                conn.execute(text("INSERT INTO erasure (n, recorded_n, erased_at, reason) VALUES (1, NULL, 0, '')"))
            if i == 51:
                raise StopIteration
            return i

        return fn

    calls = [storage.writer.run(work(i)) for i in range(100)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(results[50], IntegrityError)
    assert isinstance(results[51], RuntimeError)
    assert [r for i, r in enumerate(results) if i not in (50, 51)] == [i for i in range(100) if i not in (50, 51)]
    assert await _bodies(storage) == [f"fn {i}" for i in range(100) if i not in (50, 51)]
    assert audit.verify(storage.path).ok


async def test_an_append_that_cannot_be_recorded_loses_only_itself(storage: Storage) -> None:
    bodies = [f"event {i}" if i % 10 else "lone surrogate \ud800" for i in range(100)]
    results = await asyncio.gather(*(storage.writer.append([_event(b)]) for b in bodies), return_exceptions=True)
    assert [isinstance(r, UnicodeEncodeError) for r in results] == [i % 10 == 0 for i in range(100)]
    assert [r for r in results if isinstance(r, list)] == [[n] for n in range(1, 91)]
    assert await _bodies(storage) == [b for i, b in enumerate(bodies) if i % 10]


async def test_appends_and_functions_keep_the_order_in_which_they_were_handed_over(storage: Storage) -> None:
    def fn(conn: Connection) -> list[int]:
        return event_log.append(conn, [_event("b")])

    first, second, third = await asyncio.gather(
        storage.writer.append([_event("a1"), _event("a2")]),
        storage.writer.run(fn),
        storage.writer.append([_event("c")]),
    )
    assert (first, second, third) == ([1, 2], [3], [4])
    assert await storage.writer.append([]) == []
    assert await _bodies(storage) == ["a1", "a2", "b", "c"]


@pytest.mark.parametrize("ending", [Connection.commit, Connection.rollback])
async def test_a_function_that_ends_the_transaction_is_refused(
    storage: Storage, ending: Callable[[Connection], None]
) -> None:
    def fn(conn: Connection) -> None:
        event_log.append(conn, [_event("never")])
        event_log.head(conn)
        ending(conn)

    beside = storage.writer.append([_event("beside")])
    refused, appended = await asyncio.gather(storage.writer.run(fn), beside, return_exceptions=True)
    assert isinstance(refused, RuntimeError)
    assert appended == [1]
    assert await _bodies(storage) == ["beside"]


async def test_a_write_that_cannot_begin_in_time_is_withdrawn(storage: Storage) -> None:
    release = threading.Event()
    ran: list[str] = []
    stuck = asyncio.create_task(storage.writer.run(lambda _: release.wait(20)))
    await asyncio.sleep(0)
    with pytest.raises(WriteWithdrawn, match=r"within 0\.01 s; nothing was changed"):
        await storage.writer.run(lambda _: ran.append("late"), begin_within=0.01)
    release.set()
    assert await stuck
    await storage.writer.run(lambda _: None)
    assert ran == []


async def test_a_cancelled_write_that_has_not_begun_never_runs(storage: Storage) -> None:
    release = threading.Event()
    ran: list[str] = []
    stuck = asyncio.create_task(storage.writer.run(lambda _: release.wait(20)))
    call = asyncio.create_task(storage.writer.run(lambda _: ran.append("cancelled")))
    append = asyncio.create_task(storage.writer.append([_event("cancelled")]))
    await asyncio.sleep(0)
    call.cancel()
    append.cancel()
    await asyncio.wait([call, append])
    release.set()
    await stuck
    await storage.writer.run(lambda _: None)
    assert ran == []
    assert await _bodies(storage) == []


async def test_withdrawn_or_recorded_but_never_both(storage: Storage) -> None:
    """Deadlines land all around the moment at which the writer begins; each outcome must be the true one."""
    dice = random.Random(20)
    seen = {"recorded": 0, "withdrawn": 0}
    ran: set[int] = set()

    async def one(i: int) -> None:
        try:
            await storage.writer.run(lambda _: ran.add(i), begin_within=dice.random() * 0.004)
        except WriteWithdrawn:
            withdrawn.add(i)

    for _ in range(60):
        withdrawn: set[int] = set()
        ran.clear()
        busy = asyncio.create_task(storage.writer.run(lambda _: threading.Event().wait(0.002)))
        await asyncio.gather(*(one(i) for i in range(50)))
        await busy
        await storage.writer.run(lambda _: None)
        assert ran.isdisjoint(withdrawn)
        assert ran | withdrawn == set(range(50))
        seen["recorded"] += len(ran)
        seen["withdrawn"] += len(withdrawn)
    assert seen["recorded"] > 100
    assert seen["withdrawn"] > 100


async def test_a_failed_commit_fails_its_batch_and_the_next_one_succeeds(storage: Storage) -> None:
    def no_disk() -> None:
        raise OSError(5, "Input/output error")

    await storage.writer.append([_event("before")])
    faults.arm("storage.before_commit", no_disk)
    results = await asyncio.gather(
        *(storage.writer.append([_event(f"lost {i}")]) for i in range(5)), return_exceptions=True
    )
    assert all(isinstance(r, StorageUnavailable) for r in results)
    assert storage.writer.health is not None
    assert "reins.db" in storage.writer.health
    assert await storage.writer.append([_event("after")]) == [2]
    assert storage.writer.health is None
    assert await _bodies(storage) == ["before", "after"]
    assert audit.verify(storage.path).ok


async def test_a_database_that_turns_read_only_is_named_and_recovers(storage: Storage) -> None:
    await storage.writer.run(lambda conn: conn.exec_driver_sql("PRAGMA query_only=ON"))
    with pytest.raises(StorageReadOnly, match=r"reins\.db cannot be written"):
        await storage.writer.append([_event("refused")])
    assert storage.writer.health is not None
    assert await storage.writer.append([_event("accepted")]) == [1]


async def test_closing_records_what_was_handed_over(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    pending = [asyncio.create_task(storage.writer.append([_event(str(i))])) for i in range(20)]
    await asyncio.sleep(0)
    await storage.close()
    assert await asyncio.gather(*pending) == [[n] for n in range(1, 21)]
    with pytest.raises(StorageUnavailable, match="closed"):
        await storage.writer.append([_event("too late")])
    assert audit.verify(storage.path).events == 20
