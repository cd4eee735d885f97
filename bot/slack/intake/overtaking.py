"""Replies that reached us before the mention that made their thread ours.

Slack does not deliver in order: a reply without a mention can arrive first, is none of our business then, and is
acknowledged. When its thread gets a session, what people wrote since the mention is read back from Slack. That costs a
call, so it is done only where a reply was left aside in this run, or where the mention is older than this run: nothing
is remembered of earlier ones.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from bot.core.gesture import Gesture, Message
from bot.engine.outlet import BacklogUnknown
from bot.redaction import Redactor
from bot.slack.delivery.paced import PacedSender
from bot.slack.delivery.sender import Gone, RateLimited, Refused, Uncertain
from bot.slack.intake.parse import parse
from bot.slack.intake.row import row_of
from storage.inbox import NewGesture, ThreadKey

MOST_REPLIES = 200
_THREADS = 10_000


class Overtaking:
    """``started_at``: when this run began, in seconds since the epoch; compared with Slack's ``ts``."""

    def __init__(self, sender: PacedSender, redactor: Redactor, bot_user_id: str, started_at: float) -> None:
        self._sender = sender
        self._redactor = redactor
        self._bot_user_id = bot_user_id
        self._started_at = started_at
        self._left_aside: OrderedDict[ThreadKey, None] = OrderedDict()

    def leave_aside(self, reply: Message) -> None:
        """A reply is being acknowledged that belongs to no thread of ours. The latest 10,000 threads are remembered."""
        self._left_aside[ThreadKey(reply.team_id, reply.channel_id, reply.thread)] = None
        if len(self._left_aside) > _THREADS:
            self._left_aside.popitem(last=False)

    async def replies_since(self, thread: ThreadKey, ts: str) -> list[NewGesture]:
        """What people wrote in the thread after ``ts``, the oldest `MOST_REPLIES` of it; nothing where nothing can have
        been left aside, or where Slack lets us read nothing. Raises `BacklogUnknown` when Slack does not answer now."""
        if thread not in self._left_aside and float(ts) > self._started_at:
            return []
        where = {"ts": thread.thread_ts, "oldest": ts, "limit": MOST_REPLIES}
        try:
            answer = await self._sender.read("conversations.replies", thread.channel_id, "final", **where)
        except (Refused, Gone):
            return []
        except (RateLimited, Uncertain) as error:
            raise BacklogUnknown(f"what was written after a mention could not be read: {error}") from error
        said = [self._parse(thread, post) for post in answer["messages"]]
        replies = [reply for reply in said if isinstance(reply, Message) and reply.ts > ts]
        return [row_of(reply, thread, self._redactor) for reply in replies]

    def _parse(self, thread: ThreadKey, post: dict[str, Any]) -> Gesture | None:
        event = {**post, "channel": thread.channel_id}
        envelope = {"type": "event_callback", "team_id": thread.team_id, "event_id": None, "event": event}
        return parse(envelope, self._bot_user_id)
