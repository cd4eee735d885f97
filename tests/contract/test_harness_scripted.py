"""The scripted harness keeps every promise of the contract, and the client keeps its own towards it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harnesses import catalog
from harnesses.errors import PermissionGone, SessionLost
from harnesses.process import HarnessProcess
from harnesses.profile import Spec
from harnesses.updates import (
    Failed,
    ModelServed,
    Notice,
    PermissionAsked,
    Plan,
    Stopped,
    Text,
    Thought,
    ToolCall,
    Update,
    Usage,
)
from tests.contract.bad_harnesses.profile import spec_in

CANCELLED = Stopped(stop_reason="cancelled")
ENDED = Stopped(stop_reason="end_turn")


async def start(spec: Spec) -> HarnessProcess:
    return await HarnessProcess.start(catalog.get("scripted"), spec, silence_timeout=20, scrub=str)


@dataclass
class Running:
    process: HarnessProcess
    spec: Spec

    async def turn(self, prompt: str, model: str | None = None) -> list[Update]:
        return [update async for update in self.process.prompt(prompt, model=model)]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    spec = spec_in(tmp_path, instructions="Be brief.")
    process = await start(spec)
    try:
        await process.open(None)
        yield Running(process, spec)
    finally:
        await process.close(0)


def text(updates: list[Update]) -> str:
    return "".join(update.text for update in updates if isinstance(update, Text))


async def test_its_first_words_say_that_there_is_no_model(running: Running) -> None:
    assert text(await running.turn("hello")).startswith("(Scripted harness: no model is behind these words.)")
    assert "no model" not in text(await running.turn("hello again"))


async def test_it_remembers_across_kill_9_through_session_load(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await start(spec)
    session = (await process.open(None)).harness_session_id
    first = [update async for update in process.prompt("the first words")]
    assert "This is prompt 1 of this session." in text(first)
    os.kill(process.pid, signal.SIGKILL)
    await process.close()

    process = await start(spec)
    try:
        opened = await process.open(session)
        assert (opened.harness_session_id, opened.resumed) == (session, True)
        second = [update async for update in process.prompt("the second words")]
        # The history that session/load replays is no part of the turn.
        assert text(second) == (
            "This is prompt 2 of this session. You wrote:\n\n> the second words\n\n"
            "The first prompt of this session was:\n\n> the first words\n"
        )
    finally:
        await process.close(0)


async def test_an_unknown_session_is_lost_and_a_new_one_can_be_opened(tmp_path: Path) -> None:
    process = await start(spec_in(tmp_path))
    try:
        with pytest.raises(SessionLost) as raised:
            await process.open("0123456789abcdef")
        assert raised.value.failure == "session_lost"
        assert not (await process.open(None)).resumed
        assert [u async for u in process.prompt("hello")][-1] == ENDED
    finally:
        await process.close(0)


async def test_a_thousand_chunks_keep_their_order(running: Running) -> None:
    updates = await running.turn("script: stream 1000 0ms")
    numbers = [int(u.text) for u in updates if isinstance(u, Text) and u.text.strip().isdigit()]
    assert numbers == list(range(1, 1001))
    assert updates[-1] == ENDED


async def test_long_text_is_split_and_nothing_is_lost(running: Running) -> None:
    await running.turn("hello")
    prompt = "script: echo " + "é" * 300_000
    updates = await running.turn(prompt)
    assert text(updates) == prompt
    assert max(len(u.text.encode()) for u in updates if isinstance(u, Text)) <= 64 * 1024


async def test_cancel_mid_stream_ends_the_turn_and_the_process_goes_on(running: Running) -> None:
    last: Update | None = None
    async for update in running.process.prompt("script: stream 100000 5ms"):
        last = update
        if isinstance(update, Text) and update.text == "3 ":
            await running.process.cancel()
    assert last == CANCELLED
    assert running.process.usable
    assert (await running.turn("hello"))[-1] == ENDED


async def test_a_harness_deaf_to_cancel_is_killed_and_the_turn_is_still_cancelled(
    tmp_path: Path,
) -> None:
    process = await HarnessProcess.start(catalog.get("scripted"), spec_in(tmp_path), cancel_grace=0.2, scrub=str)
    await process.open(None)
    async for update in process.prompt("script: say now\nscript: deaf"):
        if isinstance(update, Text) and update.text == "now\n":
            await process.cancel()
    assert update == CANCELLED
    assert not process.usable
    await process.close()


async def test_cancel_while_a_permission_waits_resolves_it(running: Running) -> None:
    asked: PermissionAsked | None = None
    last: Update | None = None
    async for update in running.process.prompt("script: permission"):
        last = update
        if isinstance(update, PermissionAsked):
            asked = update
            await running.process.cancel()
    assert asked is not None and last == CANCELLED
    with pytest.raises(PermissionGone):
        await running.process.answer(asked.request_id, asked.allow_option)
    assert not (running.spec.workspace / "permitted.txt").exists()


@pytest.mark.parametrize(("allow", "word"), [(True, "allowed"), (False, "denied")])
async def test_a_permission_is_carried_out_or_not(allow: bool, word: str, running: Running) -> None:
    updates: list[Update] = []
    async for update in running.process.prompt("script: permission notes.txt some words"):
        updates.append(update)
        if isinstance(update, PermissionAsked):
            assert update.tool.raw_input == {"path": "notes.txt", "content": "some words"}
            assert [diff.new_text for diff in update.tool.diffs] == ["some words"]
            assert (update.allow_option, update.deny_option) == ("allow", "reject")
            with pytest.raises(ValueError, match="did not offer"):
                await running.process.answer(update.request_id, "allow-everything")
            option = update.allow_option if allow else update.deny_option
            await running.process.answer(update.request_id, option)
            with pytest.raises(PermissionGone):
                await running.process.answer(update.request_id, option)
    assert word in text(updates)
    assert (running.spec.workspace / "notes.txt").exists() is allow


async def test_a_payload_that_comes_after_the_question_is_in_it(running: Running) -> None:
    async for update in running.process.prompt("script: permission-late late.txt later"):
        if isinstance(update, PermissionAsked):
            assert update.tool.raw_input == {"path": "late.txt", "content": "later"}
            await running.process.answer(update.request_id, update.allow_option)
    assert (running.spec.workspace / "late.txt").read_text() == "later"


async def test_a_question_without_payload_is_asked_after_a_moment(running: Running) -> None:
    async for update in running.process.prompt("script: permission-bare"):
        if isinstance(update, PermissionAsked):
            assert update.tool.raw_input is None
            await running.process.answer(update.request_id, None)
    assert update == CANCELLED


async def test_time_spent_waiting_for_a_person_is_not_silence(tmp_path: Path) -> None:
    process = await HarnessProcess.start(catalog.get("scripted"), spec_in(tmp_path), silence_timeout=0.3, scrub=str)
    try:
        await process.open(None)
        async for update in process.prompt("script: permission"):
            if isinstance(update, PermissionAsked):
                await asyncio.sleep(0.5)  # longer than the silence timeout: that is what is tested
                await process.answer(update.request_id, update.allow_option)
        assert update == ENDED
        assert isinstance((await anext_failed(process)), Failed)
    finally:
        await process.close(0)


async def anext_failed(process: HarnessProcess) -> Update:
    return [update async for update in process.prompt("script: hang")][-1]


async def test_tool_calls_come_whole_and_their_output_is_bounded(running: Running) -> None:
    updates = await running.turn("script: tool 300000")
    calls = [u for u in updates if isinstance(u, ToolCall)]
    assert [c.status for c in calls] == ["pending", "in_progress", "completed"]
    assert {(c.title, c.tool_kind, c.raw_input["command"]) for c in calls} == {
        ("echo scripted", "execute", "echo scripted")
    }
    assert len(calls[-1].output) == 262_144
    [notice] = [u for u in updates if isinstance(u, Notice)]
    assert notice.text == "The output of “echo scripted” was too long: 262,144 characters kept, 37,856 dropped."


async def test_plans_and_thoughts_are_reported(running: Running) -> None:
    updates = await running.turn("script: think hmm\nscript: plan")
    assert [u.text for u in updates if isinstance(u, Thought)] == ["hmm"]
    plans = [u for u in updates if isinstance(u, Plan)]
    assert [entry.status for entry in plans[-1].entries] == ["completed"] * 3


async def test_cost_and_tokens_are_those_of_the_turn(running: Running) -> None:
    for _ in range(2):
        updates = await running.turn("script: usage 120 30 0.25")
        usages = [u for u in updates if isinstance(u, Usage)]
        assert usages[-1] == Usage(input_tokens=120, output_tokens=30, cost_usd=0.25)


@pytest.mark.parametrize(
    ("status", "failure"), [(401, "provider_auth"), (429, "provider_rate"), (500, "provider_error")]
)
async def test_a_providers_error_fails_the_turn_and_not_the_process(
    status: int, failure: str, running: Running
) -> None:
    last = (await running.turn(f"script: provider-error {status}"))[-1]
    assert isinstance(last, Failed)
    assert (last.failure, last.process_usable) == (failure, True)
    assert f"HTTP {status}" in last.message
    assert (await running.turn("hello"))[-1] == ENDED


async def test_a_few_lines_of_noise_are_tolerated(running: Running) -> None:
    assert (await running.turn("script: garbage 50\nscript: say fine"))[-1] == ENDED


async def test_the_model_is_for_one_turn_and_an_unknown_one_lists_the_choices(running: Running) -> None:
    async def served(model: str | None) -> list[str]:
        return [u.model for u in await running.turn("hello", model) if isinstance(u, ModelServed)]

    assert await served(None) == ["none"]
    assert await served("none-either") == ["none-either"]
    assert await served(None) == ["none"]
    [failed] = await running.turn("hello", "gpt-17")
    assert isinstance(failed, Failed) and failed.process_usable
    assert failed.message == "scripted does not offer the model 'gpt-17'. Choose one of: none, none-either."


async def test_its_environment_is_built_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-not-for-you")
    monkeypatch.setenv("PATH", f"relative::.:{os.environ['PATH']}")
    spec = spec_in(tmp_path, instructions="Be brief.")
    process = await start(spec)
    try:
        await process.open(None)
        updates = [u async for u in process.prompt("script: env\nscript: instructions")]
        assert text(updates).splitlines()[-2:] == ["HOME LANG PATH TERM TMPDIR", "Be brief."]
        environ = (await asyncio.to_thread(Path(f"/proc/{process.pid}/environ").read_bytes)).split(b"\0")
        path = next(entry for entry in environ if entry.startswith(b"PATH="))
        assert all(entry.startswith(b"/") for entry in path.removeprefix(b"PATH=").split(b":"))
    finally:
        await process.close(0)


async def test_code_in_the_workspace_is_not_loaded(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    (spec.workspace / "harnesses").mkdir()
    for name in ("json.py", "harnesses/__init__.py", "sitecustomize.py"):
        (spec.workspace / name).write_text("raise SystemExit('the workspace was imported')")
    process = await start(spec)
    await process.open(None)
    await process.close(0)


async def test_written_is_told_before_the_answer(running: Running) -> None:
    order: list[str] = []
    async for update in running.process.prompt("hello", on_written=lambda: order.append("written")):
        order.append(update.kind)
    assert order[0] == "written"
    assert order.count("written") == 1


async def test_starting_it_takes_a_blink(tmp_path: Path) -> None:
    await (await start(spec_in(tmp_path))).close(0)  # the SDK is imported once per service
    took = []
    for number in range(5):
        before = time.monotonic()
        process = await start(spec_in(tmp_path / str(number)))
        took.append(time.monotonic() - before)
        await process.close(0)
    assert min(took) < 0.25
