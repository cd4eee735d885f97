"""The checks of `harnesses.selfcheck`: each is one promise that the service relies on, in directories of its own."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from harnesses.at_hand import TURN_TIMEOUT, AtHand, CheckFailed, Skipped, expect, until
from harnesses.errors import StartError
from harnesses.places import places
from harnesses.prompts_for_checks import CONTENT, MADE
from harnesses.sandbox.supervisor import descendants
from harnesses.updates import Failed, ModelServed, PermissionAsked, Stopped, Text, ToolCall, Update

_TOOL_ENDS = 5.0  # seconds a cancelled tool's processes may take to be gone
_CANCELLED = Stopped(stop_reason="cancelled")
_PROVIDER_ERRORS = {401: "provider_auth", 429: "provider_rate", 500: "provider_error"}


def _text(updates: list[Update]) -> str:
    return "".join(update.text for update in updates if isinstance(update, Text))


async def _initialize(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        expect(process.usable, "it is not usable after opening a session")


async def _order(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        updates = await at_hand.turn(process, at_hand.words.count)
    numbers = [word for word in _text(updates).split() if word.isdigit()]
    expect(numbers == [str(n) for n in range(1, 41)], f"the numbers from 1 to 40 came as {' '.join(numbers)[:200]}")
    expect(sum(isinstance(u, Text) for u in updates) > 1, "the answer came in one piece, not as it was made")


async def _memory(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        await at_hand.turn(process, at_hand.words.remember.format(secret=at_hand.secret))
        answer = _text(await at_hand.turn(process, at_hand.words.recall))
    expect(at_hand.secret in answer, f"asked for the code word of the first prompt it said: {answer[:200]}")


async def _tool(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        updates = await at_hand.turn(process, at_hand.words.write)
    calls = [update for update in updates if isinstance(update, ToolCall)]
    expect(bool(calls), "no tool call was reported")
    expect(calls[-1].status == "completed", f"the tool call ended as {calls[-1].status}")
    expect(at_hand.made.exists(), "the file it was allowed to write is not there")


async def _payload(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        updates = await at_hand.turn(process, at_hand.words.write)
    asked = [update for update in updates if isinstance(update, PermissionAsked)]
    expect(bool(asked), "it did not ask before it wrote a file")
    tool = asked[0].tool
    payload = json.dumps([tool.raw_input, [diff.model_dump() for diff in tool.diffs]])
    for word in (MADE, CONTENT):
        expect(word in payload, f"the permission request does not show {word!r}")


async def _denied(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        await at_hand.turn(process, at_hand.words.write, allow=False)
    expect(not at_hand.made.exists(), "the file it was not allowed to write is there")


async def _goes_on(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        updates = await at_hand.turn(process, at_hand.words.write, allow=False)
    after = [n for n, update in enumerate(updates) if isinstance(update, PermissionAsked)]
    expect(bool(after), "it did not ask before it wrote a file")
    expect(bool(_text(updates[after[-1] :]).strip()), "the turn ended with the denial")


async def _cancel(at_hand: AtHand) -> None:
    async with at_hand.session() as process:
        texts, asked_to = 0, False
        async with asyncio.timeout(TURN_TIMEOUT):
            async for update in process.prompt(at_hand.words.long):
                texts += isinstance(update, Text)
                if texts == 3 and not asked_to:
                    asked_to = True
                    await process.cancel()
        expect(asked_to, "it did not stream its answer")
        expect(update == _CANCELLED, f"a cancelled turn ended with {update!r}")
        expect(process.usable, "it had to be killed, because it did not stop when it was cancelled")
        await at_hand.turn(process, at_hand.words.recall)


async def _cancel_in_tool(at_hand: AtHand) -> None:
    running: set[int] = set()

    async with at_hand.session() as process:
        before = await asyncio.to_thread(descendants, process.pid)

        async def cancel() -> None:
            running.update(await asyncio.to_thread(descendants, process.pid) - before)
            await process.cancel()

        last = await at_hand.turn_in_a_tool(process, cancel)
        expect(bool(running), "the tool runs no process")
        expect(last == _CANCELLED, f"a cancelled turn ended with {last!r}")
        expect(process.usable, "it had to be killed, because it did not stop when it was cancelled")
        gone = await until(lambda: not running & descendants(process.pid), _TOOL_ENDS)
    expect(gone, "the tool's program went on after the turn was cancelled")


async def _resume(at_hand: AtHand) -> None:
    async with at_hand.process() as process:
        opened = await process.open(None)
        await at_hand.turn(process, at_hand.words.remember.format(secret=at_hand.secret))
        os.kill(process.pid, signal.SIGKILL)
    async with at_hand.process() as process:
        expect((await process.open(opened.harness_session_id)).resumed, "it did not resume the session")
        answer = _text(await at_hand.turn(process, at_hand.words.recall))
    expect(at_hand.secret in answer, f"after kill -9 and session/load it said: {answer[:200]}")


async def _model(at_hand: AtHand) -> None:
    if at_hand.other_model is None:
        raise Skipped("It needs the name of a second model.")
    async with at_hand.session() as process:
        served = []
        for model in (None, at_hand.other_model, None):
            updates = await at_hand.turn(process, at_hand.words.recall, model=model)
            served.append([update.model for update in updates if isinstance(update, ModelServed)])
    expect(all(served), "it does not say which model answers")
    expect(at_hand.other_model in served[1][-1], f"asked for {at_hand.other_model} it was {served[1][-1]}")
    expect(served[0][-1] == served[2][-1], f"the model stayed {served[2][-1]}; it was {served[0][-1]} before")


async def _provider(at_hand: AtHand) -> None:
    if at_hand.words.fail is None:
        raise Skipped("It needs a model that fails when it is told to.")
    async with at_hand.process(at_hand.failing) as process:
        await process.open(None)
        for status, failure in _PROVIDER_ERRORS.items():
            last = (await at_hand.any_turn(process, at_hand.words.fail.format(status=status)))[-1]
            if not isinstance(last, Failed):
                raise CheckFailed(f"the provider answered {status}, and the turn ended with {last!r}")
            expect(last.failure == failure, f"the provider answered {status}; the turn failed as {last.failure}")
            expect(last.process_usable, f"after {status} no other prompt can be sent")


async def _repository(at_hand: AtHand) -> None:
    marker = at_hand.spec.workspace.parent / f"marker-{secrets.token_hex(4)}"
    for name, text in at_hand.profile.hostile_repository(marker).items():
        path = at_hand.spec.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    try:
        process = await at_hand.start()
    except StartError:
        return  # it refuses to work there at all
    try:
        await process.open(None)
        denied = await at_hand.turn(process, at_hand.words.write, allow=False)
        expect(any(isinstance(u, PermissionAsked) for u in denied), "the repository's configuration gave it rights")
        expect(not at_hand.made.exists(), "the file it was not allowed to write is there")
        await at_hand.turn(process, at_hand.words.write)
    finally:
        await process.close()
    expect(not marker.exists(), "code of the repository was run")


async def _writes(at_hand: AtHand) -> None:
    place = at_hand.spec.workspace.parent
    before = await asyncio.to_thread(places, at_hand.profile.name, place, at_hand.spec.install_dir)
    async with at_hand.session() as process:
        await at_hand.turn(process, at_hand.words.write)
    after = await asyncio.to_thread(places, at_hand.profile.name, place, at_hand.spec.install_dir)
    touched = sorted(path for path in after if after[path] != before.get(path))
    allowed = {str(d) for d in (at_hand.spec.home, at_hand.spec.tmp, at_hand.spec.workspace)}
    outside = [path for path in touched if path not in allowed]
    expect(not outside, f"it wrote {', '.join(outside)[:300]}")


async def _orphans(at_hand: AtHand) -> None:
    tree: set[int] = set()

    async with at_hand.session() as process:

        async def kill() -> None:
            harness = await asyncio.to_thread(_children, process.pid)
            tree.update(await asyncio.to_thread(descendants, process.pid))
            for pid in harness:
                os.kill(pid, signal.SIGKILL)

        await at_hand.turn_in_a_tool(process, kill)
        await process.close()
    left = tree & await asyncio.to_thread(_alive)
    expect(len(tree) > 1, "the tool runs no process")
    expect(not left, f"after the harness was killed these processes are still there: {sorted(left)}")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive() -> set[int]:
    return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}


@dataclass(frozen=True)
class Check:
    promise: str
    run: Callable[[AtHand], Awaitable[None]]


CHECKS: dict[str, Check] = {
    "initialize": Check("It starts, and opens a session.", _initialize),
    "order of chunks": Check("Its answer streams, and the pieces come in order.", _order),
    "memory across prompts": Check("It remembers the prompts before.", _memory),
    "tool call": Check("An allowed tool does its work and is reported as completed.", _tool),
    "permission shows payload": Check("Before it writes a file it asks, showing name and content.", _payload),
    "permission denied": Check("What was denied leaves no trace.", _denied),
    "goes on after a denial": Check("After a denial the model goes on in the same turn.", _goes_on),
    "cancel mid-stream": Check("A cancelled answer stops, and the next prompt works.", _cancel),
    "cancel mid-tool": Check("A cancelled command is gone, and the harness is still usable.", _cancel_in_tool),
    "resume after kill -9": Check("After kill -9 the session is loaded and remembers.", _resume),
    "model per message": Check("A model can be chosen for one message.", _model),
    "provider errors": Check("401, 429 and 500 of a provider fail the turn, each with its reason.", _provider),
    "hostile repository": Check(
        "The repository's configuration runs no code and gives no rights, or it does not start.", _repository
    ),
    "writes stay inside": Check("It leaves files only in HOME, TMPDIR and the workspace.", _writes),
    "no orphans": Check("When it is killed in the middle of a command nothing is left running.", _orphans),
}
