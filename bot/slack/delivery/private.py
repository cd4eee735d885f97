"""Replies only one person sees. At most once, carrying no state: a lost one loses nothing."""

from __future__ import annotations

import asyncio

import structlog

from bot.slack.delivery.paced import PacedSender
from bot.slack.delivery.sender import SendFailed
from bot.slack.render import escape

_log = structlog.get_logger(__name__)
_WAITING = 1000


class PrivateReplies:
    def __init__(self, sender: PacedSender) -> None:
        self._sender = sender
        self._queue: asyncio.Queue[tuple[str, str | None, str, str]] = asyncio.Queue(_WAITING)

    def tell(self, channel_id: str, thread_ts: str | None, user_id: str, text: str) -> None:
        """``text`` is plain: it is escaped here. Dropped, and logged, when a thousand are waiting already."""
        try:
            self._queue.put_nowait((channel_id, thread_ts, user_id, text))
        except asyncio.QueueFull:
            _log.warning("private_reply.dropped", channel_id=channel_id)

    async def run(self) -> None:
        """Run for as long as the service does."""
        while True:
            channel_id, thread_ts, user_id, text = await self._queue.get()
            place = {} if thread_ts is None else {"thread_ts": thread_ts}
            try:
                await self._sender.write(
                    "chat.postEphemeral", channel_id, "final", None, user=user_id, text=escape.mrkdwn(text), **place
                )
            except SendFailed as error:
                _log.warning("private_reply.failed", error=str(error))
