"""Appends per second through the writer, beside raw sqlite3: ``python -m benchmarks.append [--json]``.

Each round appends the same events twice, to two fresh databases of the same schema with the same pragmas: through
`Writer.append`, by 1, 50 or 500 sessions that each await one event before the next; and by `executemany` of rows that
were made beforehand (digests and salts included), as many per transaction as there are sessions. Sides alternate;
figures are medians. Every commit waits for the disk, so the directory's own rate of fsync stands beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage import event_log
from storage.chain import EMPTY
from storage.connections import connect_writer
from storage.database import Storage
from storage.event_log import NewEvent

ROUNDS = 5
EVENTS = {1: 4_000, 50: 40_000, 500: 60_000}
GOALS = {1: 0.55, 50: 0.75, 500: 0.75}
_BODY = json.dumps({"kind": "text", "text": "A sentence of about the length that an agent streams at once. " * 2})


def _events(count: int) -> list[NewEvent]:
    return [NewEvent("T0001", f"session-{i % 50}", f"turn-{i % 50}", "turn.text", 1, _BODY) for i in range(count)]


async def _through_writer(home: Path, sessions: int, events: Sequence[NewEvent]) -> float:
    """Events per second, and the file left as a service leaves it."""
    storage = await Storage.open(home)

    async def session(first: int) -> None:
        for event in events[first::sessions]:
            await storage.writer.append([event])

    try:
        start = time.perf_counter()
        await asyncio.gather(*(session(first) for first in range(sessions)))
        return len(events) / (time.perf_counter() - start)
    finally:
        await storage.close()


async def _raw(home: Path, batch: int, events: Sequence[NewEvent]) -> float:
    """Events per second of the same rows by `executemany`, `batch` to a transaction."""
    await (await Storage.open(home)).close()
    return await asyncio.to_thread(_raw_rows, home / "reins.db", batch, events)


def _raw_rows(path: Path, batch: int, events: Sequence[NewEvent]) -> float:
    rows = event_log.chained(events, EMPTY, time.time_ns() // 1_000_000)
    with closing(connect_writer(path)) as driver:
        start = time.perf_counter()
        for first in range(0, len(events), batch):
            driver.execute("BEGIN IMMEDIATE")
            driver.executemany(event_log.INSERT_EVENT, rows.events[first : first + batch])
            driver.executemany(event_log.INSERT_BODY, rows.bodies[first : first + batch])
            driver.execute("COMMIT")
        return len(events) / (time.perf_counter() - start)


def _fsyncs_per_second(directory: Path, count: int = 500) -> float:
    path = directory / "fsync"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        start = time.perf_counter()
        for _ in range(count):
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
        return count / (time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()


async def _measure(directory: Path, sessions: int) -> dict[str, object]:
    events = _events(EVENTS[sessions])
    ours: list[float] = []
    raw: list[float] = []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=directory) as home:
            raw.append(await _raw(Path(home), sessions, events))
        with tempfile.TemporaryDirectory(dir=directory) as home:
            ours.append(await _through_writer(Path(home), sessions, events))
    return {
        "sessions": sessions,
        "events": len(events),
        "writer_per_s": round(statistics.median(ours)),
        "raw_per_s": round(statistics.median(raw)),
        "ratio": round(statistics.median(ours) / statistics.median(raw), 3),
        "goal": GOALS[sessions],
        "writer_rounds": [round(value) for value in ours],
        "raw_rounds": [round(value) for value in raw],
    }


async def _measure_all() -> tuple[list[float], list[dict[str, object]]]:
    """The directory's fsyncs per second before and after, and what was measured for each number of sessions."""
    with tempfile.TemporaryDirectory() as directory:
        before = _fsyncs_per_second(Path(directory))
        results = [await _measure(Path(directory), sessions) for sessions in EVENTS]
        return [round(before), round(_fsyncs_per_second(Path(directory)))], results


def main() -> None:
    parser = argparse.ArgumentParser(description="Appends per second through the writer, beside raw sqlite3.")
    parser.add_argument("--json", action="store_true", help="print everything that was measured, as JSON")
    wanted = parser.parse_args()
    fsyncs, results = asyncio.run(_measure_all())
    if wanted.json:
        machine = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "cpus": os.cpu_count()}
        measured = {"benchmark": "append", "rounds": ROUNDS, **machine, "fsyncs_per_s": fsyncs, "results": results}
        print(json.dumps(measured, indent=2))
        return
    print(f"fsyncs per second before and after: {fsyncs}")
    for result in results:
        print(result)


if __name__ == "__main__":
    main()
