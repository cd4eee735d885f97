"""Bolt's one global middleware: parse, commit, and only then acknowledge.

Bolt acknowledges an event before its listeners run, so the commit has to happen before any listener. Returning a
response here ends Bolt's dispatch and acknowledges; a status other than 200 is not acknowledged, and Slack delivers
an event again. It stands before Bolt's own middleware, which looks up who we are for every event, and it is a
middleware object, not a function, for which Bolt would put thirty arguments together each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from sqlalchemy.engine import Connection

from bot.core.gesture import Click, Command, Deletion, Edit, Gesture, Message, Reaction, Submission
from bot.redaction import Redactor
from bot.slack.intake.parse import Unreadable, parse
from bot.slack.intake.row import row_of
from storage import inbox
from storage.clock import clock_of
from storage.database import Storage
from storage.errors import StorageError, WriteWithdrawn
from storage.faults import reach
from storage.inbox import ThreadKey

_log = structlog.get_logger(__name__)
INTERACTIVE_BEGIN_S = 2.0
"""Slack shows an error to the person after 3 s; by then a click must either count or be withdrawn."""
_ACK = 200
_NO_ACK = 503

TellPrivately = Callable[[str, str | None, str, str], None]
"""Channel, thread (None: in the channel), person, text."""


@dataclass(frozen=True, slots=True)
class _Recorded:
    """The gesture is in the inbox; ``waits`` when it is still to be handled."""

    thread: ThreadKey
    waits: bool


class Intake(AsyncMiddleware):
    """``notify`` is called with the thread of every gesture that was committed for the first time, ``leave_aside`` with
    every message that belongs to no thread of ours."""

    def __init__(
        self,
        storage: Storage,
        redactor: Redactor,
        bot_user_id: str,
        notify: Callable[[ThreadKey], None],
        tell_privately: TellPrivately,
        leave_aside: Callable[[Message], None],
    ) -> None:
        self._storage = storage
        self._redactor = redactor
        self._bot_user_id = bot_user_id
        self._notify = notify
        self._tell_privately = tell_privately
        self._leave_aside = leave_aside
        self._under_way: dict[tuple[str, str], asyncio.Future[bool]] = {}

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        try:
            gesture = parse(req.body, self._bot_user_id)
        except Unreadable as error:
            _log.error("intake.unreadable", error=str(error))
            return BoltResponse(status=_ACK)
        reach("intake.parsed")
        if gesture is None:
            return BoltResponse(status=_ACK)
        try:
            thread = await self._commit_once(gesture)
        except WriteWithdrawn:
            assert isinstance(gesture, Click)
            busy = "I could not record that in time, so nothing happened. Please try again."
            self._tell_privately(gesture.channel_id, gesture.thread, gesture.user_id, busy)
            return BoltResponse(status=_ACK)
        except StorageError as error:
            _log.error("intake.not_recorded", kind=gesture.kind, error=str(error))
            return BoltResponse(status=_NO_ACK)
        reach("intake.committed")
        if thread is not None:
            self._notify(thread)
        return BoltResponse(status=_ACK)

    async def _commit_once(self, gesture: Gesture) -> ThreadKey | None:
        """The gesture's thread when it waits to be handled; None when it does not concern us or counted before.

        A mention comes twice, as `message` and as `app_mention`, one right after the other. The second waits for the
        first one's commit and needs none of its own, unless that failed or found that it does not concern us.
        """
        key = (gesture.team_id, gesture.key)
        first = self._under_way.get(key)
        if first is not None and await first:
            return None
        counts = asyncio.get_running_loop().create_future()
        self._under_way[key] = counts
        recorded: _Recorded | None = None
        try:
            recorded = await self._commit(gesture)
            if recorded is None and isinstance(gesture, Message):
                self._leave_aside(gesture)
        finally:
            counts.set_result(recorded is not None)
            if self._under_way.get(key) is counts:
                del self._under_way[key]
        return recorded.thread if recorded is not None and recorded.waits else None

    async def _commit(self, gesture: Gesture) -> _Recorded | None:
        """None when the gesture does not concern us."""

        def commit(conn: Connection) -> _Recorded | None:
            thread = _thread_of(conn, gesture)
            if thread is None:
                return None
            new = row_of(gesture, thread, self._redactor)
            is_new = inbox.commit(conn, new, clock_of(conn).now_ms())
            # A commit that was reported as failed may be on the disk all the same: then nobody was told of it yet.
            return _Recorded(thread, is_new or inbox.is_waiting(conn, gesture.team_id, gesture.key))

        begin_within = INTERACTIVE_BEGIN_S if isinstance(gesture, Click) else None
        return await self._storage.writer.run_ahead(commit, begin_within=begin_within)


def _thread_of(conn: Connection, gesture: Gesture) -> ThreadKey | None:
    """The thread a gesture belongs to, if the gesture can have an effect there. What has none claims no key."""
    match gesture:
        case Message(mentions_bot=mentioned, is_dm=is_dm):
            thread = ThreadKey(gesture.team_id, gesture.channel_id, gesture.thread)
            return thread if mentioned or is_dm or inbox.concerns_us(conn, thread) else None
        case Click():
            return _click_thread(gesture)
        case Edit() | Deletion():
            thread = ThreadKey(gesture.team_id, gesture.channel_id, gesture.thread)
            return thread if inbox.concerns_us(conn, thread) else None
        case Reaction():
            return inbox.thread_of_our_message(conn, gesture.team_id, gesture.channel_id, gesture.item_ts)
        case Command() | Submission():
            return None


def _click_thread(click: Click) -> ThreadKey:
    return ThreadKey(click.team_id, click.channel_id, click.thread)
