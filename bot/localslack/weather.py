"""Bad weather on request: broken sockets, repeated and reordered events, failing calls. Each is asked for by name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.localslack.deliveries import Deliveries, Envelope
from bot.localslack.errors import GestureError
from bot.localslack.faults import Fault, Faults
from bot.localslack.sockets import FaultKind, SocketMode
from bot.localslack.web_api.catalog import METHODS


class Weather:
    """Faults a test turns on. Nothing here happens by itself."""

    _deliveries: Deliveries
    _faults: Faults
    _socket_mode: SocketMode
    _calm: asyncio.TimerHandle | None

    def drop_sockets(self, kind: FaultKind) -> int:
        """Break every connection in this way (see `sockets.FaultKind`). How many there were."""
        return self._socket_mode.drop(kind)

    def refuse_connections(self, refuse: bool | float) -> None:
        """Reset every attempt to open a socket: for so many seconds, or until told otherwise. The ticket is used up;
        `apps.connections.open` itself still answers (see `fail_next` for that)."""
        if self._calm is not None:
            self._calm.cancel()
            self._calm = None
        self._socket_mode.refusing = bool(refuse)
        if not isinstance(refuse, bool):
            self._calm = asyncio.get_running_loop().call_later(refuse, self.refuse_connections, False)

    def redeliver(self, key: str, *, retry_attempt: int = 1) -> int:
        """Send an event again (by event_id), or every event about a message (by its ts), in new envelopes.

        Returns how many; raises GestureError when there is none. ``retry_attempt`` 0 leaves the retry fields out.
        """
        count = self._deliveries.redeliver(key, retry_attempt)
        if not count:
            raise GestureError(f"no event {key!r} was emitted, or it has left the log")
        return count

    def hold_deliveries(self) -> None:
        """Keep every envelope back, events and interactions alike, until `release_deliveries`."""
        self._deliveries.hold()

    @property
    def held(self) -> list[Envelope]:
        return list(self._deliveries.held)

    def release_deliveries(self, order: Sequence[int] | None = None) -> None:
        """Let them go: in the order they were made, or in this order of their positions in ``held``."""
        if order is not None and sorted(order) != list(range(len(self._deliveries.held))):
            raise GestureError(f"order must name each of the {len(self._deliveries.held)} held envelopes once")
        self._deliveries.release(order)

    def delay_deliveries(self, seconds: float) -> None:
        """Deliver every envelope made from now on so much later; 0 ends it."""
        self._deliveries.delay_s = seconds

    def fail_next(
        self,
        method: str,
        *,
        error: str | None = None,
        status: int | None = None,
        reset_before: bool = False,
        reset_after_processing: bool = False,
        times: int = 1,
        retry_after: int | None = None,
    ) -> None:
        """Make the next ``times`` calls of ``method`` fail in exactly one way: Slack's ``error`` with HTTP 200, an HTTP
        ``status``, or a connection reset before or after the call took effect. ``retry_after`` seconds: with 429."""
        if method not in METHODS:
            raise GestureError(f"there is no method {method!r}; known: {sorted(METHODS)}")
        if sum((error is not None, status is not None, reset_before, reset_after_processing)) != 1:
            raise GestureError("name exactly one of error, status, reset_before, reset_after_processing")
        if reset_before or reset_after_processing:
            fault = Fault(reset="before" if reset_before else "after_processing")
        else:
            fault = Fault(error=error, status=status, retry_after=retry_after)
        self._faults.add(method, fault, times)
