"""What one person sees, live, over one WebSocket: first everything, then whatever changed.

Frames are JSON objects. ``state`` replaces all that was known. The others replace a part: ``messages`` (by channel and
ts; ``gone`` lists those no longer seen), ``statuses``, ``views``, ``home``, ``app``; ``notice`` is a sentence to show.
Changes that come while a frame is on its way are sent together, each message once.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.localslack.changes import Change
from bot.localslack.page import sightings

if TYPE_CHECKING:
    from bot.localslack.local import LocalSlack

Json = dict[str, Any]
_SEND_S = 10.0
_PERSONAL = ("view", "home", "notice")
_UNSEEN = ("call", "ack", "file")


class Feed:
    def __init__(self, slack: LocalSlack, user_id: str, socket: web.WebSocketResponse) -> None:
        self._slack = slack
        self._user_id = user_id
        self._socket = socket
        self._changed: dict[Change, None] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Until the browser goes away, or does not take a frame for 10 seconds."""
        forget = self._slack.changes.subscribe(self._note)
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(self._write(), name="page feed")
                async for _ in self._socket:
                    """The browser says nothing here: its gestures come as requests."""
                writing.cancel()
        finally:
            forget()

    def _note(self, change: Change) -> None:
        if change.kind in _UNSEEN or (change.kind in _PERSONAL and change.user_id != self._user_id):
            return
        self._changed[change] = None
        self._wake.set()

    async def _write(self) -> None:
        try:
            await self._send({"state": sightings.everything(self._slack, self._user_id)})
            while True:
                await self._wake.wait()
                self._wake.clear()
                changes, self._changed = tuple(self._changed), {}
                await self._send(self._frame(changes))
        except (ConnectionError, TimeoutError):
            await self._socket.close()

    async def _send(self, frame: Json) -> None:
        async with asyncio.timeout(_SEND_S):
            await self._socket.send_json(frame)

    def _frame(self, changes: tuple[Change, ...]) -> Json:
        kinds = {change.kind for change in changes}
        if kinds & {"user", "channel"}:
            return {"state": sightings.everything(self._slack, self._user_id)}
        frame = self._messages(changes)
        if kinds & {"status", "message"}:
            frame["statuses"] = sightings.statuses(self._slack)
        if "view" in kinds:
            frame["views"] = sightings.views(self._slack, self._user_id)
        if "home" in kinds:
            frame["home"] = sightings.home(self._slack, self._user_id)
        if "socket" in kinds:
            frame["app"] = sightings.app(self._slack)
        if "notice" in kinds:
            frame["notice"] = next(n.text for n in reversed(self._slack.notices) if n.user_id == self._user_id)
        return frame

    def _messages(self, changes: tuple[Change, ...]) -> Json:
        shown: list[Json] = []
        gone: list[Json] = []
        state = self._slack.state
        for change in changes:
            if change.kind != "message" or change.user_id not in ("", self._user_id):
                continue
            where = state.channels[change.channel_id]
            if self._user_id not in where.members:
                continue
            post = where.messages.get(change.ts) or where.ephemerals.get(change.ts)
            if post is None:
                gone.append({"channel": change.channel_id, "ts": change.ts})
            else:
                shown.append(sightings.message(state, post, self._user_id))
        return {"messages": shown, "gone": gone}
