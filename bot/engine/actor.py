"""One thread: takes its gestures in Slack's order, runs its turns one at a time. Lives only while there is work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.core.events import SessionOpened, StopRequested, TurnEnded, TurnQueued, from_body
from bot.core.gesture import AnyGesture, Gesture, Message
from bot.core.thread import (
    ActiveTurn,
    Effect,
    Limits,
    OpenSession,
    QueueTurn,
    StopTurn,
    TellPrivately,
    ThreadState,
    decide,
)
from bot.engine.agent import AgentSnapshot, agent_for_channel
from bot.engine.turn_run import Runtime, TurnRun, end_turn
from bot.engine.turnstile import Turnstile
from storage import inbox, sessions, turns
from storage.clock import clock_of
from storage.event_log import read_turn
from storage.faults import reach
from storage.inbox import ThreadKey
from storage.sessions import StoredSession
from storage.turns import StoredTurn

_log = structlog.get_logger(__name__)
_GESTURE: TypeAdapter[Gesture] = TypeAdapter(AnyGesture)
AfterCommit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class NextTurn:
    session: StoredSession
    turn: StoredTurn


class ThreadActor:
    """A thread whose turn runs does not stand in line at ``turnstile``: what is new may be a stop."""

    def __init__(self, runtime: Runtime, thread: ThreadKey, bot_user_id: str, turnstile: Turnstile) -> None:
        self._runtime = runtime
        self._thread = thread
        self._bot_user_id = bot_user_id
        self._turnstile = turnstile
        self._woken = asyncio.Event()
        self._woken.set()
        self._current: TurnRun | None = None
        self._draining = False

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
        following = await self._runtime.storage.writer.run(self._next_turn)
        if following is None:
            return None
        prompt = await self._prompt_of(following.turn)
        if prompt is None:
            erased = TurnEnded(outcome="stopped", reason="Its message was erased before it started.")
            await self._runtime.storage.writer.run(
                lambda conn: end_turn(conn, self._runtime.journal, following.turn, erased)
            )
            self._woken.set()
            return None
        self._current = TurnRun(self._runtime, following.session, following.turn, prompt)
        return asyncio.create_task(self._current.run(), name=f"turn {following.turn.id}")

    def _next_turn(self, conn: Connection) -> NextTurn | None:
        session = sessions.open_in_thread(conn, self._thread)
        queued = turns.queued_in_session(conn, session.id) if session is not None else []
        return NextTurn(session, queued[0]) if session is not None and queued else None

    async def _prompt_of(self, turn: StoredTurn) -> str | None:
        async with self._runtime.storage.reader.connect() as conn:
            for event in await read_turn(conn, turn.id):
                fact = from_body(event.body) if event.body is not None else None
                if isinstance(fact, TurnQueued):
                    return fact.prompt
        return None

    async def _take_gestures(self) -> None:
        reach("dispatch.read")
        after_commit = await self._runtime.storage.writer.run(self._handle_pending)
        reach("dispatch.committed")
        for act in after_commit:
            act()

    def _handle_pending(self, conn: Connection) -> list[AfterCommit]:
        after: list[AfterCommit] = []
        pending = inbox.pending_in_thread(conn, self._thread)
        for waiting in pending:
            gesture = _GESTURE.validate_json(waiting.body)
            state = self._load_state(conn)
            limits = self._runtime.config.limits
            effects = decide(
                state,
                gesture,
                bot_user_id=self._bot_user_id,
                limits=Limits(limits.max_queued_per_thread, limits.prompt_chars),
            )
            for effect in effects:
                after.extend(self._apply(conn, gesture, waiting.inbox_id, effect))
        if pending:
            inbox.mark_handled(conn, [waiting.inbox_id for waiting in pending], clock_of(conn).now_ms())
        return after

    def _load_state(self, conn: Connection) -> ThreadState:
        session = sessions.open_in_thread(conn, self._thread)
        if session is None:
            return ThreadState(has_session=False)
        running = turns.running_in_session(conn, session.id)
        queued = turns.queued_in_session(conn, session.id)
        if running is None and self._current is not None:
            running = next((turn for turn in queued if turn.id == self._current.turn.id), None)
        return ThreadState(
            has_session=True,
            running=_active(running) if running is not None else None,
            queued=tuple(_active(turn) for turn in queued if running is None or turn.id != running.id),
            last_started_ts=turns.last_started_ts(conn, session.id),
        )

    def _apply(self, conn: Connection, gesture: Gesture, inbox_id: int, effect: Effect) -> list[AfterCommit]:
        outlet = self._runtime.outlet
        match effect, gesture:
            case OpenSession(), Message():
                self._open_session(conn, gesture)
                return []
            case QueueTurn(), Message():
                turn_id = self._queue_turn(conn, gesture, inbox_id, effect)
                return [partial(outlet.turn_changed, self._thread, turn_id)]
            case StopTurn(turn_id=turn_id), _:
                return self._stop_turn(conn, gesture, turn_id)
            case TellPrivately(text=text), _:
                is_root = isinstance(gesture, Message) and gesture.thread_ts is None
                thread_ts = None if is_root else self._thread.thread_ts
                return [partial(outlet.tell_privately, self._thread.channel_id, thread_ts, gesture.user_id, text)]
            case _:
                raise RuntimeError(f"{effect} does not follow from a {gesture.kind}")

    def _open_session(self, conn: Connection, message: Message) -> None:
        agent = agent_for_channel(self._runtime.config, message.channel_id)
        session = sessions.create(
            conn,
            self._thread,
            agent=agent.name,
            harness=agent.harness,
            snapshot=agent.model_dump_json(),
            owner_user_id=message.user_id,
            at=clock_of(conn).now_ms(),
        )
        opened = SessionOpened(
            agent=agent.name,
            harness=agent.harness,
            model=agent.model,
            sandbox=agent.sandbox,
            policy=agent.policy,
            channel_id=self._thread.channel_id,
            thread_ts=self._thread.thread_ts,
            owner_user_id=message.user_id,
            previous_session_id=session.previous_session_id,
        )
        self._runtime.journal.write(conn, opened, team_id=self._thread.team_id, session_id=session.id, turn_id=None)

    def _queue_turn(self, conn: Connection, message: Message, inbox_id: int, effect: QueueTurn) -> str:
        session = sessions.open_in_thread(conn, self._thread)
        if session is None:
            raise RuntimeError(f"a turn was queued in {self._thread}, which has no open session")
        agent = AgentSnapshot.model_validate_json(session.snapshot)
        turn = turns.create(
            conn,
            team_id=self._thread.team_id,
            session_id=session.id,
            inbox_id=inbox_id,
            user_id=message.user_id,
            message_ts=message.ts,
            late=effect.late,
            at=clock_of(conn).now_ms(),
        )
        queued = TurnQueued(
            ordinal=turn.ordinal,
            prompt=effect.prompt,
            user_id=message.user_id,
            message_ts=message.ts,
            late=effect.late,
            agent=agent.name,
            harness=agent.harness,
            model=agent.model,
            sandbox=agent.sandbox,
        )
        self._runtime.journal.write(conn, queued, team_id=self._thread.team_id, session_id=session.id, turn_id=turn.id)
        return turn.id

    def _stop_turn(self, conn: Connection, gesture: Gesture, turn_id: str) -> list[AfterCommit]:
        session = sessions.open_in_thread(conn, self._thread)
        if session is None:
            return []
        running = turns.running_in_session(conn, session.id)
        changed: AfterCommit = partial(self._runtime.outlet.turn_changed, self._thread, turn_id)
        if running is not None and running.id == turn_id:
            self._runtime.journal.write(
                conn,
                StopRequested(user_id=gesture.user_id),
                team_id=self._thread.team_id,
                session_id=session.id,
                turn_id=turn_id,
            )
            return [changed, self._stop_current]
        withdrawn = next(turn for turn in turns.queued_in_session(conn, session.id) if turn.id == turn_id)
        end_turn(conn, self._runtime.journal, withdrawn, TurnEnded(outcome="stopped", reason="It had not started."))
        return [changed]

    def _stop_current(self) -> None:
        if self._current is not None:
            self._current.request_stop()


def _active(turn: StoredTurn) -> ActiveTurn:
    return ActiveTurn(turn.id, turn.message_ts)
