"""Starting, killing and reaping one process of the suite. Every process is ended by its pid and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from bot.localslack import LocalSlack

_ROOT = Path(__file__).parents[2]
SETTINGS = """
[defaults]
agent = "demo"

[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "allow-all"
"""


class Running:
    """A process whose output goes to ``log``."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.pid = process.pid
        self.log = log

    async def died(self, timeout: float) -> int:
        """Its exit status, -n for signal n, once it is reaped. Raises TimeoutError with its log."""
        try:
            async with asyncio.timeout(timeout):
                return await self._process.wait()
        except TimeoutError:
            raise TimeoutError(f"process {self.pid} is still running after {timeout} s:\n{self.said()}") from None

    async def kill(self) -> None:
        """SIGKILL, and reap it."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()

    async def stop(self, timeout: float = 60) -> int:
        """Ask it to end (SIGTERM), and reap it; its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return await self.died(timeout)

    async def connected(self, slack: LocalSlack, timeout: float = 30) -> None:
        """Wait until it listens to ``slack``. Raises AssertionError with its log when it ends instead."""
        listening = asyncio.create_task(slack.wait_for(lambda s: s.sockets > 0, timeout))
        ended = asyncio.create_task(self._process.wait())
        done, waiting = await asyncio.wait((listening, ended), return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if listening not in done:
            raise AssertionError(f"it ended ({ended.result()}) before it listened:\n{self.said()}")
        listening.result()

    def said(self) -> str:
        """The end of its output."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-8000:]


@contextlib.asynccontextmanager
async def process_of(module: str, *arguments: str, slack: LocalSlack, home: Path) -> AsyncIterator[Running]:
    """``python -m module arguments`` with an environment made from nothing; killed and reaped at the end."""
    log = home / "output.log"
    with await asyncio.to_thread(_prepare, home, log) as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=_ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "REINS_HOME": str(home),
                "REINS_CONFIG": str(home / "reins.toml"),
            },
        )
    running = Running(process, log)
    try:
        yield running
    finally:
        await running.kill()


def _prepare(home: Path, log: Path) -> IO[bytes]:
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    (home / "reins.toml").write_text(SETTINGS)
    return log.open("ab")


def harness_pids(home: Path) -> list[int]:
    """Processes that were started for a session of this home, wherever they were reparented to."""
    marker = f"HOME={home}/sessions/".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if any(variable.startswith(marker) for variable in environ.read_bytes().split(b"\0")):
                found.append(int(environ.parent.name))
        except OSError:
            continue  # it ended meanwhile, or is a zombie
    return found


async def no_harness_left(home: Path, within: float = 10.0) -> bool:
    """Whether every harness process of this home is gone within that many seconds."""
    until = time.monotonic() + within
    while await asyncio.to_thread(harness_pids, home):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.02)
    return True
