"""Slack's rates, kept from our side: https://docs.slack.dev/apis/web-api/rate-limits.

A method's tier counts calls per minute, per workspace, over all threads. Showing progress may use four fifths of it,
smoothed; the rest is kept for approvals and final messages. A 429 closes the method until Slack's Retry-After.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Priority = Literal["approval", "final", "progress"]
Method = Literal["chat.update", "chat.postMessage", "chat.delete", "conversations.replies", "chat.postEphemeral"]

PER_MINUTE: dict[Method, int] = {
    "chat.update": 48,
    "chat.postMessage": 240,
    "chat.delete": 48,
    "conversations.replies": 48,
    "chat.postEphemeral": 90,
}
"""A little under Slack's tiers (Tier 3: 50, Tier 4: 100). chat.postMessage is special: see `PER_CHANNEL`."""
PER_CHANNEL_BURST = 5
PER_CHANNEL_EVERY_S = 1.0
"""Slack takes about one message a second in a channel, with short bursts."""
PROGRESS_BURST = 8


@dataclass(slots=True)
class _Bucket:
    capacity: float
    every_s: float
    level: float
    filled_at: float

    def wait_s(self, now: float) -> float:
        """Seconds until one more call fits."""
        self.level = min(self.capacity, self.level + (now - self.filled_at) / self.every_s)
        self.filled_at = now
        return 0.0 if self.level >= 1 else (1 - self.level) * self.every_s


@dataclass(slots=True)
class _MethodState:
    calls: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0
    progress: _Bucket | None = None


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
        waits = [state.closed_until - now, self._window_wait_s(method, state, now)]
        if priority == "progress" and state.progress is not None:
            waits.append(state.progress.wait_s(now))
        if method == "chat.postMessage":
            waits.append(self._channel(channel_id).wait_s(now))
        return max(0.0, *waits)

    def take(self, method: Method, channel_id: str, priority: Priority) -> None:
        """Count a call that is made now."""
        state = self._state(method)
        state.calls.append(self._now())
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
            state = self._methods[method] = _MethodState()
            if method == "chat.update":
                share = PER_MINUTE[method] * 4 // 5
                state.progress = _Bucket(PROGRESS_BURST, 60 / (share - PROGRESS_BURST), PROGRESS_BURST, self._now())
        return state

    def _window_wait_s(self, method: Method, state: _MethodState, now: float) -> float:
        while state.calls and state.calls[0] <= now - 60:
            state.calls.popleft()
        return state.calls[0] + 60 - now if len(state.calls) >= PER_MINUTE[method] else 0.0

    def _channel(self, channel_id: str) -> _Bucket:
        bucket = self._channels.get(channel_id)
        if bucket is None:
            bucket = self._channels[channel_id] = _Bucket(
                PER_CHANNEL_BURST, PER_CHANNEL_EVERY_S, PER_CHANNEL_BURST, self._now()
            )
        return bucket
