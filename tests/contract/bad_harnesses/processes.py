"""What a test waits for: its processes, found by the HOME in their environment wherever they went, and its files."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path


def alive(home: Path) -> list[int]:
    """Pids of processes started for that HOME; zombies have no environment and do not count."""
    marker = f"HOME={home}".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marker in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
        except OSError:
            continue
    return found


async def gone(home: Path, within: float = 5.0) -> bool:
    """Whether all of them are gone within that many seconds."""
    until = time.monotonic() + within
    while alive(home):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.01)
    return True


async def appeared(path: Path, within: float = 10.0) -> bool:
    """Whether something is at ``path`` within that many seconds."""
    until = time.monotonic() + within
    while not await asyncio.to_thread(path.exists):
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.01)
    return True
