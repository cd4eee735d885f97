"""The one clock that storage and everything above it reads, so that a test can move time."""

from __future__ import annotations

import time
from typing import Protocol

from sqlalchemy.engine import Connection

_CLOCK = "reins.clock"


class Clock(Protocol):
    def now_ms(self) -> int:
        """Milliseconds since the Unix epoch. Called from any thread."""
        ...


class SystemClock:
    """Wall-clock time. It may step backwards when the machine's clock is corrected."""

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class ManualClock:
    """Time that stands still until a test moves it."""

    def __init__(self, start_ms: int) -> None:
        self._now_ms = start_ms

    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, ms: int) -> None:
        if ms < 0:
            raise ValueError(f"a clock is advanced by zero or more milliseconds, not {ms}")
        self._now_ms += ms


def bind_clock(conn: Connection, clock: Clock) -> None:
    """Make `clock` the one that statements on this connection take their times from."""
    conn.info[_CLOCK] = clock


def clock_of(conn: Connection) -> Clock:
    """The clock of a writer's connection, for functions that run inside `Writer.run`."""
    clock: Clock = conn.info[_CLOCK]
    return clock
