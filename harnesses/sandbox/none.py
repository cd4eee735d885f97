"""The sandbox kind `none`: the harness runs as the service's user, with the service's network.

It confines nothing. What it gives is an environment built from nothing and a tree that dies as one (`supervisor`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from harnesses.errors import StartError
from harnesses.profile import Launch, Spec
from harnesses.sandbox import supervisor

STDERR_KEPT = 32 * 1024  # bytes, of which `Child.stderr` shows the last part
_PIPE_BUFFER = 64 * 1024
_log = logging.getLogger(__name__)
_KILL_TIMEOUT = 10.0  # seconds a killed tree may take to be gone; more means a process stuck in the kernel


def environment(launch: Launch, spec: Spec) -> dict[str, str]:
    """The whole environment of the harness. Only PATH comes from the service, without entries that would be looked
    up relative to the workspace."""
    path = [entry for entry in os.environ.get("PATH", os.defpath).split(":") if entry.startswith("/")]
    base: Mapping[str, str] = {
        "PATH": ":".join(path),
        "HOME": str(spec.home),
        "TMPDIR": str(spec.tmp),
        "LANG": "C.UTF-8",
        "TERM": "dumb",
    }
    return {**base, **launch.env}


async def spawn(launch: Launch, spec: Spec) -> Child:
    """Start the harness below its supervisor. Call it on the main thread: the kernel ties the supervisor's life to
    the thread that started it. Raises StartError."""
    command = [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), str(os.getpid()), "--", *launch.argv]
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=spec.workspace,
            env=environment(launch, spec),
            start_new_session=True,
            limit=_PIPE_BUFFER,
        )
    except OSError as error:
        raise StartError(
            f"It could not be started in {spec.workspace} ({error.strerror}). Check that the workspace exists."
        ) from error
    return Child(process)


class Child:
    """A running harness with its supervisor. ``pid`` is the supervisor's, the root of the tree."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._process = process
        self.stdin = process.stdin
        self.stdout = process.stdout
        self.pid = process.pid
        self._stderr = bytearray()
        self._ending = asyncio.Lock()
        self._draining = asyncio.create_task(self._drain(process.stderr), name=f"stderr of {process.pid}")

    @property
    def stderr(self) -> str:
        """The end of what it wrote to stderr, at most STDERR_KEPT bytes, not scrubbed."""
        return self._stderr.decode("utf-8", "replace")

    @property
    def status(self) -> int | None:
        """The exit status, 128 + n for signal n; None while it runs."""
        return self._process.returncode

    async def _drain(self, stderr: asyncio.StreamReader) -> None:
        # Nobody may ever read it, but a full pipe would stop the harness.
        while chunk := await stderr.read(_PIPE_BUFFER):
            self._stderr += chunk
            if len(self._stderr) > 2 * STDERR_KEPT:
                del self._stderr[:-STDERR_KEPT]

    def signal_kill(self) -> None:
        """Have the supervisor kill the tree; returns at once."""
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)  # the harness may have stopped it

    async def kill(self) -> None:
        """Kill the tree and wait until it is gone. Idempotent."""
        self.signal_kill()
        if not await self.ended(_KILL_TIMEOUT):
            _log.error("process %d and what it started did not end within %g s", self.pid, _KILL_TIMEOUT)

    async def stop(self, grace: float) -> None:
        """End it politely: stdin EOF, after ``grace`` seconds SIGTERM, after as long again SIGKILL for the tree.
        Nobody else may be reading stdout any more. Idempotent."""
        self.stdin.close()
        if await self.ended(grace):
            return
        self._signal(signal.SIGHUP)
        if await self.ended(grace):
            return
        await self.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def ended(self, timeout: float) -> bool:
        """Whether it is gone, tree and all, within ``timeout`` seconds. Nobody else may be reading stdout."""
        try:
            async with asyncio.timeout(timeout), self._ending:
                # The pipes have to reach their end too, or their transports stay open.
                while await self.stdout.read(_PIPE_BUFFER):
                    pass
                await self._process.wait()
                await asyncio.shield(self._draining)
        except TimeoutError:
            return False
        return True
