"""A write that goes ahead does not wait for what was handed over before it, and nothing is lost or starved by it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from storage.database import Storage


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    opened = await Storage.open(tmp_path)
    try:
        yield opened
    finally:
        await opened.close()


async def test_what_goes_ahead_runs_before_what_waits(storage: Storage) -> None:
    ran: list[str] = []
    busy, release = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        busy.set()
        release.wait(10)

    def note(name: str) -> Callable[[Connection], None]:
        return lambda _: ran.append(name)

    holding = asyncio.create_task(storage.writer.run(hold))
    await asyncio.to_thread(busy.wait, 10)
    waiting = [asyncio.create_task(storage.writer.run(note(f"waits {i}"))) for i in range(3)]
    await asyncio.sleep(0)
    ahead = [asyncio.create_task(storage.writer.run_ahead(note(f"ahead {i}"))) for i in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    release.set()
    await asyncio.gather(holding, *waiting, *ahead)
    assert ran == ["ahead 0", "ahead 1", "ahead 2", "waits 0", "waits 1", "waits 2"]


async def test_what_waits_gets_its_share_beside_a_stream_of_writes_that_go_ahead(storage: Storage) -> None:
    done = asyncio.Event()

    async def stream() -> None:
        while not done.is_set():
            await storage.writer.run_ahead(lambda _: None)

    streams = [asyncio.create_task(stream()) for _ in range(4)]
    async with asyncio.timeout(10):
        for _ in range(200):
            await storage.writer.run(lambda _: None)
    done.set()
    await asyncio.gather(*streams)
