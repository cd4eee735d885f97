"""The Socket Mode side: tickets, connected sockets, and the ways a connection goes wrong.

Source: https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket as tcp
import struct
from collections.abc import Callable
from typing import Literal, assert_never

from aiohttp import WSCloseCode, WSMsgType, web

from bot.localslack.deliveries import MAX_SOCKETS, Deliveries

FaultKind = Literal[
    "close",  # a normal close frame
    "abort",  # a TCP reset
    "half_open",  # the connection stays, nothing is answered or sent any more
    "disconnect_warning",  # Slack's notice ten seconds before it closes the connection
    "disconnect_refresh",  # Slack's `refresh_requested`, then the close
    "too_many_websockets",  # Slack's refusal of one connection more than it allows
]
WARNING_S = 10.0


def reset(transport: asyncio.BaseTransport | None) -> None:
    """End a connection with a TCP reset instead of a goodbye."""
    if isinstance(transport, asyncio.Transport):
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(tcp.SOL_SOCKET, tcp.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


class Socket:
    """One connection. Frames are queued and written in order by `serve`, which owns the connection's one task."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._ws = web.WebSocketResponse(autoping=False, autoclose=False, max_msg_size=1 << 20)
        self._frames: asyncio.Queue[str | WSCloseCode] = asyncio.Queue()
        self._half_open = False
        self._leaving = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """Whether Slack would still choose it. A half-open one is chosen: nobody has noticed yet."""
        return not self._leaving and not self._ws.closed

    def send(self, frame: str) -> None:
        if not self._half_open:
            self._frames.put_nowait(frame)

    def close(self, code: WSCloseCode = WSCloseCode.OK) -> None:
        self._leaving = True
        self._frames.put_nowait(code)

    def disconnect(self, reason: str) -> None:
        """Slack's `disconnect` message; the client is expected to reconnect at once."""
        self.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "localslack"}}))

    def fail(self, kind: FaultKind) -> None:
        match kind:
            case "close":
                self.close(WSCloseCode.GOING_AWAY)
            case "abort":
                self._leaving = True
                reset(self._request.transport)
            case "half_open":
                self._half_open = True
            case "disconnect_warning":
                self.disconnect("warning")
                self._timer = asyncio.get_running_loop().call_later(WARNING_S, self.close)
            case "disconnect_refresh":
                self.disconnect("refresh_requested")
                self.close()
            case "too_many_websockets":
                self.disconnect("too_many_websockets")
                self.close()
            case _:
                assert_never(kind)

    async def serve(self, on_ack: Callable[[str], None], on_open: Callable[[], None]) -> web.WebSocketResponse:
        """Run the connection until either side ends it. ``on_open`` is called once the handshake is done."""
        await self._ws.prepare(self._request)
        on_open()
        writer = asyncio.create_task(self._write())
        try:
            await self._read(on_ack)
        finally:
            self._leaving = True
            if self._timer is not None:
                self._timer.cancel()
            writer.cancel()
            [ended] = await asyncio.gather(writer, return_exceptions=True)
            if isinstance(ended, Exception):
                raise ended
        return self._ws

    async def _write(self) -> None:
        while True:
            frame = await self._frames.get()
            try:
                if isinstance(frame, WSCloseCode):
                    await self._ws.close(code=frame, drain=False)
                    return
                await self._ws.send_str(frame)
            except (ConnectionError, RuntimeError):
                # The client went away between the choice of this socket and the write: the envelope stays unacked.
                self._leaving = True
                return

    async def _read(self, on_ack: Callable[[str], None]) -> None:
        while not self._ws.closed:
            message = await self._ws.receive()
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                if message.type is WSMsgType.CLOSE and not self._half_open:
                    await self._ws.close()
                return
            if self._half_open:
                continue
            if message.type is WSMsgType.PING:
                await self._ws.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                on_ack(message.data)


class SocketMode:
    """Tickets and connections of the one app."""

    def __init__(self, deliveries: Deliveries, app_id: str) -> None:
        self._deliveries = deliveries
        self._app_id = app_id
        self._tickets: set[str] = set()
        self.sockets: list[Socket] = []
        self.refusing = False
        self.opened = 0
        self.malformed = 0

    def new_ticket(self) -> str:
        ticket = secrets.token_urlsafe(24)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """`GET /link/?ticket=`: a ticket opens one connection, and is used up by a refused attempt too."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401, text="this ticket is unknown or was used: call apps.connections.open again")
        self._tickets.discard(ticket)
        if self.refusing:
            reset(request.transport)
            return web.Response(status=503)
        socket = Socket(request)

        def opened() -> None:
            if len(self.sockets) >= MAX_SOCKETS:
                socket.fail("too_many_websockets")
                return
            self.sockets.append(socket)
            self.opened += 1
            socket.send(self._hello())
            self._deliveries.connected(socket)

        try:
            return await socket.serve(self._acked, opened)
        finally:
            if socket in self.sockets:
                self.sockets.remove(socket)
            self._deliveries.disconnected(socket)

    def drop(self, kind: FaultKind) -> int:
        """Break every connection this way. How many there were."""
        broken = tuple(self.sockets)
        for socket in broken:
            socket.fail(kind)
        return len(broken)

    def stop(self) -> None:
        for socket in tuple(self.sockets):
            socket.fail("abort")

    def _hello(self) -> str:
        return json.dumps(
            {
                "type": "hello",
                "num_connections": len(self.sockets),
                "connection_info": {"app_id": self._app_id},
                "debug_info": {"host": "localslack", "build_number": 1, "approximate_connection_time": 18060},
            }
        )

    def _acked(self, text: str) -> None:
        try:
            message = json.loads(text)
            envelope_id, payload = str(message["envelope_id"]), message.get("payload")
        except (ValueError, KeyError, TypeError, AttributeError):
            # The SDK's own text pings, and garbage: Slack drops both without a word. Counted, so that it can be seen.
            self.malformed += 1
            return
        self._deliveries.ack(envelope_id, payload if isinstance(payload, dict) else None)
