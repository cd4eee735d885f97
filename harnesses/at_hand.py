"""What a check of `harnesses.checks` has at hand: fresh directories, words, and turns."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harnesses.process import HarnessProcess
from harnesses.profile import Profile, Provider, Spec
from harnesses.prompts_for_checks import MADE, STARTED, Words
from harnesses.updates import Failed, PermissionAsked, Update

TURN_TIMEOUT = 120.0  # seconds


class CheckFailed(Exception):
    """The message says what was expected and what came instead."""


class Skipped(Exception):
    """The message says what the check needs."""


def expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise CheckFailed(otherwise)


@dataclass(frozen=True)
class AtHand:
    """``secret`` is the code word of the prompts; ``other_model``: a second model, if one is known;
    ``failing``: where `Words.fail` works."""

    profile: Profile
    spec: Spec
    words: Words
    secret: str
    other_model: str | None
    failing: Provider | None
    scrub: Callable[[str], str]

    @property
    def made(self) -> Path:
        return self.spec.workspace / MADE

    async def start(self, provider: Provider | None = None) -> HarnessProcess:
        """Raises HarnessError. Close it."""
        spec = self.spec if provider is None else replace(self.spec, provider=provider)
        return await HarnessProcess.start(self.profile, spec, silence_timeout=TURN_TIMEOUT, scrub=self.scrub)

    @asynccontextmanager
    async def process(self, provider: Provider | None = None) -> AsyncIterator[HarnessProcess]:
        process = await self.start(provider)
        try:
            yield process
        finally:
            await process.close()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[HarnessProcess]:
        async with self.process() as process:
            await process.open(None)
            yield process

    async def turn(
        self, process: HarnessProcess, prompt: str, *, allow: bool = True, model: str | None = None
    ) -> list[Update]:
        """All updates; permissions are answered. Raises CheckFailed unless the turn ended well."""
        updates = await self.any_turn(process, prompt, allow=allow, model=model)
        if isinstance(last := updates[-1], Failed):
            raise CheckFailed(last.message)
        return updates

    async def any_turn(
        self, process: HarnessProcess, prompt: str, *, allow: bool = True, model: str | None = None
    ) -> list[Update]:
        updates: list[Update] = []
        async with asyncio.timeout(TURN_TIMEOUT):
            async for update in process.prompt(prompt, model=model):
                updates.append(update)
                if isinstance(update, PermissionAsked):
                    option = update.allow_option if allow else update.deny_option
                    expect(option is not None, "the permission request offers no option on the profile's list")
                    await process.answer(update.request_id, option)
        return updates

    async def turn_in_a_tool(self, process: HarnessProcess, act: Callable[[], Awaitable[None]]) -> Update:
        """Run `Words.sleep`; ``act`` when its program runs. The last update."""
        started, over = self.spec.workspace / STARTED, False

        async def act_when_started() -> bool:
            if await until(lambda: over or started.exists(), TURN_TIMEOUT) and started.exists():
                await act()
                return True
            return False

        acting = asyncio.create_task(act_when_started())
        last: Update | None = None
        try:
            async with asyncio.timeout(TURN_TIMEOUT):
                async for update in process.prompt(self.words.sleep):
                    last = update
                    if isinstance(update, PermissionAsked):
                        await process.answer(update.request_id, update.allow_option)
        finally:
            over = True
            acted = await acting
        if last is None or not acted:
            raise CheckFailed("the turn was over before the program it was to run had started")
        return last


async def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether it became true in that time."""
    over = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        if time.monotonic() > over:
            return False
        await asyncio.sleep(0.02)
    return True
