"""The page's addresses. All of them are behind the gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import WSCloseCode, web
from pydantic import ValidationError

from bot.localslack.errors import LocalSlackError
from bot.localslack.page import gestures, sightings
from bot.localslack.page.feed import Feed
from bot.localslack.page.gate import Gate

if TYPE_CHECKING:
    from bot.localslack.local import LocalSlack

_STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_HEARTBEAT_S = 30.0


class Page:
    """The browser's side of a local Slack."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack
        self._gate = Gate()
        self._sockets: set[web.WebSocketResponse] = set()
        self._static = {path.name: path for path in _STATIC.iterdir() if path.suffix in _TYPES}

    @property
    def address(self) -> str:
        """What a person opens. It carries the key to the page: whoever has it can act as anyone here."""
        return self._gate.address(self._slack.state.base_url)

    def routes(self) -> list[web.RouteDef]:
        guard = self._gate.guard
        return [
            web.get("/", self._front),
            web.get("/_ui/static/{name}", guard(self._file_of_the_page)),
            web.get("/_ui/state", guard(self._state)),
            web.get("/_ui/files/{file_id}", guard(self._file)),
            web.post("/_ui/do", guard(self._do, needs_origin=True)),
            web.get("/_ui/ws", guard(self._live, needs_origin=True)),
        ]

    async def stop(self) -> None:
        """Let every browser go."""
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the local Slack ends")

    async def _front(self, request: web.Request) -> web.StreamResponse:
        return self._gate.admit(request) or await self._gate.guard(self._index)(request)

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_STATIC / "index.html", headers={"Content-Type": "text/html; charset=utf-8"})

    async def _file_of_the_page(self, request: web.Request) -> web.StreamResponse:
        path = self._static.get(request.match_info["name"])
        if path is None:
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Content-Type": f"{_TYPES[path.suffix]}; charset=utf-8"})

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(sightings.everything(self._slack, self._person(request)))

    async def _do(self, request: web.Request) -> web.Response:
        """A JSON body only: a form of another site cannot send one."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="a gesture is JSON, with Content-Type: application/json")
        try:
            done = await gestures.perform(self._slack, gestures.read(await request.read()))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return web.json_response({"ok": False, "error": f"not a gesture: {where}: {first['msg']}"}, status=400)
        except LocalSlackError as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)
        except KeyError as error:
            return web.json_response({"ok": False, "error": f"there is no message {error}"}, status=400)
        return web.json_response({"ok": True, **done})

    async def _live(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request)
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await Feed(self._slack, person, socket).run()
        finally:
            self._sockets.discard(socket)
        return socket

    async def _file(self, request: web.Request) -> web.Response:
        """Shown in the page if it is a plain image, else downloaded: what people and models upload never runs here."""
        file = self._slack.state.files.get(request.match_info["file_id"])
        if file is None or file.content is None or not file.completed:
            raise web.HTTPNotFound
        inline = file.mimetype in _INLINE and "download" not in request.query
        disposition = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(file.name, safe='')}"
        kind = file.mimetype if inline else "application/octet-stream"
        return web.Response(body=file.content, headers={"Content-Type": kind, "Content-Disposition": disposition})

    def _person(self, request: web.Request) -> str:
        """Who looks: the one asked for, else the first person there is."""
        people = [who.id for who in self._slack.state.users.values() if not who.is_bot and not who.deleted]
        asked = request.query.get("as", "")
        if asked in people:
            return asked
        if not people:
            raise web.HTTPNotFound(text="there is nobody to act as: add a person first\n")
        return people[0]
