"""The port through which the engine says that something changed. Slack's delivery implements it."""

from __future__ import annotations

from typing import Protocol

from storage.inbox import ThreadKey


class Outlet(Protocol):
    def turn_changed(self, thread: ThreadKey, turn_id: str) -> None:
        """Events of this turn were committed. Never blocks; losing it costs freshness only, never content."""

    def tell_privately(self, channel_id: str, thread_ts: str | None, user_id: str, text: str) -> None:
        """One sentence only this person sees: at most once, carrying no state. Never blocks.

        ``thread_ts`` None puts it into the channel: Slack shows it in a thread only once that has a reply.
        """
