"""The Socket Mode connection, watched and rebuilt.

The client reconnects by itself when Slack asks it to. It can also get stuck: after a failed handshake it tries a used
ticket for ever, and a half-open connection looks connected. So it is judged by what arrives (its pings must be
answered), and when it has not been well for `UNWELL_S` the whole client is thrown away and built anew.
"""

from __future__ import annotations

import asyncio
import time

import structlog
from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.intake.middleware import Intake

_log = structlog.get_logger(__name__)
PING_EVERY_S = 2
UNWELL_S = 4.0
"""How long the connection may be down, or its pings unanswered, before the client is rebuilt."""
_LOOK_EVERY_S = 0.5
_CLOSE_TIMEOUT_S = 5.0
_REBUILD_PAUSE_S = (0.0, 0.5, 1.0, 2.0, 5.0)


class SocketWatch:
    def __init__(self, client: AsyncWebClient, intake: Intake, app_token: SecretStr) -> None:
        self._app = AsyncApp(client=client, before_authorize=intake)
        self._app_token = app_token
        self.connected = asyncio.Event()
        """Set while the connection is known to be well."""

    async def run(self) -> None:
        """Keep one healthy connection until cancelled."""
        failures = 0
        while True:
            handler = self._handler()
            connecting = asyncio.create_task(handler.connect_async(), name="socket connect")
            try:
                was_well = await self._until_unwell(handler.client)
            finally:
                self.connected.clear()
                connecting.cancel()
                await asyncio.gather(connecting, return_exceptions=True)
                await _close(handler)
            failures = 0 if was_well else failures + 1
            _log.warning("socket.rebuilding", failures=failures)
            await asyncio.sleep(_REBUILD_PAUSE_S[min(failures, len(_REBUILD_PAUSE_S) - 1)])

    def _handler(self) -> AsyncSocketModeHandler:
        token = self._app_token.get_secret_value()
        return AsyncSocketModeHandler(self._app, token, ping_interval=PING_EVERY_S)

    async def _until_unwell(self, client: SocketModeClient) -> bool:
        """Return once the connection has been down for `UNWELL_S`; whether it was ever up."""
        was_well = False
        well_at = time.monotonic()
        while time.monotonic() - well_at < UNWELL_S:
            if await _is_well(client):
                well_at = time.monotonic()
                if not self.connected.is_set():
                    _log.info("socket.connected")
                    self.connected.set()
                was_well = True
            else:
                self.connected.clear()
            await asyncio.sleep(_LOOK_EVERY_S if was_well else 0.02)
        return was_well


async def _is_well(client: SocketModeClient) -> bool:
    answered_at = client.last_ping_pong_time
    unanswered = answered_at is not None and time.time() - answered_at > 2 * PING_EVERY_S + 1
    return await client.is_connected() and not unanswered


async def _close(handler: AsyncSocketModeHandler) -> None:
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await handler.close_async()
    except (TimeoutError, OSError) as error:
        _log.warning("socket.close_failed", error=str(error) or type(error).__name__)
