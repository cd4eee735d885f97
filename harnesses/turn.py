"""One prompt while it runs: the queue between what the harness sends and whoever iterates over the updates."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from harnesses.outside import mapping
from harnesses.profile import Profile
from harnesses.tool_calls import ToolCalls
from harnesses.updates import ModelServed, PermissionAsked, ToolCall

PAYLOAD_GRACE = 0.15  # seconds; some harnesses send a call's arguments just after the permission request for it
PENDING_KEPT = 64  # permission requests at a time; more are answered with "cancelled"
OPTIONS_KEPT = 20
OPTION_KEPT = 200  # characters


@dataclass(frozen=True)
class Sent:
    """A `session/update`."""

    update: dict[str, Any]
    size: int


@dataclass
class Permission:
    """A `session/request_permission` that waits. ``options``: id → kind. ``decision`` is an option id, or None for
    cancelled; ``delivered`` tells whether the decision reached the harness's pipe."""

    tool_call: dict[str, Any]
    options: dict[str, str]
    size: int
    delivered: asyncio.Future[bool]
    decision: asyncio.Future[str | None]
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @classmethod
    def read(cls, params: dict[str, Any], delivered: asyncio.Future[bool], size: int) -> Permission:
        options = params.get("options")
        offered = {}
        for option in map(mapping, options[:OPTIONS_KEPT] if isinstance(options, list) else []):
            identity, kind = option.get("optionId"), option.get("kind")
            if isinstance(identity, str) and isinstance(kind, str):
                offered[identity[:OPTION_KEPT]] = kind[:OPTION_KEPT]
        decision: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        return cls(mapping(params.get("toolCall")), offered, size, delivered, decision)

    def pick(self, kind: str, allowed: Iterable[str]) -> str | None:
        """The offered option of that kind whose id is on the profile's list: both, because neither suffices."""
        return next((i for i in allowed if self.options.get(i) == kind), None)


@dataclass(frozen=True)
class Answered:
    """The answer to `session/prompt`: a result, or the exception instead of one."""

    result: dict[str, Any]
    error: BaseException | None = None


Item = Sent | Permission | Answered


class Turn:
    def __init__(self, release: Callable[[int], None]) -> None:
        self._items: deque[Item] = deque()
        self._something = asyncio.Event()
        self._release = release
        self.calls = ToolCalls()
        self.pending: dict[str, Permission] = {}
        self.cancelled = False
        self.served: ModelServed | None = None
        self.answered_at = time.monotonic()
        self._held: deque[tuple[float, Permission, str]] = deque()
        self._kill_timer: asyncio.TimerHandle | None = None

    def put(self, item: Item) -> None:
        self._items.append(item)
        self._something.set()

    def finished(self, request: asyncio.Task[Any]) -> None:
        """Done callback of the task that sent the prompt."""
        if request.cancelled():
            return
        error = request.exception()
        self.put(Answered({} if error else mapping(request.result()), error))

    async def next(self, deadline: float | None) -> Item | None:
        """The next item, or None once ``deadline`` (`time.monotonic()`) or a held permission's grace is over."""
        if self._held:
            held = self._held[0][0]
            deadline = held if deadline is None else min(held, deadline)
        while not self._items:
            self._something.clear()
            remaining = None if deadline is None else deadline - time.monotonic()
            if remaining is not None and remaining <= 0:
                return None
            try:
                async with asyncio.timeout(remaining):
                    await self._something.wait()
            except TimeoutError:
                return None
        item = self._items.popleft()
        if isinstance(item, Sent | Permission):
            self._release(item.size)
        return item

    def ask(self, permission: Permission, profile: Profile) -> PermissionAsked | None:
        """The question to show; None if it is kept back because what it is about may still come."""
        if permission.decision.done():
            return None  # cancelled before anybody saw it
        call = self.calls.merge(self._whole(permission.tool_call)) or ToolCall(tool_call_id=permission.request_id)
        permission.tool_call = {}  # up to a line long; the merged state is what counts
        if not _has_payload(call):
            self._held.append((time.monotonic() + PAYLOAD_GRACE, permission, call.tool_call_id))
            return None
        return _question(permission, call, profile)

    def _whole(self, tool_call: dict[str, Any]) -> dict[str, Any]:
        """With the arguments that are known of the call and not repeated in the question, such as a working
        directory: what is approved is what will run."""
        asked, known = tool_call.get("rawInput"), self.calls.get(str(tool_call.get("toolCallId")))
        if not isinstance(asked, dict) or known is None or not isinstance(known.raw_input, dict):
            return tool_call
        return {**tool_call, "rawInput": {**known.raw_input, **asked}}

    def due(self, profile: Profile) -> list[PermissionAsked]:
        """The questions kept back that have their payload by now, or have waited long enough."""
        questions, waiting, now = [], deque[tuple[float, Permission, str]](), time.monotonic()
        for until, permission, identity in self._held:
            call = self.calls.get(identity) or ToolCall(tool_call_id=identity)
            if until <= now or _has_payload(call):
                questions.append(_question(permission, call, profile))
            else:
                waiting.append((until, permission, identity))
        self._held = waiting
        return questions

    def cancel(self, grace: float, kill: Callable[[], None]) -> None:
        """Call ``kill`` if the turn is not closed ``grace`` seconds from now."""
        self.cancelled = True
        self._kill_timer = asyncio.get_running_loop().call_later(grace, kill)

    def resolve(self, permission: Permission, option_id: str | None) -> None:
        self.pending.pop(permission.request_id, None)
        self.answered_at = time.monotonic()
        if not permission.decision.done():
            permission.decision.set_result(option_id)

    def cancel_pending(self) -> None:
        self._held.clear()
        for permission in list(self.pending.values()):
            self.resolve(permission, None)

    def close(self) -> None:
        """Nobody will take the rest."""
        if self._kill_timer is not None:
            self._kill_timer.cancel()
        self.cancel_pending()
        while self._items:
            item = self._items.popleft()
            if isinstance(item, Sent | Permission):
                self._release(item.size)


def _question(permission: Permission, call: ToolCall, profile: Profile) -> PermissionAsked:
    return PermissionAsked(
        request_id=permission.request_id,
        tool=call,
        allow_option=permission.pick("allow_once", profile.allow_options),
        deny_option=permission.pick("reject_once", profile.deny_options),
    )


def _has_payload(call: ToolCall) -> bool:
    return bool(call.raw_input) or bool(call.diffs)
