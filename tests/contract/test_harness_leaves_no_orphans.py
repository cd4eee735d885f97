"""A dead service leaves nothing running: not the harness, not what it started, not what tried to get away."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from harnesses import catalog
from harnesses.process import HarnessProcess
from harnesses.updates import Failed, Update
from tests.contract.bad_harnesses.processes import alive, gone
from tests.contract.bad_harnesses.profile import Misbehaving, spec_in

ESCAPEES = "script: spawn 300\nscript: spawn 300\nscript: hang"


async def test_kill_9_of_the_service_leaves_no_process(tmp_path: Path) -> None:
    service = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contract.bad_harnesses.client",
        *(str(tmp_path), "scripted", ESCAPEES),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert service.stdout is not None
    pids: list[int] = []
    async for line in service.stdout:
        text = json.loads(line).get("text", "")
        if text.startswith("pid "):
            pids.append(int(text.split()[1]))
        if len(pids) == 2:
            break
    home = tmp_path / "turn" / "home"
    assert {os.getsid(pid) for pid in pids} == set(pids), "they are in sessions of their own"
    os.kill(pids[0], signal.SIGSTOP)
    assert len(alive(home)) == 4  # supervisor, harness, two escapees
    service.kill()
    await service.communicate()
    assert await gone(home)


@pytest.mark.parametrize("grace", [0, 3])
async def test_close_leaves_no_process(grace: float, tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(catalog.get("scripted"), spec, scrub=str)
    await process.open(None)
    async for _ in process.prompt("script: spawn 300"):
        pass
    assert len(alive(spec.home)) == 3
    await process.close(grace)
    assert alive(spec.home) == []
    await process.close(grace)
    assert not process.usable


async def test_a_harness_that_ignores_the_end_of_its_input_is_killed(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(Misbehaving("hangs"), spec, scrub=str)
    await process.open(None)
    written = asyncio.Event()

    async def last_update() -> Update:
        return [update async for update in process.prompt("go", on_written=written.set)][-1]

    prompting = asyncio.create_task(last_update())
    await written.wait()
    await process.close(0.2)
    last = await prompting
    assert isinstance(last, Failed)
    assert last.message == "misbehaving was stopped."
    assert alive(spec.home) == []


async def test_a_stopped_supervisor_still_ends_the_tree(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(catalog.get("scripted"), spec, scrub=str)
    os.kill(process.pid, signal.SIGSTOP)
    await process.close(0)
    assert alive(spec.home) == []


async def test_the_harness_dies_with_its_supervisor(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(catalog.get("scripted"), spec, scrub=str)
    assert len(alive(spec.home)) == 2
    os.kill(process.pid, signal.SIGKILL)
    assert await gone(spec.home)
    await process.close()


async def test_an_abandoned_turn_ends_the_process(tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(catalog.get("scripted"), spec, scrub=str)
    await process.open(None)
    updates = process.prompt("script: hang")
    assert (await anext(updates)).kind == "model"
    await updates.aclose()  # type: ignore[attr-defined]  # an AsyncIterator by contract, a generator in fact
    assert not process.usable
    assert await gone(spec.home)
    await process.close()
