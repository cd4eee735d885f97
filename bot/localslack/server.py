"""The HTTP side: routes, the check that only this machine talks to it, file bytes, and response addresses."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.hooks import Hooks
from bot.localslack.page import Page
from bot.localslack.sockets import SocketMode
from bot.localslack.state import State
from bot.localslack.tokens import Tokens
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.dispatch import WebApi, bearer

MAX_REQUEST_BYTES = 64 << 20
# A connection accepted in the same turn of the loop in which its server is closed is forgotten, open, by asyncio of
# Python 3.11. So nothing more is accepted first, and what was accepted gets these turns to become the runner's.
_ACCEPT_STEPS = 4
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Server:
    """Listens on 127.0.0.1 only. ``port`` 0 lets the system choose; `start` returns the one in use."""

    def __init__(
        self, state: State, tokens: Tokens, api: WebApi, socket_mode: SocketMode, hooks: Hooks, page: Page
    ) -> None:
        self._state = state
        self._tokens = tokens
        self._hooks = hooks
        self._socket_mode = socket_mode
        self._page = page
        self._app = web.Application(client_max_size=MAX_REQUEST_BYTES, middlewares=[only_from_this_machine])
        self._app.add_routes(
            [
                web.route("*", "/api/{method}", api.handle),
                web.get("/link/", socket_mode.connect),
                web.post("/upload/{file_id}", self._upload),
                web.get("/files-pri/{team_file}/{name}", self._download),
                web.get("/files-pri/{team_file}/download/{name}", self._download),
                web.post("/hooks/{response_id}", self._respond),
                *page.routes(),
            ]
        )
        self._listening: socket.socket | None = None
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=1.0)

    async def start(self, port: int) -> int:
        await self._runner.setup()
        self._listening = socket.create_server(("127.0.0.1", port))
        await web.SockSite(self._runner, self._listening).start()
        return int(self._listening.getsockname()[1])

    async def stop(self) -> None:
        if self._listening is not None:
            asyncio.get_running_loop().remove_reader(self._listening)
        for _ in range(_ACCEPT_STEPS):
            await asyncio.sleep(0)
        self._socket_mode.stop()
        await self._page.stop()
        await self._runner.cleanup()

    async def _upload(self, request: web.Request) -> web.Response:
        """Takes the announced number of bytes, once: raw, or a form with one file."""
        file = self._state.files.get(request.match_info["file_id"])
        if file is None or file.content is not None:
            return web.Response(status=404, text="this upload address is unknown or was used")
        if request.content_type == "multipart/form-data":
            parts = [part for part in (await request.post()).values() if isinstance(part, web.FileField)]
            content = parts[0].file.read() if parts else b""
        else:
            content = await request.read()
        if len(content) != file.expected_bytes:
            return web.Response(status=400, text=f"{len(content)} bytes came, {file.expected_bytes} were announced")
        file.content = content
        self._state.changes.publish(Change("file"))
        return web.Response(text=f"OK - {len(content)}")

    async def _download(self, request: web.Request) -> web.Response:
        """A file's bytes. Without a good token Slack answers 200 with its sign-in page, and so does this."""
        file = self._state.files.get(request.match_info["team_file"].partition("-")[2])
        allowed = bearer(request) == self._tokens.bot and "files:read" in self._state.manifest.scopes
        if not allowed or self._state.revoked:
            page = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in</body></html>"
            return web.Response(text=page, content_type="text/html")
        visible = file is not None and any(
            self._state.bot.id in self._state.channels[where].members for where in file.channels
        )
        if file is None or file.content is None or not (visible or file.user == self._state.bot.id):
            return web.Response(status=404, text="file_not_found")
        return web.Response(body=file.content, content_type=file.mimetype)

    async def _respond(self, request: web.Request) -> web.Response:
        try:
            given: Any = json.loads(await request.read())
            if not isinstance(given, dict):
                raise ApiError("invalid_payload", status=400)
            self._hooks.respond(request.match_info["response_id"], Args(given))
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except ApiError as error:
            return web.json_response(error.body(), status=error.status)
        return web.json_response({"ok": True})


@web.middleware
async def only_from_this_machine(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page on the web can make a browser here send requests; it cannot make it name this host (DNS rebinding)."""
    for name in ("Host", "Origin"):
        value = request.headers.get(name)
        host = urlsplit(value if value and "//" in value else f"//{value}").hostname
        if value is not None and host not in _LOOPBACK:
            return web.Response(
                status=403, text=f"the local Slack answers only to this machine, not to {name}: {value}"
            )
    return await handler(request)
