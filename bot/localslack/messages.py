"""One message as the team sees it. A change is a new value, so that what a test or the page holds stays as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """``user`` is always the author's id, bots included. Times are Slack's ``ts`` strings.

    ``edited`` is the time of the last edit, ``ephemeral_to`` the one person who sees an ephemeral message,
    ``reactions`` maps an emoji's name to who reacted. ``unfurls`` says whether Slack was left free to fetch links.
    ``deleted``: the text is gone; a root with replies stays as a tombstone, as in Slack.
    """

    ts: str
    channel_id: str
    user: str
    text: str = ""
    blocks: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    client_msg_id: str | None = None
    files: tuple[str, ...] = ()
    reactions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    edited: str | None = None
    ephemeral_to: str | None = None
    deleted: bool = False
    unfurls: bool = False

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts
