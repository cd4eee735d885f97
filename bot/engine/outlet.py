"""The ports of the engine: saying that something changed, and asking who somebody is. Slack's side implements them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.thread import Standing
from storage.inbox import ThreadKey


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, as they are now. ``name`` is what they call themselves: data."""

    standing: Standing
    name: str


class PersonUnknown(Exception):
    """It could not be found out now who somebody is. What they did stays in the inbox until it can be."""


class People(Protocol):
    async def look_up(self, team_id: str, user_id: str) -> Person:
        """Raises `PersonUnknown`."""


class Outlet(Protocol):
    def turn_changed(self, thread: ThreadKey, turn_id: str) -> None:
        """Events of this turn were committed. Never blocks; losing it costs freshness only, never content."""

    def tell_privately(self, channel_id: str, thread_ts: str | None, user_id: str, text: str) -> None:
        """One sentence only this person sees: at most once, carrying no state. Never blocks.

        ``thread_ts`` None puts it into the channel: Slack shows it in a thread only once that has a reply.
        """
