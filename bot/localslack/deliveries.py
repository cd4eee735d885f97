"""Envelopes on their way to the app: each to one socket, kept until acknowledged, sent again when it is an event.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode. The times of Slack's Socket Mode retries are not
documented; those of the HTTP Events API (at once, one minute, five minutes) are the default here.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol

from bot.localslack.changes import Change, Changes

EnvelopeKind = Literal["events_api", "interactive", "slash_commands"]
ACK_WITHIN_S = 3.0
MAX_SOCKETS = 10

# Told how an interactive envelope ended: the ack's payload, or None when no ack came in time.
Answered = Callable[[dict[str, Any] | None], None]


class Receiver(Protocol):
    """A connected socket. ``send`` queues one frame and returns at once."""

    @property
    def open(self) -> bool: ...

    def send(self, frame: str) -> None: ...


@dataclass(slots=True)
class Envelope:
    """One delivery. ``payload`` is JSON, made once however often it is delivered. ``sent_at`` is the loop's time of
    the handing over to a socket, None while none is connected. Retries share ``event_id``, never ``id``."""

    id: str
    kind: EnvelopeKind
    payload: str
    event_id: str = ""
    accepts_response_payload: bool = False
    answered: Answered | None = None
    attempt: int = 0
    sent_at: float | None = None
    timer: asyncio.TimerHandle | None = None

    def frame(self) -> str:
        retry = f',"retry_attempt":{self.attempt},"retry_reason":"timeout"' if self.attempt else ""
        accepts = "true" if self.accepts_response_payload else "false"
        return (
            f'{{"envelope_id":"{self.id}","type":"{self.kind}","accepts_response_payload":{accepts}'
            f'{retry},"payload":{self.payload}}}'
        )


class Deliveries:
    """The queue in front of the sockets. ``redelivery_s[n]`` is how long attempt n may stay unacknowledged before the
    next; after the last one the event is lost, as in Slack. Logs keep the newest ``log_size`` entries."""

    def __init__(self, changes: Changes, redelivery_s: Sequence[float], log_size: int) -> None:
        self._changes = changes
        self._redelivery_s = tuple(redelivery_s)
        self._log_size = log_size
        self._sockets: list[Receiver] = []
        self._next_socket = 0
        self._waiting: OrderedDict[str, Envelope] = OrderedDict()
        self._delayed: set[asyncio.TimerHandle] = set()
        self._events: OrderedDict[str, str] = OrderedDict()
        self._events_of_ts: OrderedDict[str, list[str]] = OrderedDict()
        self._holding = False
        self.held: list[Envelope] = []
        self.delay_s = 0.0
        self.unacked: dict[str, Envelope] = {}
        self._acked_events: OrderedDict[str, None] = OrderedDict()
        self.acks: OrderedDict[str, float] = OrderedDict()
        self.ack_payloads: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self.lost: deque[str] = deque(maxlen=log_size)
        self.sent_count = 0

    # what produces envelopes

    def event(self, event_id: str, ts: str, payload: dict[str, Any]) -> None:
        """Queue one Events API payload; ``ts`` is the message it is about, for `redeliver`."""
        body = json.dumps(payload, separators=(",", ":"))
        self._events[event_id] = body
        if len(self._events) > self._log_size:
            self._events.popitem(last=False)
        if ts in self._events_of_ts:
            self._events_of_ts[ts].append(event_id)
        else:
            self._events_of_ts[ts] = [event_id]
            if len(self._events_of_ts) > self._log_size:
                self._events_of_ts.popitem(last=False)
        self._submit(Envelope(str(uuid.uuid4()), "events_api", body, event_id=event_id))

    def interaction(
        self, kind: EnvelopeKind, payload: dict[str, Any], *, accepts_response_payload: bool, answered: Answered
    ) -> None:
        """Queue one interactive or slash-command payload. It is never sent twice: Slack does not."""
        self._submit(
            Envelope(
                str(uuid.uuid4()),
                kind,
                json.dumps(payload, separators=(",", ":")),
                accepts_response_payload=accepts_response_payload,
                answered=answered,
            )
        )

    def redeliver(self, key: str, retry_attempt: int) -> int:
        """Send again the event with this event_id, or every event about the message with this ts. How many."""
        event_ids = [key] if key in self._events else self._events_of_ts.get(key, [])
        for event_id in event_ids:
            envelope = Envelope(str(uuid.uuid4()), "events_api", self._events[event_id], event_id=event_id)
            envelope.attempt = retry_attempt
            self._submit(envelope)
        return len(event_ids)

    # tests' control over order and time

    def hold(self) -> None:
        self._holding = True

    def release(self, order: Sequence[int] | None) -> None:
        held, self.held, self._holding = self.held, [], False
        for index in order if order is not None else range(len(held)):
            self._deliver(held[index])

    # sockets

    def connected(self, socket: Receiver) -> None:
        self._sockets.append(socket)
        waiting, self._waiting = self._waiting, OrderedDict()
        for envelope in waiting.values():
            self._hand_over(envelope)
        self._changes.publish(Change("socket"))

    def disconnected(self, socket: Receiver) -> None:
        if socket in self._sockets:
            self._sockets.remove(socket)
        self._changes.publish(Change("socket"))

    def ack(self, envelope_id: str, payload: dict[str, Any] | None) -> None:
        """An unknown or late id changes nothing: Slack ignores it too."""
        envelope = self.unacked.pop(envelope_id, None)
        if envelope is None or envelope.sent_at is None:
            return
        self._stop_timer(envelope)
        self.acks[envelope_id] = asyncio.get_running_loop().time() - envelope.sent_at
        if len(self.acks) > self._log_size:
            self.acks.popitem(last=False)
        if envelope.event_id:
            self._acked_events[envelope.event_id] = None
            if len(self._acked_events) > self._log_size:
                self._acked_events.popitem(last=False)
        if payload:
            self.ack_payloads[envelope_id] = payload
            if len(self.ack_payloads) > self._log_size:
                self.ack_payloads.popitem(last=False)
        if envelope.answered is not None:
            envelope.answered(payload or {})
        self._changes.publish(Change("ack"))

    def acknowledged(self, ts: str) -> bool:
        return any(event_id in self._acked_events for event_id in self._events_of_ts.get(ts, ()))

    def stop(self) -> None:
        for envelope in (*self.unacked.values(), *self._waiting.values()):
            self._stop_timer(envelope)
        for handle in self._delayed:
            handle.cancel()

    # inside

    def _submit(self, envelope: Envelope) -> None:
        if self._holding:
            self.held.append(envelope)
        elif self.delay_s > 0:
            self._deliver_later(envelope)
        else:
            self._deliver(envelope)

    def _deliver_later(self, envelope: Envelope) -> None:
        def deliver() -> None:
            self._delayed.discard(handle)
            self._deliver(envelope)

        handle = asyncio.get_running_loop().call_later(self.delay_s, deliver)
        self._delayed.add(handle)

    def _deliver(self, envelope: Envelope) -> None:
        loop = asyncio.get_running_loop()
        if envelope.answered is not None:
            envelope.timer = loop.call_later(ACK_WITHIN_S, self._give_up, envelope)
        elif envelope.attempt < len(self._redelivery_s):
            envelope.timer = loop.call_later(self._redelivery_s[envelope.attempt], self._again, envelope)
        else:
            envelope.timer = loop.call_later(ACK_WITHIN_S, self._give_up, envelope)
        self._hand_over(envelope)

    def _hand_over(self, envelope: Envelope) -> None:
        socket = self._pick()
        if socket is None:
            if envelope.answered is not None:
                self._give_up(envelope)
            else:
                self._waiting[envelope.id] = envelope
            return
        envelope.sent_at = asyncio.get_running_loop().time()
        self.unacked[envelope.id] = envelope
        self.sent_count += 1
        socket.send(envelope.frame())

    def _pick(self) -> Receiver | None:
        """The next open socket in turn: Slack sends each envelope to one of an app's connections."""
        for _ in range(len(self._sockets)):
            self._next_socket = (self._next_socket + 1) % len(self._sockets)
            if self._sockets[self._next_socket].open:
                return self._sockets[self._next_socket]
        return None

    def _again(self, envelope: Envelope) -> None:
        self._withdraw(envelope)
        self._deliver(replace(envelope, id=str(uuid.uuid4()), attempt=envelope.attempt + 1, sent_at=None))

    def _give_up(self, envelope: Envelope) -> None:
        self._withdraw(envelope)
        if envelope.answered is not None:
            envelope.answered(None)
        else:
            self.lost.append(envelope.event_id)
        self._changes.publish(Change("ack"))

    def _withdraw(self, envelope: Envelope) -> None:
        self._stop_timer(envelope)
        self.unacked.pop(envelope.id, None)
        self._waiting.pop(envelope.id, None)

    def _stop_timer(self, envelope: Envelope) -> None:
        if envelope.timer is not None:
            envelope.timer.cancel()
            envelope.timer = None
