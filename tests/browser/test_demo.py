"""`reins demo` starts with one command, ends with Ctrl-C, and leaves nothing behind that was not asked for."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import psutil
import pytest

Start = Callable[..., Awaitable[asyncio.subprocess.Process]]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?key=\S+")


def homes(where: Path) -> list[Path]:
    return list(where.glob("reins-demo-*"))


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `reins demo` with these arguments. What a failed test leaves running is killed."""
    started: list[asyncio.subprocess.Process] = []
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(Path.cwd())}

    async def demo(*arguments: str) -> asyncio.subprocess.Process:
        started.append(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "demo", "--no-browser", *arguments),
                env={"PATH": os.environ["PATH"], **environment},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        )
        return started[-1]

    yield demo
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def address_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        async for line in process.stdout:
            if found := _ADDRESS.search(line.decode()):
                return found[0]
    assert process.stderr is not None
    raise AssertionError((await process.stderr.read()).decode())


async def ask(address: str, text: str) -> None:
    """Mention the bot as the page does, and wait until the harness speaks."""
    base = address.partition("/?")[0]
    async with aiohttp.ClientSession(base, cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
        await (await web.get(address.removeprefix(base))).read()
        seen = await (await web.get("/_ui/state")).json()
        say = {"do": "say", "as": seen["me"], "channel": seen["channels"][0]["id"], "text": f"@reins {text}"}
        async with web.ws_connect("/_ui/ws", headers={"Origin": base}) as live, asyncio.timeout(20):
            await (await web.post("/_ui/do", json=say, headers={"Origin": base})).read()
            async for frame in live:
                if "no model is behind these words" in frame.data:
                    return


async def end(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    async with asyncio.timeout(20):
        _, error = await process.communicate()
    return process.returncode, error.decode()


async def test_ctrl_c_ends_it_and_everything_it_started(start: Start, tmp_path: Path) -> None:
    process = await start()
    await ask(await address_of(process), "script: hang")
    assert len(homes(tmp_path)) == 1
    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGINT)
    assert await end(process) == (0, "")
    assert homes(tmp_path) == []
    assert [child for child in children if child.is_running()] == []


async def test_a_home_that_was_asked_for_stays_and_is_not_used_twice(start: Start, tmp_path: Path) -> None:
    home = tmp_path / "kept"
    process = await start("--home", str(home))
    await address_of(process)
    process.send_signal(signal.SIGTERM)
    assert await end(process) == (0, "")
    assert (home / "reins.db").exists()

    again = await start("--home", str(home))
    code, error = await end(again)
    assert code == 1
    assert error.count("\n") == 1
    assert "already holds a database" in error


async def test_a_port_in_use_is_said_in_one_line(start: Start) -> None:
    first = await start()
    port = (await address_of(first)).rpartition(":")[2].partition("/")[0]
    code, error = await end(await start("--port", port))
    first.send_signal(signal.SIGINT)
    await end(first)
    assert code == 1
    assert error.startswith(f"reins: Port {port} cannot be used")
