"""One thread: takes its gestures in Slack's order, runs its turns one at a time. Lives only while there is work."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.engine.handling import ThreadHandler
from bot.engine.outlet import Person
from bot.engine.turn_run import Runtime, TurnRun
from bot.engine.turnstile import Turnstile
from storage import inbox, sessions, turns
from storage.faults import reach
from storage.inbox import ThreadKey
from storage.sessions import StoredSession
from storage.turns import StoredTurn


@dataclass(frozen=True, slots=True)
class NextTurn:
    session: StoredSession
    turn: StoredTurn


class ThreadActor:
    """A thread whose turn runs does not stand in line at ``turnstile``: what is new may be a stop."""

    def __init__(self, runtime: Runtime, thread: ThreadKey, bot_user_id: str, turnstile: Turnstile) -> None:
        self._runtime = runtime
        self._thread = thread
        self._turnstile = turnstile
        self._woken = asyncio.Event()
        self._woken.set()
        self._to_meet: set[str] = set()
        self._current: TurnRun | None = None
        self._running: asyncio.Task[None] | None = None
        self._draining = False
        self._handler = ThreadHandler(runtime, thread, bot_user_id, self._current_turn_id, self._stop_current)

    @property
    def has_news(self) -> bool:
        """Whether it was woken after it last looked; nothing is news while the service shuts down."""
        return self._woken.is_set() and not self._draining

    def wake(self) -> None:
        """There is something new in the inbox of this thread."""
        self._woken.set()

    def drain(self) -> None:
        """Start no further turn; what is queued stays queued in storage."""
        self._draining = True
        self._woken.set()

    def interrupt(self, reason: str) -> None:
        if self._current is not None:
            self._current.interrupt(reason)

    async def run(self) -> None:
        """Return when the thread has nothing left to do and was not woken meanwhile.

        May be called again after it raised: a turn that was running then still runs, and is waited for.
        """
        while True:
            await self._meet_people()
            if self._running is None:
                async with self._turnstile:
                    await self._take_news()
                    if not self._draining:
                        await self._start_next()
            else:
                await self._take_news()
            if self._to_meet and not self._draining:
                continue
            if self._running is not None:
                await self._wait_for_change(self._running)
            elif not self._woken.is_set() or self._draining:
                return

    async def abandon(self) -> None:
        """Give up a turn that is running; what becomes of it is for the next start to say."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _take_news(self) -> None:
        if self._woken.is_set():
            self._woken.clear()
            if not self._draining:
                await self._take_gestures()

    async def _wait_for_change(self, running: asyncio.Task[None]) -> None:
        waker = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait((running, waker), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waker.cancel()
            await asyncio.gather(waker, return_exceptions=True)
        if running.done():
            self._current = self._running = None
            running.result()

    async def _start_next(self) -> None:
        following = await self._runtime.storage.writer.run(self._next_turn)
        if following is not None and not self._draining:
            self._current = TurnRun(self._runtime, following.session, following.turn)
            self._running = asyncio.create_task(self._current.run(), name=f"turn {following.turn.id}")

    def _next_turn(self, conn: Connection) -> NextTurn | None:
        session = sessions.open_in_thread(conn, self._thread)
        queued = turns.queued_in_session(conn, session.id) if session is not None else []
        return NextTurn(session, queued[0]) if session is not None and queued else None

    async def _take_gestures(self) -> None:
        reach("dispatch.read")
        people, opening_ts = await self._look_into_inbox()
        if not people:
            return
        overtook = await self._runtime.backlog.replies_since(self._thread, opening_ts) if opening_ts else []
        after_commit = await self._runtime.storage.writer.run(lambda conn: self._handler.handle(conn, people, overtook))
        if overtook:
            self._woken.set()
        reach("dispatch.committed")
        for act in after_commit:
            act()

    async def _look_into_inbox(self) -> tuple[dict[str, Person], str | None]:
        """Who waits and is known, and the ts of the message that may open a session. Those who are not known are met
        before the next look."""
        async with self._runtime.storage.reader.connect() as conn:
            waiting = await conn.run_sync(inbox.people_waiting, self._thread)
            opening_ts = await conn.run_sync(inbox.opening_ts, self._thread)
        known = {user_id: self._runtime.people.known(self._thread.team_id, user_id) for user_id in waiting}
        self._to_meet = {user_id for user_id, person in known.items() if person is None}
        return {user_id: person for user_id, person in known.items() if person is not None}, opening_ts

    async def _meet_people(self) -> None:
        """Asked of Slack, which may take its time: not while other threads stand in line behind this one."""
        if self._to_meet and not self._draining:
            for user_id in sorted(self._to_meet):
                await self._runtime.people.look_up(self._thread.team_id, user_id)
            self._to_meet.clear()
            self._woken.set()

    def _current_turn_id(self) -> str | None:
        return self._current.turn.id if self._current is not None else None

    def _stop_current(self) -> None:
        if self._current is not None:
            self._current.request_stop()
