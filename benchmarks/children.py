"""The processes a benchmark runs. Each says one JSON object per line on stdout, and may be told one on stdin."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

import psutil

LINE_BYTES = 1 << 20
EXIT_S = 5.0


class ChildFailed(RuntimeError):
    """A child ended, or said nothing, before it had said what was waited for; its stderr says why."""


class Below(NamedTuple):
    """``started``: how many processes a child started itself. ``pss_mb``: MiB of these and of all that they started."""

    started: int
    pss_mb: float


class Child:
    """``started_at`` is `time.perf_counter` just before the process was made."""

    def __init__(self, module: str, process: asyncio.subprocess.Process, started_at: float) -> None:
        self.started_at = started_at
        self._module = module
        self._process = process

    async def hear(self, timeout_s: float) -> dict[str, Any]:
        """The next object it says. Raises `ChildFailed`."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout_s):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise ChildFailed(f"{self._module} said nothing for {timeout_s:g} s") from None
        if not line:
            raise ChildFailed(f"{self._module} ended early; what it wrote to stderr is above")
        said: dict[str, Any] = json.loads(line)
        return said

    async def tell(self, what: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()

    def cpu_s(self) -> float:
        """Processor seconds it has used so far, in user and kernel mode."""
        times = psutil.Process(self._process.pid).cpu_times()
        return float(times.user + times.system)

    def tree_cpu_s(self) -> float:
        """Processor seconds of it and of all that it started, those that have ended and were waited for included."""
        own = psutil.Process(self._process.pid)
        return sum(_cpu_s(process) for process in (own, *own.children(recursive=True)))

    def pss_mb(self) -> float:
        """Proportional set size of this process alone, in MiB: what it shares with others counts by its share."""
        return _pss_mb(psutil.Process(self._process.pid))

    def below(self) -> Below:
        """The processes it started, and theirs."""
        own = psutil.Process(self._process.pid)
        return Below(len(own.children()), sum(_pss_mb(process) for process in own.children(recursive=True)))

    async def kill(self) -> None:
        """SIGKILL, to it and to what it started; returns when it is gone."""
        if self._process.returncode is None:
            own = psutil.Process(self._process.pid)
            for process in (*own.children(recursive=True), own):
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        async with asyncio.timeout(EXIT_S):
            await self._process.wait()


@contextlib.asynccontextmanager
async def child(module: str, environ: Mapping[str, str] | None = None, *arguments: str) -> AsyncIterator[Child]:
    """``python -m module [argument …]`` with ``environ`` added to an otherwise bare environment; killed at the end."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    started_at = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**bare, **(environ or {})},
        limit=LINE_BYTES,
    )
    running = Child(module, process, started_at)
    try:
        yield running
    finally:
        await running.kill()


def _cpu_s(process: psutil.Process) -> float:
    """0 when it is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _pss_mb(process: psutil.Process) -> float:
    """0 when it is gone."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0
