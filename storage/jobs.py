"""What waits for the writer: one job per caller, and the rule by which either the writer or the caller gets it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal

from sqlalchemy.engine import Connection

from storage.event_log import NewEvent


class TruncateWal:
    """The work of `Writer.truncate_wal`; it runs between two batches, outside any transaction."""


Work = Callable[[Connection], Any] | Sequence[NewEvent] | TruncateWal

_lock = threading.Lock()


class Job:
    """Some work, and the future of whoever waits for it.

    ``waiting`` turns into ``begun`` or ``withdrawn`` under a lock and never changes again: a withdrawn job never
    runs, and one that has begun cannot be taken back. An ``ahead`` one goes before those that are not.
    """

    __slots__ = ("_state", "ahead", "error", "future", "result", "work")

    def __init__(self, work: Work, future: asyncio.Future[Any], *, ahead: bool = False) -> None:
        self.work = work
        self.future = future
        self.ahead = ahead
        self.result: Any = None
        self.error: BaseException | None = None
        self._state: Literal["waiting", "begun", "withdrawn"] = "waiting"

    def begin(self) -> bool:
        """The writer's claim: True when the job is now its to run (and stays so)."""
        with _lock:
            if self._state == "waiting":
                self._state = "begun"
            return self._state == "begun"

    def withdraw(self) -> bool:
        """The caller's claim: True when the job will never run."""
        with _lock:
            if self._state == "waiting":
                self._state = "withdrawn"
            return self._state == "withdrawn"


def deliver(jobs: list[Job]) -> None:
    """Tell every caller how its job went. Runs on the event loop, once per batch."""
    for job in jobs:
        if job.future.done():  # withdrawn, or its task was cancelled after the job began
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
