"""The ports of the engine: saying that something changed, asking who somebody is, and reading what was left aside.

Slack's side implements them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.core.gesture import SlackFile
from bot.core.standing import Standing
from storage.inbox import NewGesture, ThreadKey


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in Slack, as they are now. ``name`` is what they call themselves: data."""

    standing: Standing
    name: str


class PersonUnknown(Exception):
    """It could not be found out now who somebody is. What they did stays in the inbox until it can be."""


class People(Protocol):
    def known(self, team_id: str, user_id: str) -> Person | None:
        """Who that is, if it was looked up lately. Never blocks."""

    async def look_up(self, team_id: str, user_id: str) -> Person:
        """Raises `PersonUnknown`."""


class BacklogUnknown(Exception):
    """It could not be read now what was written after a mention. The mention stays in the inbox until it can be."""


class Backlog(Protocol):
    async def replies_since(self, thread: ThreadKey, ts: str) -> list[NewGesture]:
        """What people wrote in a thread after its mention at ``ts``, where some of it may have been left aside because
        the thread did not concern us yet. Raises `BacklogUnknown`."""


class FileNotTaken(Exception):
    """A file was left out; the message is the reason, as the thread shows it."""


class Files(Protocol):
    async def fetch(self, file: SlackFile, most_bytes: int) -> bytes:
        """What a file attached to a message holds. Raises `FileNotTaken`."""


class Outlet(Protocol):
    def turn_changed(self, thread: ThreadKey, turn_id: str) -> None:
        """Events of this turn were committed. Never blocks; losing it costs freshness only, never content."""

    def tell_privately(self, channel_id: str, thread_ts: str | None, user_id: str, text: str) -> None:
        """One sentence only this person sees: at most once, carrying no state. Never blocks.

        ``thread_ts`` None puts it into the channel: Slack shows it in a thread only once that has a reply.
        """
