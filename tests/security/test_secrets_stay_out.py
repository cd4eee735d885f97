"""Tokens and keys are in no file, no log line and no message, whatever people and harnesses say."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.localslack import LocalSlack, Tokens
from bot.slack.surface.manifest import manifest
from tests.rig import SCRIPTED, Rig
from tests.security.canaries import files_with, said_with

ROOT = Path(__file__).parents[2]
KEY = "canary-key-7f3a91c2-5b1e-4d0a-9c77-e21f0a6b8d45"
TOKENS = Tokens(bot="xoxb-canary-1b9d6bcd-bbfd-4b2d-9b5d", app="xapp-canary-6ec0bd7f-11c0-43da-975e")
SECRETS = (KEY, TOKENS.bot, TOKENS.app)
SETTINGS = f"""{SCRIPTED}
[providers.unused]
api = "anthropic"
base_url = "https://api.anthropic.com"
key = "env:CANARY_KEY"
"""


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with LocalSlack(manifest(), tokens=TOKENS, rate_limits=False) as slack:
        yield Rig(slack, tmp_path / "home", environ={"CANARY_KEY": KEY})


async def test_no_secret_is_left_anywhere(rig: Rig, tmp_path: Path) -> None:
    """A run with tools, a failure, a pasted secret, a kill and a restart; then every byte is read."""
    await asyncio.to_thread(rig.home.mkdir)
    (rig.home / "reins.toml").write_text(SETTINGS)
    log = tmp_path / "service.log"

    service = await _start(rig, log)
    thread = await rig.mention("script: tool")
    await rig.see_ended(thread)
    pasted = f"my key is {KEY} and the bot's is {TOKENS.bot}, in hex {KEY.encode().hex()}"
    await rig.reply(pasted, thread)
    shown = await rig.see_ended(thread, turns=2)
    assert "[redacted]" in shown
    await rig.reply("script: provider-error 401", thread)
    await rig.see_ended(thread, turns=3)
    assert KEY not in " ".join(_command_lines())
    service.kill()
    await service.wait()
    service = await _start(rig, log)
    await rig.reply("and now?", thread)
    await rig.see_ended(thread, turns=4)
    service.send_signal(signal.SIGTERM)
    assert await service.wait() == 0

    assert files_with(SECRETS, tmp_path) == []
    assert said_with(SECRETS, rig.slack) == []


async def test_a_refused_token_is_not_repeated(rig: Rig, tmp_path: Path) -> None:
    await asyncio.to_thread(rig.home.mkdir)
    (rig.home / "reins.toml").write_text(SETTINGS)
    wrong = {**rig.variables(), "SLACK_BOT_TOKEN": "xoxb-canary-wrong-0f0f0f0f"}
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "run"),
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **wrong},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await service.communicate()
    assert service.returncode == 1
    assert b"SLACK_BOT_TOKEN" in said
    assert b"canary" not in said


async def _start(rig: Rig, log: Path) -> asyncio.subprocess.Process:
    with log.open("ab") as output:
        service = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **rig.variables(), "REINS_CONFIG": str(rig.home / "reins.toml")},
            stdout=output,
            stderr=output,
        )
    await rig.slack.wait_for(lambda slack: slack.sockets == 1, timeout=30)
    return service


def _command_lines() -> list[str]:
    return [
        path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if path.exists()
    ]
