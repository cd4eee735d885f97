"""What the app asked of the Web API: a bounded log and counters. Tokens are never kept."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """``at`` in seconds since the epoch; ``error`` is Slack's code, "http_500" style for a plain HTTP failure, None
    when it went well. ``args`` as sent, without the token. ``answered`` is False where the connection was reset."""

    method: str
    args: dict[str, Any]
    ok: bool
    error: str | None
    at: float
    answered: bool = True


class CallLog:
    def __init__(self, size: int) -> None:
        self.calls: deque[Call] = deque(maxlen=size)
        self.counts: Counter[str] = Counter()

    def add(self, call: Call) -> None:
        self.calls.append(call)
        self.counts[call.method] += 1
