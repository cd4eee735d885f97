"""One prompt, from the harness being ready to the turn's end. However it goes, the turn ends and says why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy.engine import Connection

from bot.core.events import Fact, FileRefused, FileTaken, PermissionAnswered, PromptSent, SessionClosed, TurnEnded
from bot.core.policy import answer
from bot.engine.agent import AgentSnapshot, policy_now
from bot.engine.files import SessionFiles
from bot.engine.journal import Journal
from bot.engine.outlet import Backlog, Outlet, People
from bot.engine.pool import HarnessPool
from bot.engine.recorder import Recorder
from bot.engine.request import Request, queued_as, request_of
from bot.settings import Config
from harnesses.errors import HarnessError, PermissionGone, SessionLost
from harnesses.process import HarnessProcess
from harnesses.updates import Failed, PermissionAsked, Stopped, StopReason, Text, Thought, ToolCall, Update
from storage import sessions, turns
from storage.clock import clock_of
from storage.database import Storage
from storage.errors import StorageError
from storage.event_log import read_turn
from storage.faults import reach
from storage.sessions import StoredSession
from storage.turns import StoredTurn

_log = structlog.get_logger(__name__)
_STOP_REASONS: dict[StopReason, str] = {
    "end_turn": "",
    "max_tokens": "The model reached its output limit; the answer may be cut short.",
    "max_turn_requests": "The harness reached its limit of model requests for one turn; reply to let it go on.",
    "refusal": "The model declined to go on.",
    "cancelled": "",
}
_STORAGE_RETRY_S = 1.0
_LOST_WITH_SESSION = (
    "It waited in a conversation that cannot be resumed: mention me again to start a new one in this thread."
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What every turn needs of the service."""

    storage: Storage
    config: Config
    journal: Journal
    pool: HarnessPool
    outlet: Outlet
    people: People
    backlog: Backlog
    files: SessionFiles


@dataclass(frozen=True, slots=True)
class _Ready:
    process: HarnessProcess
    resumed: bool
    files: Sequence[FileTaken | FileRefused]


class TurnRun:
    """Runs one queued turn of one session. `run` returns when the end is on record."""

    def __init__(self, runtime: Runtime, session: StoredSession, turn: StoredTurn) -> None:
        self.turn = turn
        self._runtime = runtime
        self._session = session
        self._agent = AgentSnapshot.model_validate_json(session.snapshot)
        self._cancelled_because: TurnEnded | None = None
        self._cancel_wanted = asyncio.Event()
        self._session_lost = False
        self._unfinished_calls: dict[str, None] = {}
        self._chars = 0

    async def run(self) -> None:
        reach("turn.starting")
        try:
            ending = await self._with_harness()
        except HarnessError as error:
            ending = self._harness_failed(error)
        except StorageError as error:
            _log.error("turn.storage_failed", turn_id=self.turn.id, error=str(error))
            ending = self._ended("failed", f"Recording failed, so the harness was stopped: {error}", failure="internal")
        except Exception as error:  # noqa: BLE001 - logged, and the turn says so: whatever happened, it has to end
            _log.error("turn.defect", turn_id=self.turn.id, exc_info=error)
            ending = self._ended("failed", "Reins itself failed; its log says where.", failure="internal")
        if ending is not None:
            await self._end(ending)

    def request_stop(self) -> None:
        """A person wants the turn to end. Harmless when it has ended already."""
        self._cancel(self._ended("stopped", "", stop_reason="cancelled"))

    def interrupt(self, reason: str) -> None:
        """The service wants the turn to end, e.g. because it shuts down."""
        self._cancel(self._ended("interrupted", reason, stop_reason="cancelled"))

    def _cancel(self, ending: TurnEnded) -> None:
        if self._cancelled_because is None:
            self._cancelled_because = ending
            self._cancel_wanted.set()

    async def _with_harness(self) -> TurnEnded | None:
        """None when the prompt was not sent: the turn was withdrawn, or stays queued for the next start."""
        async with AsyncExitStack() as until_the_end:
            ready = await self._unless_cancelled(self._ready(until_the_end))
            if ready is None or self._cancel_wanted.is_set():
                return None
            # From here on nothing is cancelled half-way: whether the prompt counts as sent is always known.
            request = await self._runtime.storage.writer.run(self._commit_prompt_sent(ready))
            if request is not None:
                reach("turn.prompt_committed")
            self._runtime.outlet.turn_changed(self._session.thread, self.turn.id)
            return await self._prompted(ready.process, request) if request is not None else None

    async def _unless_cancelled(self, ready: Coroutine[None, None, _Ready]) -> _Ready | None:
        starting = asyncio.create_task(ready, name="harness start")
        cancelled = asyncio.create_task(self._cancel_wanted.wait())
        try:
            await asyncio.wait((starting, cancelled), return_when=asyncio.FIRST_COMPLETED)
            return await starting if starting.done() else None
        finally:
            for task in (starting, cancelled):
                task.cancel()
            await asyncio.gather(starting, cancelled, return_exceptions=True)

    async def _ready(self, until_the_end: AsyncExitStack) -> _Ready:
        """A process with this session open, and what came with the prompt in its workspace."""
        storage = self._runtime.storage
        lease = await until_the_end.enter_async_context(self._runtime.pool.lease(self._session.id, self._agent))
        resumed = False
        if not lease.opened:
            opened = await lease.process.open(self._session.harness_session_id)
            resumed = opened.resumed
            if opened.harness_session_id != self._session.harness_session_id:
                await storage.writer.run(self._remember(opened.harness_session_id))
        return _Ready(lease.process, resumed, await self._take_files())

    async def _take_files(self) -> Sequence[FileTaken | FileRefused]:
        async with self._runtime.storage.reader.connect() as conn:
            queued = queued_as(await read_turn(conn, self.turn.id))
        return await self._runtime.files.take(queued, self._workspace) if queued is not None and queued.files else ()

    @property
    def _workspace(self) -> Path:
        return self._runtime.pool.workspace(self._session.id)

    async def _prompted(self, process: HarnessProcess, request: Request) -> TurnEnded:
        wall = self._runtime.config.timeouts.wall
        canceller = asyncio.create_task(self._cancel_when_wanted(process), name="canceller")
        try:
            async with Recorder(self._append, self._runtime.journal.redactor) as recorder:
                try:
                    async with asyncio.timeout(wall):
                        ending = await self._converse(process, request, recorder)
                except TimeoutError:
                    await process.close()
                    reason = f"It ran for {wall:.0f} seconds, the limit for one turn."
                    ending = self._ended("failed", reason, failure="wall")
                await recorder.finish()
        finally:
            canceller.cancel()
            await asyncio.gather(canceller, return_exceptions=True)
        return ending

    async def _cancel_when_wanted(self, process: HarnessProcess) -> None:
        await self._cancel_wanted.wait()
        await process.cancel()

    async def _converse(self, process: HarnessProcess, request: Request, recorder: Recorder) -> TurnEnded:
        def written() -> None:
            reach("turn.prompt_written")

        async for update in process.prompt(request.prompt, model=request.model, on_written=written):
            self._note_call(update)
            await recorder.add(update)
            match update:
                case Text(text=text) | Thought(text=text):
                    self._chars += len(text)
                    if self._chars > self._runtime.config.limits.answer_chars:
                        await process.close(0)
                        return self._ended("failed", self._too_long(), failure="protocol")
                case PermissionAsked():
                    await self._answer(process, recorder, update)
                case Stopped(stop_reason=stop_reason):
                    return self._harness_stopped(stop_reason)
                case Failed(failure=failure, message=message):
                    return self._cancelled_because or self._ended("failed", message, failure=failure)
                case _:
                    pass
        return self._ended("failed", "The harness ended the turn without saying how.", failure="protocol")

    async def _answer(self, process: HarnessProcess, recorder: Recorder, asked: PermissionAsked) -> None:
        decided = answer(policy_now(self._agent, self._runtime.config), asked)
        await recorder.finish(
            PermissionAnswered(
                request_id=asked.request_id,
                tool_call_id=asked.tool.tool_call_id,
                decision=decided.decision,
                reason=decided.reason,
            )
        )
        try:
            await process.answer(asked.request_id, decided.option_id)
        except PermissionGone as gone:  # the turn was stopped meanwhile, or the harness ended: it is about to say so
            _log.info("turn.answer_not_delivered", turn_id=self.turn.id, reason=str(gone))

    def _harness_stopped(self, stop_reason: StopReason) -> TurnEnded:
        if self._cancelled_because is not None:
            return self._cancelled_because
        if stop_reason == "cancelled":
            return self._ended("stopped", "The harness cancelled the turn itself.", stop_reason=stop_reason)
        return self._ended("completed", _STOP_REASONS[stop_reason], stop_reason=stop_reason)

    def _harness_failed(self, error: HarnessError) -> TurnEnded:
        _log.warning("turn.harness_failed", turn_id=self.turn.id, failure=error.failure, error=str(error))
        if not isinstance(error, SessionLost):
            return self._ended("failed", str(error), failure=error.failure)
        self._session_lost = True
        reason = f"{error} This conversation cannot be resumed: mention me again to start a new one in this thread."
        return self._ended("failed", reason, failure=error.failure)

    def _too_long(self) -> str:
        limit = self._runtime.config.limits.answer_chars
        return f"It sent more than {limit:,} characters, the limit for one turn (limits.answer_chars), so it was ended."

    def _note_call(self, update: Update) -> None:
        call = update.tool if isinstance(update, PermissionAsked) else update
        if isinstance(call, ToolCall):
            if call.status in ("completed", "failed"):
                self._unfinished_calls.pop(call.tool_call_id, None)
            else:
                self._unfinished_calls[call.tool_call_id] = None

    def _ended(self, outcome: str, reason: str, **more: object) -> TurnEnded:
        return TurnEnded.model_validate({"outcome": outcome, "reason": reason, **more})

    async def _append(self, facts: list[Fact]) -> None:
        journal = self._runtime.journal
        await self._runtime.storage.writer.append(
            [
                journal.event(fact, team_id=self.turn.team_id, session_id=self._session.id, turn_id=self.turn.id)
                for fact in facts
            ]
        )
        reach("turn.events_committed")
        self._runtime.outlet.turn_changed(self._session.thread, self.turn.id)

    async def _end(self, ending: TurnEnded) -> None:
        """Put the end on record, for as long as it takes: a turn that ended must be seen to have ended."""
        if ending.outcome != "completed":
            ending = ending.model_copy(update={"unknown_calls": tuple(self._unfinished_calls)})
        reach("turn.ending")
        left = await self._runtime.files.collect(self.turn, self._workspace)
        while True:
            try:
                ended = await self._runtime.storage.writer.run(lambda conn: self._record_end(conn, ending, left.facts))
                break
            except StorageError as error:
                _log.error("turn.end_not_recorded", turn_id=self.turn.id, error=str(error))
                await asyncio.sleep(_STORAGE_RETRY_S)
        reach("turn.ended")
        await self._runtime.files.put_away(self.turn, self._workspace, left)
        for turn in ended:
            self._runtime.outlet.turn_changed(self._session.thread, turn.id)

    def _record_end(self, conn: Connection, ending: TurnEnded, left: Sequence[Fact]) -> list[StoredTurn]:
        """The turns that ended. With a session that is lost, those that waited in it do: nothing would run them."""
        end_turn(conn, self._runtime.journal, self.turn, ending, left)
        if not self._session_lost:
            return [self.turn]
        waiting = turns.queued_in_session(conn, self._session.id)
        for turn in waiting:
            end_turn(
                conn, self._runtime.journal, turn, self._ended("failed", _LOST_WITH_SESSION, failure="session_lost")
            )
        close_session(conn, self._runtime.journal, self._session, "the harness no longer knows this conversation")
        return [self.turn, *waiting]

    def _remember(self, harness_session_id: str) -> Callable[[Connection], None]:
        return lambda conn: sessions.remember_harness_session(
            conn, self.turn.team_id, self._session.id, harness_session_id
        )

    def _commit_prompt_sent(self, ready: _Ready) -> Callable[[Connection], Request | None]:
        def commit(conn: Connection) -> Request | None:
            """What to send, with everything that was said by now. None when the turn was withdrawn, or its words were
            erased, while its harness was starting."""
            journal = self._runtime.journal
            request = request_of(conn, self._session, self.turn, ready.files)
            if request is None:
                erased = self._ended("stopped", "Its message was erased before it started.")
                end_turn(conn, journal, self.turn, erased)
                return None
            if not turns.mark_running(conn, self.turn, clock_of(conn).now_ms()):
                return None
            for fact in (*ready.files, PromptSent(resumed=ready.resumed)):
                journal.write(conn, fact, team_id=self.turn.team_id, session_id=self._session.id, turn_id=self.turn.id)
            return request

        return commit


def end_turn(
    conn: Connection, journal: Journal, turn: StoredTurn, ending: TurnEnded, before: Sequence[Fact] = ()
) -> None:
    """The one way in which a turn ends: once, with its last events (``before``, then the end) in the same
    transaction."""
    if turns.mark_ended(conn, turn, ending.outcome, clock_of(conn).now_ms()):
        for fact in (*before, ending):
            journal.write(conn, fact, team_id=turn.team_id, session_id=turn.session_id, turn_id=turn.id)


def close_session(conn: Connection, journal: Journal, session: StoredSession, reason: str) -> None:
    sessions.close(conn, session.thread.team_id, session.id, clock_of(conn).now_ms())
    journal.write(
        conn, SessionClosed(reason=reason), team_id=session.thread.team_id, session_id=session.id, turn_id=None
    )
