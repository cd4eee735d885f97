"""What the service has on record, read from its database as an operator would, while it runs."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.rig import Rig


class TurnRow(NamedTuple):
    state: str
    outcome: str | None
    settled: bool
    late: bool


async def turns(rig: Rig) -> list[TurnRow]:
    rows = await read(rig, "SELECT state, outcome, settled_at IS NOT NULL, late FROM turn ORDER BY queued_at, ordinal")
    return [TurnRow(row[0], row[1], bool(row[2]), bool(row[3])) for row in rows]


async def read(rig: Rig, query: str) -> list[tuple[Any, ...]]:
    def run() -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{rig.home / 'reins.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    return await asyncio.to_thread(run)


async def until_turns(rig: Rig, wanted: Callable[[list[TurnRow]], bool], timeout: float = 15) -> list[TurnRow]:
    """The turns on record as soon as they are as wanted. The database tells nobody that it changed: it is asked."""
    try:
        async with asyncio.timeout(timeout):
            while not wanted(rows := await turns(rig)):  # noqa: ASYNC110 - SQLite tells no other process of a change
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"on record: {rows}\n{rig.slack.dump()}\n{rig.logs.getvalue()[-4000:]}") from None
    return rows


async def until_settled(rig: Rig, count: int = 1, timeout: float = 15) -> list[TurnRow]:
    """The turns on record once ``count`` of them are settled: Slack shows their end, or never can."""
    return await until_turns(rig, lambda rows: sum(row.settled for row in rows) >= count, timeout)


async def until(rig: Rig, query: str, timeout: float = 15) -> list[tuple[Any, ...]]:
    """What ``query`` finds, as soon as it finds something."""
    async with asyncio.timeout(timeout):
        while not (rows := await read(rig, query)):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)
    return rows
