"""A running harness, spoken to over the Agent Client Protocol v1.

One process carries one session, and one prompt at a time: harnesses disagree about what a second one does. The queue
of a running prompt is in `turn`, reading its updates in `session_update`, JSON-RPC in `acp`, the process in `peer`.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harnesses.ending import last_updates
from harnesses.errors import (
    AgentError,
    HarnessError,
    PermissionGone,
    ProtocolError,
    SessionError,
    SessionLost,
    StartError,
    WireClosed,
)
from harnesses.home import prepare
from harnesses.outside import mapping
from harnesses.peer import Peer
from harnesses.profile import Profile, Spec
from harnesses.sandbox import none
from harnesses.session_update import Meter, ModelOption, model_option, read
from harnesses.turn import PENDING_KEPT, Answered, Item, Permission, Sent, Turn
from harnesses.updates import Failed, ModelServed, Stopped, Update

PROTOCOL_VERSION = 1
_SEND_TIMEOUT = 5.0  # seconds for a message without an answer to get into the harness's pipe
_CANCELLED = {"outcome": {"outcome": "cancelled"}}
_METHOD_NOT_FOUND = -32601

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Opened:
    """``harness_session_id`` is ACP's sessionId, to resume with. ``resumed`` says that its history was loaded."""

    harness_session_id: str
    resumed: bool


class HarnessProcess:
    """A harness process with one session. `start`, then `open`, then any number of `prompt`, then `close`.

    ``pid`` is the root of its process tree. ``usable`` says whether another prompt may be sent."""

    def __init__(
        self,
        profile: Profile,
        spec: Spec,
        child: none.Child,
        *,
        setup_timeout: float,
        silence_timeout: float,
        cancel_grace: float,
        scrub: Callable[[str], str],
    ) -> None:
        self._profile = profile
        self._spec = spec
        self._silence_timeout = silence_timeout
        self._cancel_grace = cancel_grace
        self._peer = Peer(profile, spec, child, setup_timeout, scrub, self._notified, self._asked)
        self._meter = Meter(profile)
        self._can_load = False
        self._session: str | None = None
        self._model: ModelOption | None = None
        self._chosen = spec.model  # what the harness was last told
        self._default_model = spec.model
        self._busy = False
        self._cancelled_early = False
        self._turn: Turn | None = None

    @classmethod
    async def start(
        cls,
        profile: Profile,
        spec: Spec,
        *,
        initialize_timeout: float = 60,
        silence_timeout: float = 600,
        cancel_grace: float = 10,
        scrub: Callable[[str], str],
    ) -> HarnessProcess:
        """Spawn the harness and `initialize` it. Call it on the main thread (see `sandbox.none.spawn`).

        ``initialize_timeout`` (seconds) also bounds each request that opens the session or sets its model.
        ``cancel_grace``: seconds from `cancel` until the process is killed instead.
        Raises HarnessError; nothing is left running then."""
        if profile.apis and (spec.provider is None or spec.provider.api not in profile.apis):
            raise StartError(
                f"{profile.name} needs a model provider with the API {' or '.join(profile.apis)}. "
                "Configure one for this agent."
            )
        launch = profile.launch(spec)
        await asyncio.to_thread(prepare, spec.home, spec.tmp, launch.files)
        await asyncio.to_thread(importlib.import_module, "harnesses.acp")
        child = await none.spawn(launch, spec)
        process = cls(
            profile,
            spec,
            child,
            setup_timeout=initialize_timeout,
            silence_timeout=silence_timeout,
            cancel_grace=cancel_grace,
            scrub=scrub,
        )
        try:
            await process._initialize()
        except BaseException:
            await process.close(0)
            raise
        return process

    @property
    def pid(self) -> int:
        return self._peer.pid

    @property
    def usable(self) -> bool:
        return self._peer.usable

    @property
    def stderr_tail(self) -> str:
        """The end of what it wrote to stderr, scrubbed, at most `peer.STDERR_TAIL` characters."""
        return self._peer.stderr_tail

    async def open(self, resume: str | None) -> Opened:
        """Begin a session, or load the one ``resume`` names; the history it replays is not reported. After a
        SessionLost `open(None)` may be tried on the same process.
        Raises SessionLost if the harness does not know the session (any more), another HarnessError otherwise."""
        params: dict[str, Any] = {"cwd": str(self._spec.workspace), "mcpServers": []}
        if meta := self._profile.session_meta(self._spec):
            params["_meta"] = meta
        if resume is None:
            result = await self._peer.setup("session/new", params)
            identity = result.get("sessionId")
            if not isinstance(identity, str) or not identity:
                raise ProtocolError(f"{self._profile.name} opened a session without an id.")
        else:
            if not self._can_load:
                raise SessionLost(f"{self._profile.name} cannot resume a session. Start a new one.")
            identity = resume
            cost_before = await asyncio.to_thread(self._profile.cost_before, self._spec, resume)
            result = await self._peer.setup("session/load", {"sessionId": resume, **params})
            self._meter.loaded(cost_before)
        self._session = identity
        self._model = model_option(result)
        if self._default_model is None and self._model is not None:
            self._chosen = self._default_model = self._model.current
        return Opened(identity, resume is not None)

    async def prompt(
        self, text: str, *, model: str | None = None, on_written: Callable[[], None] | None = None
    ) -> AsyncIterator[Update]:
        """Send a prompt and report what happens, in order; the last update is exactly one Stopped or Failed.

        ``model`` is for this turn; None is the session's own. ``on_written`` is called once the prompt is in the
        harness's pipe. Never raises for what the harness does. An iterator that is closed before its last update
        ends the process, because nobody would know what the harness is still doing."""
        if self._busy or self._session is None:
            raise RuntimeError("a prompt needs an open session, and one at a time")
        self._busy, self._cancelled_early, ended = True, False, False
        turn = Turn(self._peer.wire.release)
        request: asyncio.Task[Any] | None = None
        try:
            if (failed := await self._use_model(model or self._default_model)) is not None:
                ended = True
                yield failed
                return
            if self._model is not None and self._profile.served_model_key is None:
                yield ModelServed(model=self._model.current)
            if self._cancelled_early:
                ended = True
                yield Stopped(stop_reason="cancelled")
                return
            self._meter.begin_turn()
            self._turn = turn
            params = {"sessionId": self._session, "prompt": [{"type": "text", "text": text}]}
            request = asyncio.create_task(self._peer.wire.request("session/prompt", params, on_written))
            request.add_done_callback(turn.finished)
            while not ended:
                item = await turn.next(self._silence_ends(turn))
                if item is None and self._is_silent(turn):
                    item = Answered({}, HarnessError(self._silence_sentence(), failure="silent"))
                if isinstance(item, Answered):
                    updates = await last_updates(self._peer, self._meter, turn, item)
                    ended = True
                else:
                    updates = list(self._read(turn, item))
                for update in updates:
                    yield update
        finally:
            self._busy, self._turn = False, None
            turn.close()
            if not ended:
                self._peer.abandon()
            if request is not None:
                request.cancel()
                await asyncio.wait([request])

    async def answer(self, request_id: str, option_id: str | None) -> None:
        """Answer a permission request with one of its option ids, or None for cancelled. Returns once the answer is
        in the harness's pipe. Raises PermissionGone if nothing waits for it (any more), ValueError if the option
        was not offered."""
        turn = self._turn
        permission = turn.pending.get(request_id) if turn is not None else None
        if turn is None or permission is None:
            raise PermissionGone(f"{self._profile.name} is not waiting for this answer any more.")
        if option_id is not None and option_id not in permission.options:
            raise ValueError(f"the harness did not offer the option {option_id!r}")
        turn.resolve(permission, option_id)
        done, _ = await asyncio.wait([permission.delivered], timeout=_SEND_TIMEOUT)
        if not done or not permission.delivered.result():
            raise PermissionGone(f"{self._profile.name} ended before the answer reached it.")

    async def cancel(self) -> None:
        """Ask the harness to stop the running prompt; nothing happens if there is none. Pending permissions resolve
        as cancelled. The iterator ends with Stopped("cancelled"), after ``cancel_grace`` by killing the process."""
        turn = self._turn
        # While its model is still being set the prompt has not been sent, and then never will be.
        self._cancelled_early = self._busy and turn is None
        if turn is None or turn.cancelled:
            return
        turn.cancel(self._cancel_grace, self._peer.abandon)
        try:
            async with asyncio.timeout(_SEND_TIMEOUT):
                await self._peer.wire.notify("session/cancel", {"sessionId": self._session})
        except (WireClosed, TimeoutError):
            _log.debug("session/cancel did not reach %s", self._profile.name)
        turn.cancel_pending()

    async def close(self, grace: float = 3) -> None:
        """End the process: stdin EOF, after ``grace`` seconds SIGTERM, then SIGKILL for the whole tree; 0 kills at
        once. A running prompt ends as Failed. Idempotent."""
        if self._turn is not None:
            self._turn.cancel_pending()
        await self._peer.close(grace)

    # -- opening

    async def _initialize(self) -> None:
        result = await self._peer.setup(
            "initialize",
            {
                "protocolVersion": PROTOCOL_VERSION,
                "clientCapabilities": {"fs": {"readTextFile": False, "writeTextFile": False}, "terminal": False},
                "clientInfo": {"name": "reins", "version": "1"},
            },
        )
        if result.get("protocolVersion") != PROTOCOL_VERSION:
            raise ProtocolError(f"{self._profile.name} does not speak version {PROTOCOL_VERSION} of ACP.")
        self._can_load = mapping(result.get("agentCapabilities")).get("loadSession") is True

    async def _use_model(self, model: str | None) -> Failed | None:
        if not self.usable:
            return Failed(failure="exited", message=f"{self._profile.name} is not running any more.")
        if model in (None, self._chosen):
            return None
        if self._model is None:
            message = f"{self._profile.name} does not let its model be chosen."
            return Failed(failure="provider_error", message=message, process_usable=True)
        value = model if model in self._model.choices else self._profile.model_id(self._spec, model)
        try:
            result = await self._peer.setup(
                "session/set_config_option", {"sessionId": self._session, "configId": "model", "value": value}
            )
        except SessionError as error:
            message = f"{self._profile.name} does not offer the model {model!r}"
            if choices := ", ".join(self._model.choices):
                message = f"{message}. Choose one of: {choices}."
            return Failed(failure=error.failure, message=self._peer.sentence(message), process_usable=self.usable)
        except HarnessError as error:
            return Failed(failure=error.failure, message=str(error), process_usable=self.usable)
        self._chosen, self._model = model, model_option(result) or self._model
        return None

    # -- what the harness sends; both begin in the order of arrival

    def _notified(self, method: str, params: Any, size: int) -> None:
        params = mapping(params)
        update = mapping(params.get("update"))
        if method == "session/update" and params.get("sessionId") == self._session:
            if self._turn is not None:
                self._turn.put(Sent(update, size))
                return
            # Between turns only the running totals count; while a session is loaded they come with its history.
            if update.get("sessionUpdate") == "usage_update":
                self._meter.saw_cost(update)
        self._peer.wire.release(size)

    async def _asked(self, method: str, params: Any, delivered: asyncio.Future[bool], size: int) -> Any:
        if method != "session/request_permission":
            self._peer.wire.release(size)
            raise AgentError(_METHOD_NOT_FOUND, f"Reins does not offer {method[:100]}")
        turn = self._turn
        if turn is None or turn.cancelled or len(turn.pending) >= PENDING_KEPT:
            self._peer.wire.release(size)
            return _CANCELLED
        permission = Permission.read(mapping(params), delivered, size)
        turn.pending[permission.request_id] = permission
        turn.put(permission)
        option_id = await permission.decision
        return _CANCELLED if option_id is None else {"outcome": {"outcome": "selected", "optionId": option_id}}

    # -- a running turn

    def _read(self, turn: Turn, item: Item | None) -> Iterator[Update]:
        if isinstance(item, Sent):
            for update in read(item.update, turn.calls, self._meter):
                if isinstance(update, ModelServed):
                    if update == turn.served:
                        continue
                    turn.served = update
                yield update
        elif isinstance(item, Permission) and (question := turn.ask(item, self._profile)) is not None:
            yield question
        yield from turn.due(self._profile)

    def _silence_ends(self, turn: Turn) -> float | None:
        """The `time.monotonic()` at which the turn has been silent for too long; None while somebody else is to
        speak: a person who decides, or the timer of `cancel`."""
        if turn.pending or turn.cancelled:
            return None
        return max(self._peer.wire.heard, turn.answered_at) + self._silence_timeout

    def _is_silent(self, turn: Turn) -> bool:
        ends = self._silence_ends(turn)
        return ends is not None and time.monotonic() >= ends

    def _silence_sentence(self) -> str:
        return (
            f"{self._profile.name} said nothing for {self._silence_timeout:g} s and was stopped. "
            "Ask again, or raise the silence timeout."
        )
