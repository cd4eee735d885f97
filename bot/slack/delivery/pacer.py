"""Slack's rates, kept from our side: https://docs.slack.dev/apis/web-api/rate-limits.

A method's tier counts calls per minute, per workspace, over all threads. Showing progress may use four fifths of it,
smoothed; the rest is kept for approvals and final messages. A 429 closes the method until Slack's Retry-After.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Priority = Literal["approval", "final", "progress"]
Method = Literal[
    "chat.update", "chat.postMessage", "chat.delete", "conversations.replies", "chat.postEphemeral", "users.info"
]


class Rate(NamedTuple):
    """``per_minute`` calls in any 60 seconds, and at most ``burst`` of them at once."""

    per_minute: int
    burst: int


RATES: dict[Method, Rate] = {
    "chat.update": Rate(48, 16),
    "chat.postMessage": Rate(240, 60),
    "chat.delete": Rate(48, 16),
    "conversations.replies": Rate(48, 16),
    "chat.postEphemeral": Rate(90, 40),
    "users.info": Rate(90, 40),
}
"""A little under Slack's tiers (Tier 3: 50, Tier 4: 100). chat.postMessage is special: see `PER_CHANNEL`. Slack says
that it tolerates bursts and not how large; these are modest."""
PER_CHANNEL = Rate(60, 3)
"""Slack takes about one message a second in a channel, with short bursts."""
PROGRESS = Rate(RATES["chat.update"].per_minute * 4 // 5, 8)
"""What showing progress may use of `chat.update`."""


@dataclass(slots=True)
class _Bucket:
    capacity: float
    every_s: float
    level: float
    filled_at: float

    @classmethod
    def full(cls, burst: int, every_s: float, now: float) -> _Bucket:
        return cls(burst, every_s, burst, now)

    def wait_s(self, now: float) -> float:
        """Seconds until one more call fits."""
        self.level = min(self.capacity, self.level + (now - self.filled_at) / self.every_s)
        self.filled_at = now
        return 0.0 if self.level >= 1 else (1 - self.level) * self.every_s


@dataclass(slots=True)
class _MethodState:
    burst: _Bucket
    progress: _Bucket | None = None
    calls: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0


class Pacer:
    """``now`` gives seconds on a clock that only goes forward. One pacer serves one team."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._methods: dict[Method, _MethodState] = {}
        self._channels: dict[str, _Bucket] = {}

    def wait_s(self, method: Method, channel_id: str, priority: Priority) -> float:
        """Seconds until this call may be made; 0 when it may be made now."""
        now = self._now()
        state = self._state(method)
        waits = [state.closed_until - now, _window_wait_s(method, state, now), state.burst.wait_s(now)]
        if priority == "progress" and state.progress is not None:
            waits.append(state.progress.wait_s(now))
        if method == "chat.postMessage":
            waits.append(self._channel(channel_id).wait_s(now))
        return max(0.0, *waits)

    def take(self, method: Method, channel_id: str, priority: Priority) -> None:
        """Count a call that is made now."""
        state = self._state(method)
        state.calls.append(self._now())
        state.burst.level -= 1
        if priority == "progress" and state.progress is not None:
            state.progress.level -= 1
        if method == "chat.postMessage":
            self._channel(channel_id).level -= 1

    def close(self, method: Method, retry_after_s: float) -> None:
        """Slack answered 429: nothing of this method until then."""
        state = self._state(method)
        state.closed_until = max(state.closed_until, self._now() + retry_after_s)

    def _state(self, method: Method) -> _MethodState:
        state = self._methods.get(method)
        if state is None:
            now, rate = self._now(), RATES[method]
            state = _MethodState(_Bucket.full(rate.burst, 60 / rate.per_minute, now))
            if method == "chat.update":
                # A full bucket and a minute's refill together are the share of any 60 seconds.
                every_s = 60 / (PROGRESS.per_minute - PROGRESS.burst)
                state.progress = _Bucket.full(PROGRESS.burst, every_s, now)
            self._methods[method] = state
        return state

    def _channel(self, channel_id: str) -> _Bucket:
        bucket = self._channels.get(channel_id)
        if bucket is None:
            bucket = _Bucket.full(PER_CHANNEL.burst, 60 / PER_CHANNEL.per_minute, self._now())
            self._channels[channel_id] = bucket
        return bucket


def _window_wait_s(method: Method, state: _MethodState, now: float) -> float:
    while state.calls and state.calls[0] <= now - 60:
        state.calls.popleft()
    return state.calls[0] + 60 - now if len(state.calls) >= RATES[method].per_minute else 0.0
