"""Newline-delimited JSON-RPC from a program that may send anything: bounded in memory, never a crash.

Bad UTF-8 becomes U+FFFD. A line that is not a JSON-RPC object is skipped and counted: programs do print the odd
banner, but `BAD_LINES` of them in a row are not ACP.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from harnesses.errors import ProtocolError

LINE_LIMIT = 8 * 1024 * 1024  # bytes; a line is held about four times while it is parsed, and 64 MB is the budget
BAD_LINES = 100
_CHUNK = 64 * 1024


class MessageReader:
    """``heard`` is the `time.monotonic()` at which the last complete line arrived."""

    def __init__(self, stdout: asyncio.StreamReader) -> None:
        self._stdout = stdout
        self._buffer = bytearray()
        self._searched = 0
        self._bad = 0
        self.heard = time.monotonic()

    async def message(self) -> tuple[dict[str, Any], int] | None:
        """The next JSON-RPC message and its size in bytes; None at the end of the stream. Raises ProtocolError."""
        while True:
            line = await self._line()
            if line is None:
                return None
            self.heard = time.monotonic()
            message = _json_rpc(line)
            if message is not None:
                self._bad = 0
                return message, len(line)
            self._bad += 1
            if self._bad >= BAD_LINES:
                raise ProtocolError(f"It sent {BAD_LINES} lines in a row that are not ACP messages.")

    async def _line(self) -> bytearray | None:
        while True:
            newline = self._buffer.find(b"\n", self._searched)
            if newline >= 0:
                line = self._buffer[:newline]
                del self._buffer[: newline + 1]
                self._searched = 0
                return line
            self._searched = len(self._buffer)
            if self._searched > LINE_LIMIT:
                self._buffer.clear()
                raise ProtocolError(f"It sent a line longer than {LINE_LIMIT // (1024 * 1024)} MiB.")
            chunk = await self._stdout.read(_CHUNK)
            if not chunk:
                return None
            self._buffer += chunk


def _json_rpc(line: bytearray) -> dict[str, Any] | None:
    try:
        message = json.loads(line.decode("utf-8", "replace"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict):
        return None
    method, identity, error = message.get("method"), message.get("id"), message.get("error")
    if method is not None and not isinstance(method, str):
        return None
    if isinstance(identity, bool) or not isinstance(identity, int | str | None):
        return None
    if error is not None and not (
        isinstance(error, dict) and isinstance(error.get("code"), int) and isinstance(error.get("message"), str)
    ):
        return None
    return message if method is not None or "id" in message else None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
