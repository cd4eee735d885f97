"""Web API failures a test has asked for, one queue per method."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """Exactly one of: ``error`` (HTTP 200, ``ok: false``), ``status`` (an HTTP error page), ``reset`` (the connection
    is cut before or after the call took effect). ``retry_after`` in seconds goes into the header of that name."""

    error: str | None = None
    status: int | None = None
    reset: Literal["before", "after_processing"] | None = None
    retry_after: int | None = None


class Faults:
    def __init__(self) -> None:
        self._queued: dict[str, deque[Fault]] = {}

    def add(self, method: str, fault: Fault, times: int) -> None:
        self._queued.setdefault(method, deque()).extend([fault] * times)

    def take(self, method: str) -> Fault | None:
        queue = self._queued.get(method)
        return queue.popleft() if queue else None
