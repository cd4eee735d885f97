"""A real Bolt app on the local Slack: what every test of it here drives."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.localslack import LocalSlack

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Reins"},
    "features": {
        "bot_user": {"display_name": "reins"},
        "slash_commands": [{"command": "/agent", "description": "Talk to an agent"}],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "app_mentions:read",
                "channels:history",
                "channels:join",
                "channels:read",
                "chat:write",
                "commands",
                "files:read",
                "files:write",
                "groups:history",
                "groups:read",
                "im:history",
                "im:read",
                "im:write",
                "reactions:read",
                "reactions:write",
                "team:read",
                "usergroups:read",
                "users:read",
            ]
        }
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {
            "bot_events": [
                "app_home_opened",
                "app_mention",
                "app_uninstalled",
                "channel_archive",
                "channel_left",
                "member_joined_channel",
                "message.channels",
                "message.groups",
                "message.im",
                "reaction_added",
                "reaction_removed",
                "tokens_revoked",
            ]
        },
    },
}


def manifest(*, without_scopes: tuple[str, ...] = (), without_events: tuple[str, ...] = ()) -> dict[str, Any]:
    changed = copy.deepcopy(MANIFEST)
    scopes = changed["oauth_config"]["scopes"]
    scopes["bot"] = [scope for scope in scopes["bot"] if scope not in without_scopes]
    subscriptions = changed["settings"]["event_subscriptions"]
    subscriptions["bot_events"] = [event for event in subscriptions["bot_events"] if event not in without_events]
    return changed


def web_client(slack: LocalSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


class Heard:
    """Every request Bolt was given, as (kind, body, retry number or None), and a way to wait for them."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, Any], str | None]] = []
        self._arrived = asyncio.Condition()

    async def add(self, body: dict[str, Any], headers: dict[str, Any]) -> None:
        event = body.get("event") or {}
        kind = event.get("subtype") or event.get("type") or body.get("type") or body.get("command") or ""
        retry = headers.get("x-slack-retry-num")
        async with self._arrived:
            self.requests.append((kind, body, retry[0] if retry else None))
            self._arrived.notify_all()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [body for heard, body, _ in self.requests if heard == kind]

    async def wait(self, kind: str, count: int = 1, timeout: float = 10.0) -> list[dict[str, Any]]:
        async with asyncio.timeout(timeout), self._arrived:
            await self._arrived.wait_for(lambda: len(self.of(kind)) >= count)
        return self.of(kind)


@asynccontextmanager
async def bolt(
    slack: LocalSlack, *, ping_interval: float = 0.2, acknowledge: bool = True
) -> AsyncIterator[tuple[AsyncApp, Heard, AsyncSocketModeHandler]]:
    """A connected Bolt app that records and acknowledges everything; listeners of the test's own may be added.

    With ``acknowledge`` False its middleware ends every request without an acknowledgement.
    """
    heard = Heard()
    app = AsyncApp(client=web_client(slack), ignoring_self_events_enabled=False)

    @app.middleware
    async def listen(req: Any, next: Any) -> Any:
        await heard.add(req.body, req.headers)
        if acknowledge:
            return await next()
        return None

    @app.event({"type": "message"})
    async def on_message() -> None: ...

    @app.event({"type": "message", "subtype": "message_changed"})
    async def on_change() -> None: ...

    for name in MANIFEST["settings"]["event_subscriptions"]["bot_events"]:
        if not name.startswith("message."):

            @app.event(name)
            async def on_event() -> None: ...

    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=ping_interval)
    before = slack.sockets
    await handler.connect_async()
    try:
        await slack.wait_for(lambda s: s.sockets > before, 5)
        yield app, heard, handler
    finally:
        await handler.close_async()
        await handler.client.aiohttp_client_session.close()
