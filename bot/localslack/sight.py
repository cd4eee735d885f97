"""What a person, or a test for them, can see."""

from __future__ import annotations

from bot.localslack.calls import CallLog
from bot.localslack.changes import Changes
from bot.localslack.deliveries import Deliveries
from bot.localslack.messages import Message
from bot.localslack.state import File, State, View
from bot.localslack.transcript import transcript


class Sight:
    """Reading the team. Nothing here changes anything."""

    state: State
    _log: CallLog
    _deliveries: Deliveries

    @property
    def changes(self) -> Changes:
        """Subscribe here to be told of every change (the page does)."""
        return self.state.changes

    def messages(self, channel_id: str, thread_ts: str | None = None) -> list[Message]:
        """A channel's messages, or one thread's with its root first, oldest first. Ephemeral messages (see
        ``ephemeral_to``) and deleted ones (``deleted``) are included."""
        where = self.state.channel(channel_id)
        if thread_ts is None:
            posts = list(where.messages.values())
            return sorted((*posts, *where.ephemerals.values()), key=_ts) if where.ephemerals else posts
        posts = list(self.state.thread(where, thread_ts)) if thread_ts in where.messages else []
        ephemerals = [post for post in where.ephemerals.values() if post.thread_ts == thread_ts]
        return sorted((*posts, *ephemerals), key=_ts) if ephemerals else posts

    def message(self, channel_id: str, ts: str) -> Message:
        """One message as it is now. Raises KeyError when there never was one."""
        where = self.state.channel(channel_id)
        return where.messages[ts] if ts in where.messages else where.ephemerals[ts]

    def acknowledged(self, ts: str) -> bool:
        """Whether the app acknowledged any delivery of any event about this message."""
        return self._deliveries.acknowledged(ts)

    def file(self, file_id: str) -> File:
        return self.state.files[file_id]

    def open_views(self, user_id: str) -> list[View]:
        """The person's modals, the one in front last."""
        return [self.state.views[view_id] for view_id in self.state.modals.get(user_id, ())]

    def home(self, user_id: str) -> View | None:
        return self.state.homes.get(user_id)

    def status(self, channel_id: str, thread_ts: str) -> str:
        """The "is thinking…" line of a thread, "" when there is none (any more)."""
        status, until = self.state.statuses.get((channel_id, thread_ts), ("", 0.0))
        return status if self.state.clock() < until else ""

    def dump(self) -> str:
        """Every thread in words."""
        return transcript(self.state, self._log.calls, len(self._deliveries.unacked))


def _ts(post: Message) -> str:
    return post.ts
