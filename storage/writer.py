"""The writer: one thread, one connection, group commits. This is the side that callers await.

Callers await `run` or `append`; `storage.writer_thread` takes what is waiting, runs it in one transaction with a
savepoint per function, commits, and wakes the event loop once for the whole batch. Nothing is acknowledged before the
commit that holds it is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar, cast

from sqlalchemy.engine import Connection

from storage.clock import Clock
from storage.errors import StorageUnavailable, WriteWithdrawn
from storage.event_log import NewEvent
from storage.jobs import Job, TruncateWal, Work
from storage.writer_thread import WriterThread

T = TypeVar("T")


class Writer:
    """Made by `Storage.open`. All methods belong to the event loop it was made on."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._closing = False
        self._handed_over: list[Job] = []
        self._thread = WriterThread(path, clock, self._loop)
        self._thread.start()

    @property
    def health(self) -> str | None:
        """None while writing works; otherwise a sentence that says why the last batch was not recorded."""
        return self._thread.health

    async def run(self, fn: Callable[[Connection], T], *, begin_within: float | None = None) -> T:
        """Run `fn` in a transaction on the writer's thread; return its result once that is durable.

        `fn` gets the one writing connection. It must not commit, roll back or keep the connection. What it raises is
        raised here and undoes only what `fn` did. Cancelling the caller withdraws a function that has not begun.

        Raises `WriteWithdrawn` when `fn` has not begun after `begin_within` seconds (it never will), and
        `StorageUnavailable` when the batch could not be recorded.
        """
        return cast(T, await self._do(fn, begin_within))

    async def run_ahead(self, fn: Callable[[Connection], T], *, begin_within: float | None = None) -> T:
        """As `run`, before everything that was handed over to `run` and `append` and has not begun: for a small write
        that somebody outside waits for. It is committed within a few milliseconds, however long the queue is."""
        return cast(T, await self._do(fn, begin_within, ahead=True))

    async def append(self, events: Sequence[NewEvent]) -> list[int]:
        """Append events to the chain; return their numbers once they are durable. Adjacent appends are written
        together. Raises `StorageUnavailable` when they could not be recorded, and UnicodeEncodeError when a text
        holds a lone surrogate."""
        job = self._hand_over(events)
        try:
            return cast(list[int], await job.future)
        except asyncio.CancelledError:
            job.withdraw()
            raise

    async def truncate_wal(self) -> None:
        """Move everything into the database file and empty the write-ahead log, so that what was erased is in
        neither. Raises `StorageUnavailable` when a reader holds an older snapshot for too long."""
        await self._do(TruncateWal(), None)

    async def close(self) -> None:
        """Record what was handed over before this call, then end the thread. Later writes are refused."""
        if not self._closing:
            self._closing = True
            self._flush()
            self._thread.end()
        await asyncio.to_thread(self._thread.join)

    async def _do(self, work: Work, begin_within: float | None, *, ahead: bool = False) -> object:
        job = self._hand_over(work, ahead=ahead)
        timer = None
        if begin_within is not None:
            timer = self._loop.call_later(begin_within, _expire, job, begin_within)
        try:
            return await job.future
        except asyncio.CancelledError:
            job.withdraw()
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def _hand_over(self, work: Work, *, ahead: bool = False) -> Job:
        if self._closing:
            raise StorageUnavailable(f"{self._path} is closed; start Reins again, then repeat the request.")
        job = Job(work, self._loop.create_future(), ahead=ahead)
        # What this turn of the loop hands over goes to the thread at once: it then finds a whole batch, and does not
        # fight for the interpreter's lock with callers that are still arriving.
        if not self._handed_over:
            self._loop.call_soon(self._flush)
        self._handed_over.append(job)
        return job

    def _flush(self) -> None:
        if self._handed_over:
            self._thread.put(self._handed_over)
            self._handed_over = []


def _expire(job: Job, begin_within: float) -> None:
    if not job.future.done() and job.withdraw():
        job.future.set_exception(
            WriteWithdrawn(
                f"The database was too busy to begin a write within {begin_within:g} s; nothing was changed, try again."
            )
        )
