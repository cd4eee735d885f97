"""The reader: a few read-only connections for code that runs on the event loop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.connections import BUSY_SECONDS, reader_uri
from storage.errors import unavailable

POOL_SIZE = 4
POOL_WAIT_SECONDS = 10.0


class Reader:
    """Reads what is committed. Never writes and never checkpoints, so it works beside a running service."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = create_async_engine(
            "sqlite+aiosqlite://",
            async_creator=self._connect,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
        )

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """A connection on which every statement sees all that was acknowledged before it. Raises
        `StorageUnavailable` when the disk fails."""
        try:
            async with self._engine.connect() as conn:
                yield conn
        except (SQLAlchemyError, OSError) as error:
            failure = unavailable(error, self.path)
            if failure is None:
                raise
            raise failure from error

    async def close(self) -> None:
        await self._engine.dispose()

    async def _connect(self) -> aiosqlite.Connection:
        conn = await aiosqlite.connect(reader_uri(self.path), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        await conn.execute("PRAGMA query_only=ON")
        return conn
