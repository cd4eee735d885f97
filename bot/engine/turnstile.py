"""Lets threads look for work one at a time, so that a burst of new ones leaves room for acknowledging the next."""

from __future__ import annotations

import asyncio
from types import TracebackType

_PAUSE = 3.0
"""Times as long as a thread took, before the next one is let in."""
_LONGEST_PAUSE_S = 0.05


class Turnstile:
    """An asynchronous context manager. The busier the loop and the writer are, the longer a pass takes, and so the
    pause after it: what arrives meanwhile is acknowledged first, and waits its turn in the inbox."""

    def __init__(self) -> None:
        self._open = asyncio.Lock()
        self._entered_at = 0.0

    async def __aenter__(self) -> None:
        await self._open.acquire()
        self._entered_at = asyncio.get_running_loop().time()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        loop = asyncio.get_running_loop()
        took = loop.time() - self._entered_at
        loop.call_later(min(took * _PAUSE, _LONGEST_PAUSE_S), self._open.release)
