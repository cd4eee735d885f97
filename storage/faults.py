"""Named places where a test can make the service die, stall or fail.

Product code calls `reach`; only a test's own launcher calls `arm`. No setting and no environment variable does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, get_args

FaultPoint = Literal[
    "intake.parsed",
    "intake.committed",
    "dispatch.read",
    "dispatch.committed",
    "turn.starting",
    "turn.prompt_committed",
    "turn.prompt_written",
    "turn.events_committed",
    "turn.ending",
    "turn.ended",
    "delivery.intended",
    "delivery.posted",
    "delivery.recorded",
    "delivery.updated",
    "delivery.settling",
    "delivery.settled",
    "storage.before_commit",
    "storage.after_commit",
]
POINTS: tuple[FaultPoint, ...] = get_args(FaultPoint)


class _Armed:
    def __init__(self, action: Callable[[], None], nth: int) -> None:
        self.action = action
        self.remaining = nth


_armed: dict[FaultPoint, _Armed] = {}
_lock = threading.Lock()


def reach(point: FaultPoint) -> None:
    """Do what was armed for `point`, in the calling thread; nothing at all when nothing is armed."""
    if not _armed:
        return
    with _lock:
        armed = _armed.get(point)
        if armed is None:
            return
        armed.remaining -= 1
        if armed.remaining > 0:
            return
        del _armed[point]
    armed.action()


def arm(point: FaultPoint, action: Callable[[], None], nth: int = 1) -> None:
    """Call `action` once, the `nth` time `point` is reached from now. It may raise, block or end the process."""
    if point not in POINTS:
        raise ValueError(f"{point!r} is not a fault point; the points are {', '.join(POINTS)}")
    if nth < 1:
        raise ValueError(f"nth counts from 1, not {nth}")
    with _lock:
        _armed[point] = _Armed(action, nth)


def disarm() -> None:
    """Forget everything that was armed."""
    with _lock:
        _armed.clear()
