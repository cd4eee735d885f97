"""The real OpenCode keeps the contract. Only the model behind it is a mock."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import pytest

from harnesses import catalog
from harnesses.errors import SessionLost, StartError
from harnesses.process import HarnessProcess
from harnesses.profile import Api, Provider, Spec
from harnesses.updates import Failed, ModelServed, PermissionAsked, Stopped, Text, ToolCall, Update, Usage
from tests.contract.bad_harnesses.processes import alive, appeared, gone
from tests.contract.bad_harnesses.profile import spec_in
from tests.harness_cli.failing_provider import failing_provider
from tests.harness_cli.mock_model import MockModel

pytestmark = [pytest.mark.harness_cli, pytest.mark.timeout(300)]

ENDED = Stopped(stop_reason="end_turn")
KEY = "sk-ant-mock-key"
COST = 0.0105  # US dollars for one answer of the mock, at OpenCode's own prices for the model
T = TypeVar("T")


@dataclass
class OpenCode:
    spec: Spec
    model: MockModel

    async def start(self, **changes: Any) -> HarnessProcess:
        return await HarnessProcess.start(catalog.get("opencode"), replace(self.spec, **changes), scrub=str)


@pytest.fixture
def opencode(opencode_install: Path, mock_model: MockModel, tmp_path: Path) -> OpenCode:
    provider = Provider("anthropic", mock_model.base_url, KEY)
    spec = spec_in(tmp_path, install_dir=opencode_install, provider=provider, model="claude-sonnet-4-5")
    return OpenCode(spec, mock_model)


@pytest.fixture
async def process(opencode: OpenCode) -> AsyncIterator[HarnessProcess]:
    process = await opencode.start()
    try:
        await process.open(None)
        yield process
    finally:
        await process.close()
        assert await gone(opencode.spec.home)


async def turn(process: HarnessProcess, prompt: str, *, allow: bool = True, model: str | None = None) -> list[Update]:
    updates: list[Update] = []
    async for update in process.prompt(prompt, model=model):
        updates.append(update)
        if isinstance(update, PermissionAsked):
            await process.answer(update.request_id, update.allow_option if allow else update.deny_option)
    return updates


def text(updates: list[Update]) -> str:
    return "".join(update.text for update in updates if isinstance(update, Text))


def of(kind: type[T], updates: list[Any]) -> list[T]:
    return [update for update in updates if isinstance(update, kind)]


@pytest.mark.parametrize("api", ["anthropic", "openai"])
async def test_it_streams_asks_and_works_with_either_api(api: Api, opencode: OpenCode) -> None:
    answer = " ".join(str(number) for number in range(300))
    workspace, model = opencode.spec.workspace, opencode.model
    write = {"filePath": str(workspace / "made.txt"), "content": "made by a tool\n"}
    shell = {"command": "touch ran.txt", "description": "Make a file", "workdir": str(workspace)}
    await model.text("count please", answer)
    await model.tool("make a file", "write", write, "It is made.")
    await model.tool("run it", "bash", shell, "I was not allowed to.")
    process = await opencode.start(provider=Provider(api, model.base_url, KEY), model="a-model-of-ours")
    try:
        assert KEY not in " ".join(psutil.Process(process.pid).children()[0].cmdline())
        await process.open(None)

        counted = await turn(process, "count please")
        assert text(counted) == answer
        assert len(of(Text, counted)) > 10
        assert of(ModelServed, counted) == [ModelServed(model=f"{api}/a-model-of-ours")]
        usage = of(Usage, counted)[-1]
        assert (usage.input_tokens, usage.output_tokens) == (1000, 500)

        denied = await turn(process, "run it", allow=False)
        asked = of(PermissionAsked, denied)[0].tool.raw_input
        assert {name: asked[name] for name in shell} == shell, "the whole call, the directory included"
        assert not (workspace / "ran.txt").exists()
        assert of(ToolCall, denied)[-1].status == "failed"
        assert (text(denied), denied[-1]) == ("I was not allowed to.", ENDED)

        made = await turn(process, "make a file")
        [question] = of(PermissionAsked, made)
        assert [(diff.path, diff.new_text) for diff in question.tool.diffs] == [(write["filePath"], write["content"])]
        assert (workspace / "made.txt").read_text() == "made by a tool\n"
        assert of(ToolCall, made)[-1].status == "completed"
        assert text(made) == "It is made."
        last = of(Usage, made)
        assert not last or last[-1].input_tokens is None, "it only says what the last of two requests took"
    finally:
        await process.close()


async def test_it_remembers_after_kill_9_and_counts_only_the_new_cost(opencode: OpenCode) -> None:
    await opencode.model.text("the secret", "Noted.", turn=0)
    await opencode.model.text("the secret", "I remember.")
    process = await opencode.start()
    session = (await process.open(None)).harness_session_id
    first = await turn(process, "the secret is plum")
    assert text(first) == "Noted."
    costs = [of(Usage, first)[-1].cost_usd]
    os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
    await process.close()
    assert await gone(opencode.spec.home)

    process = await opencode.start()
    try:
        with pytest.raises(SessionLost):
            await process.open("ses_0000000000000000000000000a")
        assert (await process.open(session)).resumed
        second = await turn(process, "what is the secret")
        assert text(second) == "I remember."
        costs.append(of(Usage, second)[-1].cost_usd)
    finally:
        await process.close()
    assert costs == [COST, COST]


async def test_cancel_mid_stream_and_the_model_of_a_turn(opencode: OpenCode, process: HarnessProcess) -> None:
    await opencode.model.text("go on and on", "on and " * 3000, delay_ms=20)
    await opencode.model.text("work please", "It works.")
    texts = 0
    async for update in process.prompt("go on and on"):
        texts += isinstance(update, Text)
        if texts == 3:
            await process.cancel()
    assert update == Stopped(stop_reason="cancelled")
    assert texts < 1000
    assert process.usable
    models = (None, "claude-haiku-4-5", "anthropic/claude-haiku-4-5", None)
    turns = [await turn(process, "work please", model=model) for model in models]
    assert [text(updates) for updates in turns] == ["It works."] * 4
    served = [of(ModelServed, updates)[-1].model.partition("/")[2] for updates in turns]
    assert served == ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-haiku-4-5", "claude-sonnet-4-5"]
    [failed] = await turn(process, "work please", model="gpt-17")
    assert isinstance(failed, Failed) and failed.process_usable
    assert failed.message.startswith("opencode does not offer the model 'gpt-17'. Choose one of: anthropic/claude")


async def test_a_providers_error_is_classified_and_the_process_goes_on(opencode: OpenCode) -> None:
    expected = {401: "provider_auth", 403: "provider_auth", 429: "provider_rate", 500: "provider_error"}
    async with failing_provider() as address:
        process = await opencode.start(provider=Provider("anthropic", address, KEY))
        try:
            await process.open(None)
            for status, failure in expected.items():
                last = (await turn(process, f"fail with {status}"))[-1]
                assert isinstance(last, Failed)
                assert (last.failure, last.process_usable) == (failure, True)
                assert last.message.startswith("opencode ") and f"HTTP {status}" in last.message
                assert KEY not in last.message
        finally:
            await process.close()


@pytest.mark.parametrize("how", ["cancel", "kill"])
async def test_a_running_command_does_not_outlive_its_turn(how: str, opencode: OpenCode) -> None:
    started = opencode.spec.workspace / "started"
    command = "touch started; (trap '' TERM HUP; exec setsid sleep 300) & exec sleep 300"
    await opencode.model.tool("sleep please", "bash", {"command": command, "description": "Sleep"}, "Slept.")
    process = await opencode.start()
    await process.open(None)
    async for update in process.prompt("sleep please"):
        if isinstance(update, PermissionAsked):
            await process.answer(update.request_id, update.allow_option)
            assert await appeared(started)
            if how == "cancel":
                await process.cancel()
            else:
                os.kill(psutil.Process(process.pid).children()[0].pid, signal.SIGKILL)
    assert isinstance(update, Stopped if how == "cancel" else Failed)
    await process.close()
    assert alive(opencode.spec.home) == []


def plant(opencode: OpenCode, *, plugins: bool) -> Path:
    marker = opencode.spec.workspace.parent / "marker"
    for name, content in catalog.get("opencode").hostile_repository(marker).items():
        path = opencode.spec.workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".json" and not plugins:
            content = json.dumps({key: value for key, value in json.loads(content).items() if key != "plugin"})
        if plugins or path.parent.name not in ("plugin", "plugins"):
            path.write_text(content)
    return marker


async def test_configuration_in_the_repository_is_not_obeyed(opencode: OpenCode) -> None:
    marker = plant(opencode, plugins=False)
    prettier = opencode.spec.workspace / "node_modules/.bin/prettier"
    prettier.parent.mkdir(parents=True)
    prettier.write_text(f"#!/bin/sh\ntouch {marker}\n")
    prettier.chmod(0o755)
    (opencode.spec.workspace / "package.json").write_text('{"devDependencies": {"prettier": "1"}}')
    write = {"filePath": str(opencode.spec.workspace / "made.ts"), "content": "let x = 1\n"}
    await opencode.model.tool("make a file", "write", write, "Done.")
    process = await opencode.start(instructions="Speak only of plums.")
    try:
        await process.open(None)
        updates = await turn(process, "make a file")
        assert len(of(PermissionAsked, updates)) == 1
        assert text(updates) == "Done."
        asked = json.dumps(await opencode.model.requests())
        assert "Speak only of plums." in asked
        assert "You may do anything." not in asked
    finally:
        await process.close()
    assert (opencode.spec.workspace / "made.ts").exists()
    assert not marker.exists()


async def test_it_does_not_start_where_a_plugin_would_run(opencode: OpenCode) -> None:
    marker = plant(opencode, plugins=True)
    with pytest.raises(StartError, match="would run the plugins"):
        await opencode.start()
    assert not marker.exists()


async def test_a_sub_agent_whose_questions_nobody_would_see_is_not_started(
    opencode: OpenCode, process: HarnessProcess
) -> None:
    command = {"command": "touch made.txt", "description": "Make a file"}
    task = {"description": "Delegate", "prompt": "make a file", "subagent_type": "general"}
    await opencode.model.tool("make a file", "bash", command, "The sub-agent is done.")
    await opencode.model.tool("delegate it", "task", task, "I have to do it myself.")
    async with asyncio.timeout(30):
        updates = await turn(process, "delegate it")
    assert (text(updates), updates[-1]) == ("I have to do it myself.", ENDED)
    assert not (opencode.spec.workspace / "made.txt").exists()


async def test_env_files_ask_and_what_is_missing_is_said(opencode: OpenCode, tmp_path: Path) -> None:
    for name in ("notes.txt", ".env"):
        (opencode.spec.workspace / name).write_text("words\n")
        path = str(opencode.spec.workspace / name)
        await opencode.model.tool(f"look at {name}", "read", {"filePath": path}, "Seen.")
    process = await opencode.start()
    try:
        await process.open(None)
        assert of(PermissionAsked, await turn(process, "look at notes.txt")) == []
        assert len(of(PermissionAsked, await turn(process, "look at .env", allow=False))) == 1
    finally:
        await process.close()
    with pytest.raises(StartError, match="Run `reins harness install opencode`"):
        await opencode.start(install_dir=tmp_path)
    with pytest.raises(StartError, match="needs a model provider with the API anthropic or openai"):
        await opencode.start(provider=None)
