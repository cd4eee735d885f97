"""What the harness reports, as events: adjacent text merged, secrets scrubbed, at most ten appends a second.

An append that fails ends the recording: `add` and `finish` raise, so that nothing goes on that is not on record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from bot.core.events import Fact, HarnessReported
from bot.redaction import Redactor
from harnesses.updates import PermissionAsked, Text, Thought, ToolCall, Update

CADENCE_S = 0.1
_BUFFER_CHARS = 1 << 20


class Recorder:
    """Use as a context manager around one turn. ``append`` commits facts in order and returns when they are durable."""

    def __init__(self, append: Callable[[list[Fact]], Awaitable[None]], redactor: Redactor) -> None:
        self._append = append
        self._prose = redactor.stream()
        self._thinking = redactor.stream()
        self._buffer: list[Fact] = []
        self._open_text: list[Text | Thought] = []
        self._buffered_chars = 0
        self._due = asyncio.Event()
        self._lock = asyncio.Lock()
        self._pump: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._pump = asyncio.create_task(self._run(), name="recorder")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._pump is not None
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)

    async def add(self, update: Update) -> None:
        """Record an update. Waits only when a megabyte is already waiting to be written."""
        self._raise_if_failed()
        if isinstance(update, Text | Thought):
            scrubber = self._prose if isinstance(update, Text) else self._thinking
            update = update.model_copy(update={"text": scrubber.feed(update.text)})
            if not update.text:
                return
        elif isinstance(update, ToolCall | PermissionAsked):
            # Only these part what was said before from what is said after: half a secret on either side of anything
            # else would be shown as one.
            self._release_held_back_text()
        self._hold(update)
        if self._buffered_chars > _BUFFER_CHARS:
            await self._flush()

    async def finish(self, *facts: Fact) -> None:
        """Everything so far, and then ``facts``, is durable when this returns."""
        self._raise_if_failed()
        self._release_held_back_text()
        self._close_text()
        self._buffer.extend(facts)
        await self._flush()

    def _release_held_back_text(self) -> None:
        if rest := self._thinking.flush():
            self._hold(Thought(text=rest))
        if rest := self._prose.flush():
            self._hold(Text(text=rest))

    def _hold(self, update: Update) -> None:
        if isinstance(update, Text | Thought):
            if self._open_text and type(self._open_text[0]) is not type(update):
                self._close_text()
            self._open_text.append(update)
            self._buffered_chars += len(update.text)
        else:
            self._close_text()
            last = self._buffer[-1] if self._buffer else None
            if _supersedes(last, update):
                self._buffer.pop()
            self._buffer.append(HarnessReported(update=update))
        self._due.set()

    def _close_text(self) -> None:
        """Adjacent pieces of text become one fact."""
        if self._open_text:
            whole = "".join(piece.text for piece in self._open_text)
            self._buffer.append(HarnessReported(update=type(self._open_text[0])(text=whole)))
            self._open_text.clear()

    async def _flush(self) -> None:
        async with self._lock:
            self._close_text()
            facts, self._buffer = self._buffer, []
            self._buffered_chars = 0
            if facts:
                await self._append(facts)

    async def _run(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            await self._flush()
            await asyncio.sleep(CADENCE_S)

    def _raise_if_failed(self) -> None:
        if self._pump is not None and self._pump.done():
            self._pump.result()


def _supersedes(last: Fact | None, update: Update) -> bool:
    """Whether ``update`` is the newer whole state of the tool call that ``last`` reported."""
    return (
        isinstance(update, ToolCall)
        and isinstance(last, HarnessReported)
        and isinstance(last.update, ToolCall)
        and last.update.tool_call_id == update.tool_call_id
    )
