"""The running service's control socket: how commands on the same machine ask it, instead of opening its database.

One JSON line in, one JSON line out, on a Unix socket in REINS_HOME that only its owner can open.

    ControlFailed      the service is there and could not do it; the message says why
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

_log = structlog.get_logger(__name__)
_TIMEOUT_S = 60.0
_LINE_BYTES = 1 << 20

Request = Mapping[str, Any]
Answer = dict[str, Any]


class ControlFailed(Exception):
    """Shown to the operator as it is."""


def socket_path(home: Path) -> Path:
    return home / "control.sock"


async def serve(home: Path, answer: Callable[[Request], Awaitable[Answer]]) -> None:
    """Answer requests until cancelled. A `ControlFailed` of ``answer`` is the caller's answer."""
    path = socket_path(home)
    await asyncio.to_thread(path.unlink, missing_ok=True)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                line = await reader.readline()
                reply = await _reply(line, answer)
                writer.write(json.dumps(reply).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError) as error:
            _log.warning("control.dropped", error=str(error) or type(error).__name__)
        finally:
            writer.close()

    binding = asyncio.create_task(asyncio.to_thread(_bind, path), name="bind the control socket")
    try:
        listening = await asyncio.shield(binding)
        server = await asyncio.start_unix_server(handle, sock=listening, limit=_LINE_BYTES, start_serving=False)
        async with server:
            await server.serve_forever()
    finally:
        # A service that is stopped in its first moments is cancelled before it has the socket.
        (await binding).close()
        await asyncio.to_thread(path.unlink, missing_ok=True)


async def ask(home: Path, request: Request) -> Answer | None:
    """The service's answer; None when no service is running. Raises `ControlFailed` with the service's reason."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            with _short(socket_path(home)) as path:
                reader, writer = await asyncio.open_unix_connection(path, limit=_LINE_BYTES)
            try:
                writer.write(json.dumps(dict(request)).encode() + b"\n")
                await writer.drain()
                answer: Answer = json.loads(await reader.readline())
            finally:
                writer.close()
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    except (TimeoutError, OSError, ValueError) as error:
        raise ControlFailed(f"The running service did not answer ({type(error).__name__}); look at its log.") from error
    if "error" in answer:
        raise ControlFailed(str(answer["error"]))
    return answer


def _bind(path: Path) -> socket.socket:
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _short(path) as address:
            bound.bind(address)
        path.chmod(0o600)  # nobody else gets as far as this: the directory is private
    except BaseException:
        bound.close()
        raise
    return bound


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """The address of a socket, whose path may be longer than the 107 bytes unix(7) has room for."""
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


async def _reply(line: bytes, answer: Callable[[Request], Awaitable[Answer]]) -> Answer:
    try:
        return await answer(json.loads(line))
    except ControlFailed as error:
        return {"error": str(error)}
