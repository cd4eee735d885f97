"""One thread: takes its gestures in Slack's order, runs its turns one at a time. Lives only while there is work."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.core.events import TurnEnded
from bot.engine.handling import ThreadHandler
from bot.engine.outlet import Person
from bot.engine.request import request_of
from bot.engine.turn_run import Runtime, TurnRun, end_turn
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
        self._current: TurnRun | None = None
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
        """Return when the thread has nothing left to do and was not woken meanwhile."""
        running: asyncio.Task[None] | None = None
        try:
            while True:
                if running is None:
                    async with self._turnstile:
                        await self._take_news()
                        if not self._draining:
                            running = await self._start_next()
                else:
                    await self._take_news()
                if running is None:
                    if not self._woken.is_set() or self._draining:
                        return
                    continue
                await self._wait_for_change(running)
                if running.done():
                    self._current = None
                    finished, running = running, None
                    finished.result()
        finally:
            if running is not None:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

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

    async def _start_next(self) -> asyncio.Task[None] | None:
        storage = self._runtime.storage
        following = await storage.writer.run(self._next_turn)
        if following is None:
            return None
        request = await request_of(storage, following.session, following.turn)
        if request is None:
            erased = TurnEnded(outcome="stopped", reason="Its message was erased before it started.")
            await storage.writer.run(lambda conn: end_turn(conn, self._runtime.journal, following.turn, erased))
            self._woken.set()
            return None
        self._current = TurnRun(self._runtime, following.session, following.turn, request)
        return asyncio.create_task(self._current.run(), name=f"turn {following.turn.id}")

    def _next_turn(self, conn: Connection) -> NextTurn | None:
        session = sessions.open_in_thread(conn, self._thread)
        queued = turns.queued_in_session(conn, session.id) if session is not None else []
        return NextTurn(session, queued[0]) if session is not None and queued else None

    async def _take_gestures(self) -> None:
        reach("dispatch.read")
        people = await self._people_waiting()
        after_commit = await self._runtime.storage.writer.run(lambda conn: self._handler.handle(conn, people))
        reach("dispatch.committed")
        for act in after_commit:
            act()

    async def _people_waiting(self) -> dict[str, Person]:
        async with self._runtime.storage.reader.connect() as conn:
            waiting = await conn.run_sync(inbox.people_waiting, self._thread)
        return {
            user_id: await self._runtime.people.look_up(self._thread.team_id, user_id) for user_id in sorted(waiting)
        }

    def _current_turn_id(self) -> str | None:
        return self._current.turn.id if self._current is not None else None

    def _stop_current(self) -> None:
        if self._current is not None:
            self._current.request_stop()
