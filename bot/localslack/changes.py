"""Who is told that something changed: the seam for a page, and for whoever waits for an outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["message", "user", "channel", "view", "home", "status", "notice", "file", "call", "ack", "socket"]


@dataclass(frozen=True, slots=True)
class Change:
    """What changed: ``channel_id`` and ``ts`` for a message, ``user_id`` where only one person sees it."""

    kind: ChangeKind
    channel_id: str = ""
    ts: str = ""
    user_id: str = ""


Listener = Callable[[Change], None]


class Changes:
    """Listeners run at once, inside the change, on the event loop's thread: they must be short and not raise."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def publish(self, change: Change) -> None:
        for listener in tuple(self._listeners):
            listener(change)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` on each change until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)
