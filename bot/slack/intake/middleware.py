"""Bolt's one global middleware: parse, commit, and only then acknowledge.

Bolt acknowledges an event before its listeners run, so the commit has to happen before any listener. Returning a
response here ends Bolt's dispatch and acknowledges; a status other than 200 is not acknowledged, and Slack delivers
an event again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.engine import Connection

from bot.core.gesture import Click, Command, Edit, Gesture, Message, Reaction, Submission
from bot.redaction import Redactor
from bot.slack.intake.parse import Unreadable, parse
from storage import inbox
from storage.clock import clock_of
from storage.database import Storage
from storage.errors import StorageError, WriteWithdrawn
from storage.faults import reach
from storage.inbox import NewGesture, ThreadKey

_log = structlog.get_logger(__name__)
INTERACTIVE_BEGIN_S = 2.0
"""Slack shows an error to the person after 3 s; by then a click must either count or be withdrawn."""
_ACK = 200
_NO_ACK = 503

TellPrivately = Callable[[ThreadKey, str, str], None]


class Intake:
    """``notify`` is called with the thread of every gesture that was committed for the first time."""

    def __init__(
        self,
        storage: Storage,
        redactor: Redactor,
        bot_user_id: str,
        notify: Callable[[ThreadKey], None],
        tell_privately: TellPrivately,
    ) -> None:
        self._storage = storage
        self._redactor = redactor
        self._bot_user_id = bot_user_id
        self._notify = notify
        self._tell_privately = tell_privately

    async def __call__(self, req: AsyncBoltRequest, next_: Callable[[], Awaitable[Any]]) -> BoltResponse:
        try:
            gesture = parse(req.body, self._bot_user_id)
        except Unreadable as error:
            _log.error("intake.unreadable", error=str(error))
            return BoltResponse(status=_ACK)
        reach("intake.parsed")
        if gesture is None:
            return BoltResponse(status=_ACK)
        try:
            thread = await self._commit(gesture)
        except WriteWithdrawn:
            assert isinstance(gesture, Click)
            busy = "I could not record that in time, so nothing happened. Please try again."
            self._tell_privately(_click_thread(gesture), gesture.user_id, busy)
            return BoltResponse(status=_ACK)
        except StorageError as error:
            _log.error("intake.not_recorded", kind=gesture.kind, error=str(error))
            return BoltResponse(status=_NO_ACK)
        reach("intake.committed")
        if thread is not None:
            self._notify(thread)
        return BoltResponse(status=_ACK)

    async def _commit(self, gesture: Gesture) -> ThreadKey | None:
        """The gesture's thread when it was stored now; None when it does not concern us or counted before."""

        def commit(conn: Connection) -> ThreadKey | None:
            thread = _thread_of(conn, gesture)
            if thread is None:
                return None
            new = NewGesture(
                thread=thread,
                gesture_key=gesture.key,
                event_id=gesture.event_id,
                kind=gesture.kind,
                ts=gesture.ts if isinstance(gesture, Message | Reaction | Click) else "",
                user_id=gesture.user_id,
                body=self._scrubbed(gesture).model_dump_json(),
            )
            return thread if inbox.commit(conn, new, clock_of(conn).now_ms()) else None

        begin_within = INTERACTIVE_BEGIN_S if isinstance(gesture, Click) else None
        return await self._storage.writer.run_ahead(commit, begin_within=begin_within)

    def _scrubbed(self, gesture: Gesture) -> Gesture:
        if isinstance(gesture, Message):
            return gesture.model_copy(update={"text": self._redactor.scrub(gesture.text)})
        return gesture


def _thread_of(conn: Connection, gesture: Gesture) -> ThreadKey | None:
    """The thread a gesture belongs to, if the gesture can have an effect there. What has none claims no key."""
    match gesture:
        case Message(mentions_bot=mentioned, is_dm=is_dm):
            thread = ThreadKey(gesture.team_id, gesture.channel_id, gesture.thread)
            return thread if mentioned or is_dm or inbox.concerns_us(conn, thread) else None
        case Click():
            return _click_thread(gesture)
        case Reaction():
            return inbox.thread_of_our_message(conn, gesture.team_id, gesture.channel_id, gesture.item_ts)
        case Edit() | Command() | Submission():
            return None


def _click_thread(click: Click) -> ThreadKey:
    return ThreadKey(click.team_id, click.channel_id, click.thread)
