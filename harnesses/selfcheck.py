"""The contract as a suite that anyone can run against a harness: `reins harness check NAME`.

Each check is one promise the service relies on. A harness is told in words what to do, so a model has to be behind it
that follows them; the scripted harness, which has none, has scripts of the same meaning. What a profile says it
`cannot` do is skipped, with the reason.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from harnesses.errors import HarnessError
from harnesses.process import HarnessProcess
from harnesses.profile import Profile, Provider, Spec
from harnesses.sandbox.supervisor import descendants
from harnesses.updates import Failed, PermissionAsked, Stopped, Text, ToolCall, Update

TURN_TIMEOUT = 120.0  # seconds


@dataclass(frozen=True)
class Result:
    """``ok`` is None for a check that was skipped; ``detail`` is a sentence, empty when all is well."""

    name: str
    ok: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Words:
    """The prompts of the checks. ``write`` makes it write ``made-by-tool.txt`` after asking."""

    count: str
    remember: str
    recall: str
    write: str
    long: str


FOR_A_MODEL = Words(
    count="Reply with the numbers from 1 to 40 separated by single spaces, and nothing else. Use no tool.",
    remember="The code word is {secret}. Reply with OK, and nothing else. Use no tool.",
    recall="What is the code word? Reply with the code word and nothing else. Use no tool.",
    write="Write a file named made-by-tool.txt with the content `made` in the current directory, with your file tool.",
    long="Count from 1 to 2000 in words, one number per line. Use no tool.",
)
FOR_SCRIPTED = Words(
    count="script: stream 40 0ms",
    remember="The code word is {secret}.",
    recall="What was it?",
    write="script: permission made-by-tool.txt made",
    long="script: stream 2000 20ms",
)


class CheckFailed(Exception):
    """The message says what was expected and what came instead."""


async def check(
    profile: Profile,
    *,
    install_dir: Path,
    provider: Provider | None,
    model: str | None = None,
    words: Words | None = None,
    scrub: Callable[[str], str] = str,
) -> list[Result]:
    """Run every check in directories of its own; one result per check, in order. Takes seconds per check, and costs
    a few short turns where the provider does."""
    words = words or (FOR_SCRIPTED if profile.name == "scripted" else FOR_A_MODEL)
    root = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="reins-check-"))
    try:
        spec = Spec("check", root, root, root, install_dir, model, "", provider)
        return [await _one(_Check(profile, spec, words, scrub), name) for name in CHECKS]
    finally:
        await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)


class _Check:
    """What a check has at hand: a fresh HOME and workspace, and turns in them."""

    def __init__(self, profile: Profile, spec: Spec, words: Words, scrub: Callable[[str], str]) -> None:
        place = spec.home / secrets.token_hex(4)
        self.words = words
        self.spec = replace(spec, home=place / "home", tmp=place / "tmp", workspace=place / "workspace")
        self.profile = profile
        self._scrub = scrub

    @asynccontextmanager
    async def process(self) -> AsyncIterator[HarnessProcess]:
        self.spec.workspace.mkdir(parents=True, exist_ok=True)
        process = await HarnessProcess.start(self.profile, self.spec, silence_timeout=TURN_TIMEOUT, scrub=self._scrub)
        try:
            yield process
        finally:
            await process.close()

    async def turn(self, process: HarnessProcess, prompt: str, *, allow: bool = True) -> list[Update]:
        """All updates; permissions are answered. Raises CheckFailed unless the turn ended well."""
        updates: list[Update] = []
        async with asyncio.timeout(TURN_TIMEOUT):
            async for update in process.prompt(prompt):
                updates.append(update)
                if isinstance(update, PermissionAsked):
                    option = update.allow_option if allow else update.deny_option
                    if option is None:
                        raise CheckFailed("the permission request offers no option on the profile's list")
                    await process.answer(update.request_id, option)
        last = updates[-1]
        if isinstance(last, Failed):
            raise CheckFailed(last.message)
        if not isinstance(last, Stopped):
            raise CheckFailed("the turn did not end with Stopped or Failed")
        return updates


async def _one(at_hand: _Check, name: str) -> Result:
    if name in at_hand.profile.cannot:
        return Result(name, None, at_hand.profile.cannot[name])
    try:
        await CHECKS[name](at_hand)
    except (CheckFailed, HarnessError) as error:
        return Result(name, False, str(error))
    except TimeoutError:
        return Result(name, False, f"a turn took longer than {TURN_TIMEOUT:g} s")
    return Result(name, True)


def _text(updates: list[Update]) -> str:
    return "".join(update.text for update in updates if isinstance(update, Text))


def _expect(condition: bool, otherwise: str) -> None:
    if not condition:
        raise CheckFailed(otherwise)


async def _initialize(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        _expect(process.usable, "it is not usable after opening a session")


async def _order(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        answer = _text(await at_hand.turn(process, at_hand.words.count)).split()
    numbers = [word for word in answer if word.isdigit()]
    _expect(numbers == [str(n) for n in range(1, 41)], f"the numbers from 1 to 40 came as {' '.join(numbers)[:200]}")


async def _memory(at_hand: _Check) -> None:
    secret = secrets.token_hex(4)
    async with at_hand.process() as process:
        await process.open(None)
        await at_hand.turn(process, at_hand.words.remember.format(secret=secret))
        answer = _text(await at_hand.turn(process, at_hand.words.recall))
    _expect(secret in answer, f"asked for the code word of the first prompt it said: {answer[:200]}")


async def _allowed(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        updates = await at_hand.turn(process, at_hand.words.write)
    asked = [update for update in updates if isinstance(update, PermissionAsked)]
    _expect(bool(asked), "it did not ask before it wrote a file")
    _expect(bool(asked[0].tool.raw_input or asked[0].tool.diffs), "the permission request has no payload")
    calls = [update for update in updates if isinstance(update, ToolCall)]
    _expect(any(call.status == "completed" for call in calls), "no tool call was reported as completed")
    _expect(_made(at_hand).exists(), "the file it was allowed to write is not there")


async def _denied(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        await at_hand.turn(process, at_hand.words.write, allow=False)
    _expect(not _made(at_hand).exists(), "the file it was not allowed to write is there")


def _made(at_hand: _Check) -> Path:
    return at_hand.spec.workspace / "made-by-tool.txt"


async def _cancel(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        texts, cancelled_at = 0, None
        async for update in process.prompt(at_hand.words.long):
            texts += isinstance(update, Text)
            if texts == 3 and cancelled_at is None:
                cancelled_at = time.monotonic()
                await process.cancel()
        _expect(cancelled_at is not None, "it did not stream its answer")
        _expect(update == Stopped(stop_reason="cancelled"), f"a cancelled turn ended with {update!r}")
        _expect(process.usable, "it had to be killed, because it did not stop when it was cancelled")
        await at_hand.turn(process, at_hand.words.recall)


async def _resume(at_hand: _Check) -> None:
    secret = secrets.token_hex(4)
    async with at_hand.process() as process:
        opened = await process.open(None)
        await at_hand.turn(process, at_hand.words.remember.format(secret=secret))
        os.kill(process.pid, signal.SIGKILL)
    async with at_hand.process() as process:
        _expect((await process.open(opened.harness_session_id)).resumed, "it did not resume the session")
        answer = _text(await at_hand.turn(process, at_hand.words.recall))
    _expect(secret in answer, f"after kill -9 and session/load it said: {answer[:200]}")


async def _orphans(at_hand: _Check) -> None:
    async with at_hand.process() as process:
        await process.open(None)
        tree = await asyncio.to_thread(descendants, process.pid)
        _expect(bool(tree), "it runs no process")
        await process.close()
        left = tree & await asyncio.to_thread(_alive)
    _expect(not left, f"after close these processes are still there: {sorted(left)}")


def _alive() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


CHECKS: dict[str, Callable[[_Check], Awaitable[None]]] = {
    "initialize": _initialize,
    "order of chunks": _order,
    "memory across prompts": _memory,
    "permission allowed": _allowed,
    "permission denied": _denied,
    "cancel mid-stream": _cancel,
    "resume after kill -9": _resume,
    "no orphans": _orphans,
}
