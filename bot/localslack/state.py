"""Everything the team consists of: people, channels, messages, files, views. No I/O and no rules of the API.

Lookups on the path of an event are by id; the only scans are those a person or a paginated method asks for.
"""

from __future__ import annotations

import itertools
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.localslack.changes import Change, Changes
from bot.localslack.errors import GestureError
from bot.localslack.manifest import Manifest
from bot.localslack.messages import Message

ChannelKind = Literal["channel", "group", "im", "mpim"]


@dataclass(slots=True)
class User:
    id: str
    name: str
    team_id: str
    real_name: str
    email: str
    tz: str = "Etc/UTC"
    is_bot: bool = False
    bot_id: str | None = None
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    deleted: bool = False


@dataclass(slots=True)
class Channel:
    """``threads`` maps a root's ts to the ts of its replies, oldest first. ``messages`` is in posting order."""

    id: str
    name: str
    kind: ChannelKind
    members: set[str]
    is_archived: bool = False
    created: int = 0
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    ephemerals: dict[str, Message] = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """``completed`` once `files.completeUploadExternal` (or a person) shared it; before that nobody can see it."""

    id: str
    name: str
    user: str
    expected_bytes: int
    title: str = ""
    mimetype: str = "application/octet-stream"
    content: bytes | None = None
    completed: bool = False
    created: int = 0
    channels: list[str] = field(default_factory=list)


@dataclass(slots=True)
class View:
    """A modal or a Home tab as it stands. ``errors`` maps a block_id to what the app said is wrong with it."""

    id: str
    user_id: str
    kind: Literal["modal", "home"]
    content: dict[str, Any]
    hash: str
    root_id: str
    previous_id: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    selections: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


class State:
    """The one team. ``clock`` is seconds since the epoch; every expiry and every ``ts`` comes from it."""

    def __init__(self, manifest: Manifest, team_id: str, clock: Callable[[], float] = time.time) -> None:
        self.manifest = manifest
        self.team_id = team_id
        self.team_domain = "local"
        self.clock = clock
        self.changes = Changes()
        self.app_id = "A0LOCAL"
        self.base_url = ""
        self.users: dict[str, User] = {}
        self.strangers: set[str] = set()
        self.channels: dict[str, Channel] = {}
        self._direct: dict[str, Channel] = {}
        self.usergroups: dict[str, tuple[str, tuple[str, ...]]] = {}
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.statuses: OrderedDict[tuple[str, str], tuple[str, float]] = OrderedDict()
        self.revoked = False
        self._counter = itertools.count(1)
        self.run = secrets.token_hex(4).upper()
        self._last_ts = 0
        self.bot = self.add_user(manifest.bot_name, is_bot=True)

    # ids and times

    def new_id(self, prefix: str) -> str:
        """Unlike any id of an earlier run: an app that outlives this Slack must not take a new event for an old one."""
        return f"{prefix}{self.run}{next(self._counter):06d}"

    def next_ts(self) -> str:
        """Unique and increasing in the team, in Slack's form "1732160000.000100" (seconds, then microseconds)."""
        self._last_ts = max(self._last_ts + 1, int(self.clock() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # people and channels

    def add_user(
        self,
        name: str,
        *,
        team_id: str | None = None,
        real_name: str | None = None,
        tz: str = "Etc/UTC",
        is_bot: bool = False,
        is_restricted: bool = False,
        is_ultra_restricted: bool = False,
        is_stranger: bool = False,
        is_admin: bool = False,
    ) -> User:
        number = len(self.users) + 1
        user = User(
            id=f"U0LOCAL{number:03d}",
            name=name,
            team_id=team_id or ("T0ELSEWHERE" if is_stranger else self.team_id),
            real_name=real_name or name.title(),
            email=f"{name.lower().replace(' ', '.')}@local.test",
            tz=tz,
            is_bot=is_bot,
            bot_id=f"B0LOCAL{number:03d}" if is_bot else None,
            is_restricted=is_restricted,
            is_ultra_restricted=is_ultra_restricted,
            is_stranger=is_stranger or (team_id is not None and team_id != self.team_id),
            is_admin=is_admin,
        )
        self.users[user.id] = user
        if user.team_id != self.team_id:
            self.strangers.add(user.id)
        self.changes.publish(Change("user", user_id=user.id))
        return user

    def add_channel(self, name: str, kind: ChannelKind, members: Iterable[str]) -> Channel:
        number = len(self.channels) + 1
        prefix = {"channel": "C", "group": "C", "im": "D", "mpim": "G"}[kind]
        channel = Channel(f"{prefix}0LOCAL{number:03d}", name, kind, set(members), created=int(self.clock()))
        unknown = channel.members - self.users.keys()
        if unknown:
            raise GestureError(f"nobody here has the id {sorted(unknown)}: add_user first")
        self.channels[channel.id] = channel
        self.changes.publish(Change("channel", channel.id))
        return channel

    def direct_message(self, user_id: str) -> Channel:
        """The DM between the bot and one person, made on first use."""
        if user_id not in self._direct:
            self._direct[user_id] = self.add_channel(user_id, "im", (user_id, self.bot.id))
        return self._direct[user_id]

    def channel(self, channel_id: str) -> Channel:
        if channel_id not in self.channels:
            raise GestureError(f"there is no channel {channel_id!r}; known: {sorted(self.channels)}")
        return self.channels[channel_id]

    def user(self, user_id: str) -> User:
        if user_id not in self.users:
            raise GestureError(f"there is no user {user_id!r}; known: {sorted(self.users)}")
        return self.users[user_id]

    # messages

    def put(self, message: Message) -> None:
        """Store a new message, or the next version of one."""
        channel = self.channels[message.channel_id]
        if message.ephemeral_to is not None:
            channel.ephemerals[message.ts] = message
        else:
            if message.ts not in channel.messages and message.is_reply and message.thread_ts:
                channel.threads.setdefault(message.thread_ts, []).append(message.ts)
            channel.messages[message.ts] = message
        self.changes.publish(Change("message", message.channel_id, message.ts, message.ephemeral_to or ""))

    def forget(self, message: Message) -> None:
        """Remove an ephemeral message: its person no longer sees it."""
        del self.channels[message.channel_id].ephemerals[message.ts]
        self.changes.publish(Change("message", message.channel_id, message.ts, message.ephemeral_to or ""))

    def thread(self, channel: Channel, root_ts: str) -> Iterator[Message]:
        """The root, then its replies, oldest first; deleted ones included."""
        yield channel.messages[root_ts]
        for ts in channel.threads.get(root_ts, ()):
            yield channel.messages[ts]

    # views

    def open_modal(self, view: View) -> None:
        self.views[view.id] = view
        self.modals.setdefault(view.user_id, []).append(view.id)
        self.changes.publish(Change("view", user_id=view.user_id))

    def close_modals(self, user_id: str, *, keep: int = 0) -> None:
        """Close a person's modals from the top until ``keep`` are left."""
        stack = self.modals.get(user_id, [])
        while len(stack) > keep:
            del self.views[stack.pop()]
        self.changes.publish(Change("view", user_id=user_id))
