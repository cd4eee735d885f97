"""A mention reaches the real Claude Code, which answers, writes a file, and remembers, also after `kill -9`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from tests.contract.bad_harnesses.processes import gone
from tests.harness_cli.mock_model import MockModel
from tests.rig import Rig

pytestmark = [pytest.mark.harness_cli, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
KEY = "sk-ant-mock-key-0123456789"
SETTINGS = """
[defaults]
agent = "coder"

[agents.coder]
harness = "claude-code"
sandbox = "none"
policy = "allow-all"

[providers.mock]
api = "anthropic"
base_url = "{base_url}"
key = "env:MOCK_KEY"
"""


@pytest.fixture
async def rig(mock_model: MockModel, claude_code_install: Path, tmp_path: Path) -> AsyncIterator[Rig]:
    home = tmp_path / "home"
    home.mkdir()
    (home / "harnesses").symlink_to(claude_code_install.parent)
    (home / "reins.toml").write_text(SETTINGS.format(base_url=mock_model.base_url))
    async with LocalSlack(manifest()) as slack:
        yield Rig(slack, home, environ={"MOCK_KEY": KEY})


@contextlib.asynccontextmanager
async def reins_run(rig: Rig) -> AsyncIterator[asyncio.subprocess.Process]:
    """`reins run` as an operator starts it, listening."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **rig.variables(), "REINS_CONFIG": str(rig.home / "reins.toml")},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await rig.slack.wait_for(lambda slack: slack.sockets == 1, timeout=30)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def test_a_thread_survives_kill_9_with_its_memory(rig: Rig, mock_model: MockModel) -> None:
    story = " ".join(f"word{n}" for n in range(120))
    await mock_model.text("tell me a story", story, delay_ms=10)
    await mock_model.text("what came before", "Nothing came before.", turn=0)
    await mock_model.text("what came before", "There is a story before this.")
    await mock_model.text("and after the crash", "I remember nothing.", turn=0)
    await mock_model.text("and after the crash", "I still have the whole conversation.")

    async with reins_run(rig) as service:
        thread = await rig.mention("tell me a story")
        streamed = await rig.see(thread, lambda said: "word3" in said and "word119" not in said, timeout=60)
        assert "Working" in streamed
        assert story in (await rig.see_ended(thread, timeout=60)).replace("\n", " ")

        workspace = next((rig.home / "sessions").iterdir()) / "workspace"
        arguments = {"file_path": str(workspace / "hello.txt"), "content": "written for real\n"}
        await mock_model.tool("write the file", "Write", arguments, then="The file is there.")
        await rig.reply("write the file", thread)
        assert "Allowed: policy allow-all" in await rig.see_ended(thread, turns=2, timeout=60)
        assert (workspace / "hello.txt").read_text() == "written for real\n"

        await rig.reply("what came before", thread)
        assert "There is a story before this." in await rig.see_ended(thread, turns=3, timeout=60)
        service.kill()
        await service.wait()
    assert await gone(rig.home)

    async with reins_run(rig):
        await rig.reply("and after the crash", thread)
        assert "I still have the whole conversation." in await rig.see_ended(thread, turns=4, timeout=60)
        assert len(rig.answers(thread)) == 4
    assert await gone(rig.home)
