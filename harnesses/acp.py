"""JSON-RPC with one harness over its stdio: the SDK's `Connection` on a transport of our own.

The only module that imports the SDK, which takes half a second: `process` imports it when the first harness starts,
not when the service does.

Order is kept because `Connection` runs its handler as one task per message, in the order of arrival, and `Wire`
takes each message before its first `await`. Memory is bounded because the transport reads on only while the
updates nobody has taken yet are below `BACKLOG_BYTES` and `BACKLOG_MESSAGES`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from acp.connection import Connection
from acp.exceptions import RequestError

from harnesses.errors import AgentError, ProtocolError, WireClosed
from harnesses.lines import MessageReader

BACKLOG_BYTES = 4 * 1024 * 1024
BACKLOG_MESSAGES = 512

Notified = Callable[[str, Any, int], None]
"""(method, params, size): takes a notification at once; `Wire.release(size)` when it has been dealt with."""

Asked = Callable[[str, Any, asyncio.Future[bool], int], Awaitable[Any]]
"""(method, params, delivered, size) → result. Runs as its own task; its synchronous beginning is in order with
notifications. ``delivered`` becomes true once the result is in the harness's pipe, false when it never will be.
Raises AgentError."""


class Wire:
    """``ended`` is true from the end of the harness's output, or our `hang_up`, on."""

    def __init__(
        self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader, notified: Notified, asked: Asked
    ) -> None:
        self._transport = _StdioTransport(stdin, stdout)
        self._notified = notified
        self._asked = asked
        self._connection = Connection(self._handle, self._transport)

    @property
    def ended(self) -> bool:
        return self._transport.ended

    @property
    def heard(self) -> float:
        """`time.monotonic()` of the last line, or of the moment reading went on after a full backlog."""
        return self._transport.heard

    async def request(self, method: str, params: dict[str, Any], written: Callable[[], None] | None = None) -> Any:
        """The result. ``written`` is called once the request has left this process.
        Raises AgentError when the harness answers with an error, WireClosed when it cannot answer."""
        if written is not None:
            self._transport.written = written
        try:
            return await self._connection.send_request(method, params)
        except RequestError as error:
            raise AgentError(error.code, str(error), error.data) from error
        except ConnectionError as error:
            raise WireClosed(self._transport.cause) from error

    async def notify(self, method: str, params: dict[str, Any]) -> None:
        """Raises WireClosed."""
        try:
            await self._connection.send_notification(method, params)
        except ConnectionError as error:
            raise WireClosed(self._transport.cause) from error

    def release(self, size: int) -> None:
        self._transport.release(size)

    def hang_up(self) -> None:
        """Stop reading at once; what waits for an answer gets WireClosed."""
        self._transport.hang_up()

    async def close(self) -> None:
        self._transport.hang_up()
        await self._connection.close()

    async def _handle(self, method: str, params: Any, is_notification: bool) -> Any:
        delivered, size = self._transport.taken()
        if is_notification:
            self._notified(method, params, size)
            return None
        try:
            return await self._asked(method, params, delivered, size)
        except AgentError as error:
            raise RequestError(error.code, error.message, error.data) from error


class _StdioTransport:
    """The SDK's `Transport`. ``cause`` is the ProtocolError that ended it, if one did."""

    def __init__(self, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        self._stdin = stdin
        # `drain` then returns when the bytes are in the pipe, not when they are in a buffer of ours.
        stdin.transport.set_write_buffer_limits(high=0)
        self._sending = asyncio.Lock()
        self._reader = MessageReader(stdout)
        self._read: deque[tuple[dict[str, Any], int]] = deque()
        self._in_handler: deque[tuple[Any, int]] = deque()
        self._delivering: dict[Any, asyncio.Future[bool]] = {}
        self._bytes = 0
        self._messages = 0
        self._resumed = 0.0
        self._something = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self.ended = False
        self.cause: ProtocolError | None = None
        self.written: Callable[[], None] | None = None
        self._pumping = asyncio.create_task(self._pump(), name="harness stdout")

    @property
    def heard(self) -> float:
        return max(self._reader.heard, self._resumed)

    async def send(self, message: dict[str, Any]) -> None:
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            async with self._sending:
                self._stdin.write(line)
                await self._stdin.drain()
        except (ConnectionError, RuntimeError) as error:  # RuntimeError: the pipe's transport is closed
            self._delivered(message, False)
            if "method" in message:
                raise ConnectionError("the harness does not read any more") from error
            return  # an answer nobody waits for
        self._delivered(message, True)
        if "method" in message and "id" in message and self.written is not None:
            written, self.written = self.written, None
            written()

    async def receive(self) -> dict[str, Any] | None:
        while not self._read:
            if self.ended:
                return None
            self._something.clear()
            await self._something.wait()
        message, size = self._read.popleft()
        if "method" in message:
            self._in_handler.append((message.get("id"), size))
        else:
            self.release(size)
        return message

    async def close(self) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await self._pumping

    def taken(self) -> tuple[asyncio.Future[bool], int]:
        """For the message whose handler begins: what becomes true when its answer is written, and its size."""
        identity, size = self._in_handler.popleft()
        delivered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if identity is not None:
            self._settle(identity, False)  # the harness used an id twice
            if self.ended:
                delivered.set_result(False)
            else:
                self._delivering[identity] = delivered
        return delivered, size

    def release(self, size: int) -> None:
        self._bytes -= size
        self._messages -= 1
        if not self._room.is_set() and self._messages < BACKLOG_MESSAGES // 2 and self._bytes < BACKLOG_BYTES:
            self._resumed = time.monotonic()
            self._room.set()

    def hang_up(self) -> None:
        self._read.clear()
        self._pumping.cancel()
        self._end()

    async def _pump(self) -> None:
        try:
            while (read := await self._reader.message()) is not None:
                self._read.append(read)
                self._something.set()
                self._bytes += read[1]
                self._messages += 1
                if self._messages >= BACKLOG_MESSAGES or self._bytes >= BACKLOG_BYTES:
                    self._room.clear()
                    await self._room.wait()
        except ProtocolError as error:
            self.cause = error
        except OSError:
            pass  # the pipe broke: the same as its end
        finally:
            self._end()

    def _end(self) -> None:
        self.ended = True
        self._something.set()
        for identity in list(self._delivering):
            self._settle(identity, False)

    def _delivered(self, message: dict[str, Any], written: bool) -> None:
        if "method" not in message:
            self._settle(message.get("id"), written)

    def _settle(self, identity: Any, written: bool) -> None:
        delivered = self._delivering.pop(identity, None)
        if delivered is not None and not delivered.done():
            delivered.set_result(written)
