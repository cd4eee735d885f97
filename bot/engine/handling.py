"""Carrying out what the core decides about the gestures of one thread, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import assert_never

from pydantic import TypeAdapter
from sqlalchemy.engine import Connection

from bot.core.choices import first_set
from bot.core.effects import (
    ChooseModel,
    CloseSession,
    Effect,
    NoteContext,
    OpenSession,
    QueueTurn,
    ReplacePrompt,
    SettleInterruption,
    StopTurn,
    TellPrivately,
)
from bot.core.events import (
    ContextNoted,
    Fact,
    InterruptionSettled,
    ModelChosen,
    PromptReplaced,
    SessionOpened,
    StopRequested,
    TurnEnded,
    TurnQueued,
)
from bot.core.gesture import AnyGesture, Click, Deletion, Edit, Gesture, Message
from bot.core.thread import (
    ActiveTurn,
    Limits,
    OpenThread,
    ThreadState,
    decide,
)
from bot.engine.agent import AgentSnapshot, drive_now, menu_for_channel, snapshot
from bot.engine.outlet import Person
from bot.engine.turn_run import Runtime, close_session, end_turn
from storage import inbox, sessions, turns
from storage.clock import clock_of
from storage.inbox import NewGesture, ThreadKey
from storage.sessions import StoredSession
from storage.turns import StoredTurn

_GESTURE: TypeAdapter[Gesture] = TypeAdapter(AnyGesture)
AfterCommit = Callable[[], None]


class ThreadHandler:
    """``starting`` names the turn the actor has taken up, if any; ``stop_current`` makes it end."""

    def __init__(
        self,
        runtime: Runtime,
        thread: ThreadKey,
        bot_user_id: str,
        starting: Callable[[], str | None],
        stop_current: AfterCommit,
    ) -> None:
        self._runtime = runtime
        self._thread = thread
        self._bot_user_id = bot_user_id
        self._starting = starting
        self._stop_current = stop_current

    def handle(
        self, conn: Connection, people: Mapping[str, Person], overtook: Sequence[NewGesture]
    ) -> list[AfterCommit]:
        """Add ``overtook`` to the inbox, where each counts once, and handle what waits there, oldest first, up to the
        first gesture of somebody not in ``people``. Returns what is to be done once the transaction is durable."""
        for reply in overtook:
            inbox.commit(conn, reply, clock_of(conn).now_ms())
        after: list[AfterCommit] = []
        handled: list[int] = []
        for waiting in inbox.pending_in_thread(conn, self._thread):
            person = people.get(waiting.user_id)
            if person is None:
                break
            gesture = _GESTURE.validate_json(waiting.body)
            for effect in self._decide(conn, gesture, person):
                after.extend(self._apply(conn, gesture, person, waiting.inbox_id, effect))
            handled.append(waiting.inbox_id)
        if handled:
            inbox.mark_handled(conn, handled, clock_of(conn).now_ms())
        return after

    def _decide(self, conn: Connection, gesture: Gesture, person: Person) -> tuple[Effect, ...]:
        limits = self._runtime.config.limits
        return decide(
            self._load_state(conn, gesture),
            gesture,
            standing=person.standing,
            bot_user_id=self._bot_user_id,
            limits=Limits(limits.max_queued_per_thread, limits.prompt_chars),
            menu=menu_for_channel(self._runtime.config, self._thread.channel_id),
        )

    def _load_state(self, conn: Connection, gesture: Gesture) -> ThreadState:
        session = sessions.open_in_thread(conn, self._thread)
        if session is None:
            return ThreadState(session=None)
        running = turns.running_in_session(conn, session.id)
        queued = turns.queued_in_session(conn, session.id)
        if running is None:
            running = next((turn for turn in queued if turn.id == self._starting()), None)
        changed_ts = gesture.ts if isinstance(gesture, Edit | Deletion) else None
        return ThreadState(
            session=self._open_thread(session),
            running=_active(running) if running is not None else None,
            queued=tuple(_active(turn) for turn in queued if running is None or turn.id != running.id),
            last_started_ts=turns.last_started_ts(conn, session.id),
            interrupted_turn_id=turns.open_interruption(conn, session.id),
            was_prompt=changed_ts is not None and turns.was_asked(conn, session.id, changed_ts),
        )

    def _open_thread(self, session: StoredSession) -> OpenThread:
        agent = AgentSnapshot.model_validate_json(session.snapshot)
        return OpenThread(
            agent=agent.name,
            harness=agent.harness,
            owner_user_id=session.owner_user_id,
            drive=drive_now(agent, self._runtime.config),
            model=session.model,
            agent_model=agent.model,
        )

    def _apply(
        self, conn: Connection, gesture: Gesture, person: Person, inbox_id: int, effect: Effect
    ) -> list[AfterCommit]:
        match effect:
            case TellPrivately(text=text):
                is_root = isinstance(gesture, Message) and gesture.thread_ts is None
                thread_ts = None if is_root else self._thread.thread_ts
                tell = self._runtime.outlet.tell_privately
                return [partial(tell, self._thread.channel_id, thread_ts, gesture.user_id, text)]
            case OpenSession(agent=name):
                self._open_session(conn, gesture.user_id, name)
                return []
        session = self._session(conn)
        match effect:
            case CloseSession(reason=reason):
                close_session(conn, self._runtime.journal, session, reason)
                return []
            case QueueTurn():
                return [self._queue_turn(conn, session, gesture, person, inbox_id, effect)]
            case ReplacePrompt(turn_id=turn_id, prompt=prompt):
                self._write(conn, session, turn_id, PromptReplaced(prompt=prompt))
                return [self._changed(turn_id)]
            case SettleInterruption(turn_id=turn_id, how=how):
                turns.settle_interruption(conn, self._thread.team_id, turn_id)
                self._write(conn, session, turn_id, InterruptionSettled(how=how, user_id=gesture.user_id))
                return [self._changed(turn_id)]
            case ChooseModel(model=model):
                sessions.choose_model(conn, self._thread.team_id, session.id, model)
                self._write(conn, session, None, ModelChosen(user_id=gesture.user_id, model=model))
                return []
            case NoteContext(text=text, standing=standing):
                noted = ContextNoted(user_id=gesture.user_id, user_name=person.name, standing=standing, text=text)
                self._write(conn, session, None, noted)
                return []
            case StopTurn(turn_id=turn_id):
                return self._stop_turn(conn, session, gesture.user_id, turn_id)
            case _:
                assert_never(effect)

    def _open_session(self, conn: Connection, user_id: str, name: str) -> None:
        agent = snapshot(self._runtime.config, name)
        session = sessions.create(
            conn,
            self._thread,
            agent=agent.name,
            harness=agent.harness,
            snapshot=agent.model_dump_json(),
            owner_user_id=user_id,
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
            owner_user_id=user_id,
            previous_session_id=session.previous_session_id,
        )
        self._write(conn, session, None, opened)

    def _queue_turn(
        self,
        conn: Connection,
        session: StoredSession,
        gesture: Gesture,
        person: Person,
        inbox_id: int,
        effect: QueueTurn,
    ) -> AfterCommit:
        agent = AgentSnapshot.model_validate_json(session.snapshot)
        turn = turns.create(
            conn,
            team_id=self._thread.team_id,
            session_id=session.id,
            inbox_id=inbox_id,
            user_id=gesture.user_id,
            message_ts=_asked_at(gesture),
            late=effect.late,
            at=clock_of(conn).now_ms(),
        )
        queued = TurnQueued(
            ordinal=turn.ordinal,
            prompt=effect.prompt,
            user_id=gesture.user_id,
            user_name=person.name,
            message_ts=_asked_at(gesture),
            late=effect.late,
            agent=agent.name,
            harness=agent.harness,
            model=first_set(effect.model, session.model, agent.model),
            sandbox=agent.sandbox,
            files=effect.files,
        )
        self._write(conn, session, turn.id, queued)
        return self._changed(turn.id)

    def _stop_turn(self, conn: Connection, session: StoredSession, user_id: str, turn_id: str) -> list[AfterCommit]:
        running = turns.running_in_session(conn, session.id)
        if running is not None and running.id == turn_id:
            self._write(conn, session, turn_id, StopRequested(user_id=user_id))
            return [self._changed(turn_id), self._stop_current]
        withdrawn = next(turn for turn in turns.queued_in_session(conn, session.id) if turn.id == turn_id)
        end_turn(conn, self._runtime.journal, withdrawn, TurnEnded(outcome="stopped", reason="It had not started."))
        stop_start = [self._stop_current] if turn_id == self._starting() else []
        return [self._changed(turn_id), *stop_start]

    def _session(self, conn: Connection) -> StoredSession:
        session = sessions.open_in_thread(conn, self._thread)
        if session is None:
            raise RuntimeError(f"{self._thread} has no open session for this effect")
        return session

    def _changed(self, turn_id: str) -> AfterCommit:
        return partial(self._runtime.outlet.turn_changed, self._thread, turn_id)

    def _write(self, conn: Connection, session: StoredSession, turn_id: str | None, fact: Fact) -> None:
        self._runtime.journal.write(conn, fact, team_id=self._thread.team_id, session_id=session.id, turn_id=turn_id)


def _asked_at(gesture: Gesture) -> str:
    """Slack's time of what asks for a turn: a message, or its correction."""
    match gesture:
        case Message(ts=ts) | Edit(edited_ts=ts) | Click(ts=ts):
            return ts
        case _:
            raise RuntimeError(f"a {gesture.kind} does not ask for a turn")


def _active(turn: StoredTurn) -> ActiveTurn:
    return ActiveTurn(turn.id, turn.message_ts)
