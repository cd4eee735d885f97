"""Replies only one person sees. At most once, carrying no state: a lost one loses nothing."""

from __future__ import annotations

import asyncio

import structlog

from bot.slack.delivery.paced import PacedSender
from bot.slack.delivery.sender import SendFailed
from storage.inbox import ThreadKey

_log = structlog.get_logger(__name__)
_WAITING = 1000


class PrivateReplies:
    def __init__(self, sender: PacedSender) -> None:
        self._sender = sender
        self._queue: asyncio.Queue[tuple[ThreadKey, str, str]] = asyncio.Queue(_WAITING)

    def tell(self, thread: ThreadKey, user_id: str, text: str) -> None:
        """``text`` is ours, in `mrkdwn`. Dropped, and logged, when a thousand are waiting already."""
        try:
            self._queue.put_nowait((thread, user_id, text))
        except asyncio.QueueFull:
            _log.warning("private_reply.dropped", channel_id=thread.channel_id)

    async def run(self) -> None:
        """Run for as long as the service does."""
        while True:
            thread, user_id, text = await self._queue.get()
            try:
                await self._sender.write(
                    "chat.postEphemeral",
                    thread.channel_id,
                    "final",
                    None,
                    user=user_id,
                    thread_ts=thread.thread_ts,
                    text=text,
                )
            except SendFailed as error:
                _log.warning("private_reply.failed", error=str(error))
