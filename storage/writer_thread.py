"""The writer's thread: batches, savepoints, commits.

A failure that concerns the disk fails the whole batch, because SQLite has rolled it back or may have; any other
failure belongs to the one job that caused it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

from storage import event_log
from storage.clock import Clock, bind_clock
from storage.connections import connect_writer
from storage.errors import StorageReadOnly, StorageUnavailable, unavailable
from storage.event_log import NewEvent
from storage.faults import reach
from storage.jobs import Job, TruncateWal, deliver

MAX_JOBS = 1024
"""Jobs in one batch, so that the first of them does not wait long for its commit."""
MAX_SECONDS = 0.05
"""A batch that has run this long is committed as it is; the rest goes into the next one."""
MAX_SECONDS_AHEAD = 0.004
"""The same, from the moment a job that goes ahead joined it: somebody outside waits for that commit."""


class WriterThread(threading.Thread):
    def __init__(self, path: Path, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="reins-writer", daemon=True)
        self.health: str | None = None
        self._path = path
        self._clock = clock
        self._loop = loop
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._ahead: deque[Job] = deque()
        self._taken: deque[Job] = deque()
        self._ending = False
        self._conn: Connection | None = None

    def put(self, jobs: list[Job]) -> None:
        self._queue.put(jobs)

    def end(self) -> None:
        """Finish what was put before this call, then end."""
        self._queue.put(None)

    def run(self) -> None:
        try:
            while self._take_more(wait=True):
                step = self._truncate_wal if isinstance(self._lane()[0].work, TruncateWal) else self._batch
                self._attempt(step)
        finally:
            self._disconnect()

    def _take_more(self, *, wait: bool) -> bool:
        """Take what is in the queue. Whether there is a job then: False at the end, or when none waits."""
        while not self._ending and (not self._queue.empty() or (wait and not self._lane())):
            jobs = self._queue.get()
            if jobs is None:
                self._ending = True
                break
            for job in jobs:
                (self._ahead if job.ahead else self._taken).append(job)
        return bool(self._lane())

    def _lane(self) -> deque[Job]:
        """Where the next job is."""
        return self._ahead or self._taken

    def _attempt(self, step: Callable[[list[Job]], None]) -> None:
        """Do `step` for the first job taken, and for those it adds; whatever becomes of it, each of them hears."""
        jobs = [self._lane().popleft()]
        try:
            step(jobs)
            self.health = None
        except BaseException as error:  # noqa: BLE001 - it is raised again, in every caller of the batch
            failure = unavailable(error, self._path) or StorageUnavailable(
                f"Writing {self._path} failed ({error!r}); the log has the details. Repeat the request."
            )
            if failure is not error:
                failure.__cause__ = error
            self.health = str(failure)
            self._roll_back()
            if isinstance(failure, StorageReadOnly):
                self._disconnect()  # SQLite decides once per connection that a file is read-only
            for job in jobs:
                if job.begin():
                    job.error = failure
        self._loop.call_soon_threadsafe(deliver, jobs)

    def _batch(self, jobs: list[Job]) -> None:
        conn = self._connect()
        driver = _driver(conn)
        driver.execute("BEGIN IMMEDIATE")
        appends: list[Job] = []
        for job in self._waiting(jobs):
            if not job.begin():
                continue
            if callable(job.work):
                self._append(driver, appends)
                appends = []
                self._call(conn, driver, job, job.work)
            else:
                appends.append(job)
        self._append(driver, appends)
        reach("storage.before_commit")
        driver.execute("COMMIT")
        reach("storage.after_commit")

    def _waiting(self, jobs: list[Job]) -> Iterator[Job]:
        """The job in `jobs`, and those that wait behind it, up to the bounds of a batch; each is added to `jobs`."""
        yield jobs[0]
        deadline = time.monotonic() + (MAX_SECONDS_AHEAD if jobs[0].ahead else MAX_SECONDS)
        while len(jobs) < MAX_JOBS and (now := time.monotonic()) < deadline and self._take_more(wait=False):
            if isinstance(self._lane()[0].work, TruncateWal):
                return
            job = self._lane().popleft()
            if job.ahead:
                deadline = min(deadline, now + MAX_SECONDS_AHEAD)
            jobs.append(job)
            yield job

    def _call(self, conn: Connection, driver: sqlite3.Connection, job: Job, fn: Callable[[Connection], Any]) -> None:
        """Run one function in its savepoint. Its own failure stays with it; the disk's goes up."""
        driver.execute("SAVEPOINT job")
        try:
            job.result = fn(conn)
        except BaseException as error:
            if unavailable(error, self._path) is not None or not driver.in_transaction:
                raise
            driver.execute("ROLLBACK TO job")
            # A Future refuses StopIteration: https://docs.python.org/3/library/asyncio-future.html
            job.error = RuntimeError(repr(error)) if isinstance(error, StopIteration) else error
        if not driver.in_transaction:
            raise StorageUnavailable(f"SQLite rolled a batch of writes to {self._path} back; repeat the request.")
        driver.execute("RELEASE job")

    def _append(self, driver: sqlite3.Connection, jobs: Sequence[Job]) -> None:
        """Write the events of adjacent jobs together. Nothing is inserted before all of them are known to be sound,
        so no savepoint is needed; when one is not, each job goes by itself."""
        if not jobs:
            return
        events = [event for job in jobs for event in cast(Sequence[NewEvent], job.work)]
        head = event_log.driver_head(driver)
        try:
            rows = event_log.chained(events, head, self._clock.now_ms())
        except Exception as error:  # noqa: BLE001 - it is raised again, in the caller whose event it is
            if len(jobs) == 1:
                jobs[0].error = error
                return
            for job in jobs:
                self._append(driver, [job])
            return
        numbers = event_log.insert(driver, rows)
        start = 0
        for job in jobs:
            end = start + len(cast(Sequence[NewEvent], job.work))
            job.result = list(numbers[start:end])
            start = end

    def _truncate_wal(self, jobs: list[Job]) -> None:
        if not jobs[0].begin():
            return
        busy, _, _ = _driver(self._connect()).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StorageUnavailable(
                f"A reader keeps an older state of {self._path} open, so its log could not be emptied and may hold what"
                " was erased; close that reader (a backup, a database browser), then restart Reins, which empties it."
            )

    def _connect(self) -> Connection:
        if self._conn is None:
            engine = create_engine(
                "sqlite://",
                creator=lambda: connect_writer(self._path),
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                skip_autocommit_rollback=True,
            )
            event.listen(engine, "commit", _refuse)
            event.listen(engine, "rollback", _refuse)
            self._conn = engine.connect()
            bind_clock(self._conn, self._clock)
        return self._conn

    def _roll_back(self) -> None:
        """Back to no transaction. A connection that cannot do that is replaced before the next batch; a sound one
        is kept, since a new one would recover frames of the failed commit from the log as if it had succeeded."""
        if self._conn is None:
            return
        driver = _driver(self._conn)
        try:
            if driver.in_transaction:
                driver.execute("ROLLBACK")
        except sqlite3.Error:
            self._disconnect()

    def _disconnect(self) -> None:
        if self._conn is not None:
            conn, self._conn = self._conn, None
            event.remove(conn.engine, "rollback", _refuse)  # closing is the one rollback that is ours
            conn.close()
            conn.engine.dispose()


def _driver(conn: Connection) -> sqlite3.Connection:
    return cast(sqlite3.Connection, conn.connection.driver_connection)


def _refuse(_: Connection) -> None:
    raise RuntimeError("a function given to Writer.run neither commits nor rolls back: it returns or raises")
