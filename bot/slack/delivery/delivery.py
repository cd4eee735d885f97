"""Which changed turn is neediest, and when. At any moment Slack shows something true; in the end it shows everything.

The last view of a turn goes before progress; a turn nobody has seen anything of goes before one that is shown; then
the one whose message is oldest. Progress of one turn is shown at most every `CADENCE_S`, except its first text.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial

import structlog

from bot.slack.delivery.live import LiveTurn
from bot.slack.delivery.paced import PacedSender, Slot
from bot.slack.delivery.pacer import Method, Priority
from bot.slack.delivery.sender import Gone, RateLimited, SendFailed
from bot.slack.render.turn import Bounds
from storage import turns
from storage.database import Storage
from storage.errors import StorageError
from storage.inbox import ThreadKey
from storage.outgoing import Outgoing

_log = structlog.get_logger(__name__)
CADENCE_S = 1.5
_STEPS_AT_ONCE = 16
_NEW_AT_ONCE = 8
"""Turns of one channel that are shown for the first time at once; more wait in line, since Slack takes about one
message a second in a channel. What happens to a turn that is already there does not wait for them."""
_BACKOFF_S = (0.5, 1, 2, 4, 8, 15, 30)


@dataclass(slots=True)
class _Showing:
    """``dirty``: events wait to be folded. ``pending``: the folded view waits to be sent. One step at a time."""

    live: LiveTurn
    dirty: bool = True
    pending: bool = False
    loaded: bool = False
    parked: bool = False
    shown_at: float = 0.0
    text_shown: bool = False
    failures: int = 0
    not_before: float = 0.0
    step: asyncio.Task[None] | None = None
    is_new: bool = False
    """Whether it counts as one of the channel's `_NEW_AT_ONCE`."""

    @property
    def priority(self) -> Priority:
        return "final" if self.live.ended else "progress"

    @property
    def need(self) -> tuple[bool, bool, float]:
        """Sorts neediest first."""
        return (not self.live.ended, self.live.posted, self.shown_at)


class Delivery:
    def __init__(self, storage: Storage, sender: PacedSender, bounds: Bounds, outgoing: Outgoing) -> None:
        self._storage = storage
        self._sender = sender
        self._bounds = bounds
        self._outgoing = outgoing
        self._showing: dict[str, _Showing] = {}
        self._busy: dict[str, _Showing] = {}
        self._lines: dict[str, dict[str, _Showing]] = {}
        self._new: Counter[str] = Counter()
        self._wake = asyncio.Event()
        self._stepped = asyncio.Event()

    def turn_changed(self, thread: ThreadKey, turn_id: str) -> None:
        showing = self._showing.get(turn_id)
        if showing is None:
            live = LiveTurn(self._storage, self._sender, self._bounds, self._outgoing, thread, turn_id)
            showing = self._showing[turn_id] = _Showing(live)
            self._lines.setdefault(thread.channel_id, {})[turn_id] = showing
        else:
            showing.dirty = True
            self._lines.get(thread.channel_id, {}).pop(turn_id, None)
            self._busy[turn_id] = showing
        self._wake.set()

    async def start(self) -> None:
        """Take up the turns whose end Slack may not show yet."""
        for turn, thread in await self._storage.writer.run(turns.unsettled):
            self.turn_changed(thread, turn.id)

    async def run(self) -> None:
        """Run for as long as the service does."""
        try:
            while True:
                self._wake.clear()
                wait_s = self._start_due_steps()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._wake.wait()
        finally:
            steps = [showing.step for showing in self._showing.values() if showing.step is not None]
            for step in steps:
                step.cancel()
            await asyncio.gather(*steps, return_exceptions=True)

    async def flush(self, timeout_s: float) -> None:
        """Wait until Slack shows everything, or the time is up; what is left is taken up at the next start."""
        try:
            async with asyncio.timeout(timeout_s):
                while any(s.dirty or s.pending or s.step for s in self._showing.values()):
                    self._stepped.clear()
                    await self._stepped.wait()
        except TimeoutError:
            _log.warning("delivery.not_finished", turns=len(self._showing))

    def _start_due_steps(self) -> float | None:
        """Start what may be done now; return the seconds until something else may be, None when nothing waits."""
        self._admit_new()
        soonest: float | None = None
        idle = [showing for showing in self._busy.values() if showing.step is None]
        room = _STEPS_AT_ONCE - (len(self._busy) - len(idle))
        for showing in sorted(idle, key=lambda s: s.need):
            if room <= 0:
                break
            step = self._next_step(showing)
            if isinstance(step, float):
                soonest = step if soonest is None else min(soonest, step)
            elif step is not None:
                room -= 1
                showing.step = asyncio.create_task(step, name=f"deliver {showing.live.turn_id}")
                showing.step.add_done_callback(partial(self._step_done, showing))
        return soonest

    def _admit_new(self) -> None:
        for channel_id, line in list(self._lines.items()):
            while line and self._new[channel_id] < _NEW_AT_ONCE:
                turn_id = next(iter(line))
                showing = self._busy[turn_id] = line.pop(turn_id)
                showing.is_new = True
                self._new[channel_id] += 1
            if not line:
                del self._lines[channel_id]

    def _rest(self, showing: _Showing) -> None:
        """Nothing is to be done for this turn until it changes."""
        if self._busy.get(showing.live.turn_id) is showing:
            del self._busy[showing.live.turn_id]
        if showing.is_new:
            showing.is_new = False
            self._new[showing.live.thread.channel_id] -= 1

    def _next_step(self, showing: _Showing) -> Coroutine[None, None, None] | float | None:
        """What to do for this turn now, or the seconds to wait, or nothing."""
        now = asyncio.get_running_loop().time()
        if not showing.dirty and not showing.pending:
            return None
        if showing.not_before > now:
            return showing.not_before - now
        if showing.parked:
            return self._settle_parked(showing)
        if showing.dirty:
            return self._fold(showing)
        first_text = showing.live.view.first_text_at is not None and not showing.text_shown
        if showing.priority == "progress" and not first_text and showing.shown_at + CADENCE_S > now:
            return showing.shown_at + CADENCE_S - now
        method: Method = "chat.update" if showing.live.posted else "chat.postMessage"
        slot = self._sender.reserve(method, showing.live.thread.channel_id, showing.priority)
        return slot if isinstance(slot, float) else self._send(showing, slot)

    async def _fold(self, showing: _Showing) -> None:
        showing.dirty = False
        if not showing.loaded:
            await showing.live.load()
            showing.loaded = True
        if await showing.live.catch_up():
            showing.pending = True

    async def _send(self, showing: _Showing, slot: Slot) -> None:
        showing.pending = False
        live = showing.live
        await live.catch_up()
        text_included = live.view.first_text_at is not None
        was_posted = live.posted
        ended = live.ended
        await live.show(showing.priority, slot)
        showing.failures = 0
        showing.text_shown = text_included
        if was_posted:
            showing.shown_at = asyncio.get_running_loop().time()
        if ended:
            await self._settle(showing)

    async def _settle(self, showing: _Showing) -> None:
        if await showing.live.settle() and not showing.dirty:
            del self._showing[showing.live.turn_id]
        else:
            showing.dirty = True

    def _step_done(self, showing: _Showing, step: asyncio.Task[None]) -> None:
        showing.step = None
        self._wake.set()
        self._stepped.set()
        error = None if step.cancelled() else step.exception()
        if error is None:
            if not showing.dirty and not showing.pending:
                self._rest(showing)
            return
        showing.dirty = showing.pending = True
        match error:
            case RateLimited():
                showing.not_before = asyncio.get_running_loop().time() + error.retry_after_s
                _log.warning("delivery.rate_limited", error=str(error), retry_after_s=error.retry_after_s)
            case Gone():
                self._park(showing, error)
            case SendFailed() | StorageError():
                self._back_off(showing)
                _log.warning("delivery.failed", turn_id=showing.live.turn_id, error=str(error))
            case _:
                self._back_off(showing)
                _log.error("delivery.defect", turn_id=showing.live.turn_id, exc_info=error)

    def _back_off(self, showing: _Showing) -> None:
        delay = _BACKOFF_S[min(showing.failures, len(_BACKOFF_S) - 1)]
        showing.failures += 1
        showing.not_before = asyncio.get_running_loop().time() + delay

    def _park(self, showing: _Showing, error: Gone) -> None:
        """Slack will not take this turn's messages any more. Nothing more is tried; the events keep all of it."""
        live = showing.live
        _log.error("delivery.parked", turn_id=live.turn_id, channel_id=live.thread.channel_id, error=str(error))
        showing.parked = True

    async def _settle_parked(self, showing: _Showing) -> None:
        showing.dirty = showing.pending = False
        await showing.live.catch_up()
        await showing.live.park()
        if showing.live.ended:
            await self._settle(showing)
