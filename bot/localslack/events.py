"""Which events a change makes, and whether this app hears them.

The app hears an event when its manifest subscribes to it and, for what happens in a conversation, when its bot is a
member there. Sources: https://docs.slack.dev/reference/events/message and the page of each event named below.
"""

from __future__ import annotations

from typing import Any

from bot.localslack import payloads
from bot.localslack.deliveries import Deliveries
from bot.localslack.messages import Message
from bot.localslack.state import Channel, State, User

_MESSAGE_EVENTS = {"channel": "message.channels", "group": "message.groups", "im": "message.im", "mpim": "message.mpim"}


class Events:
    def __init__(self, state: State, deliveries: Deliveries) -> None:
        self._state = state
        self._deliveries = deliveries
        self._subscribed = state.manifest.bot_events
        self._mention = (f"<@{state.bot.id}>", f"<@{state.bot.id}|")

    # messages

    def posted(self, post: Message) -> None:
        """`message`, and `app_mention` as well when the text mentions the bot outside a DM."""
        where = self._state.channels[post.channel_id]
        if not self._hears(where):
            return
        body = self._with_origin(payloads.message(self._state, post), post, where)
        self._message_event(where, body | {"channel_type": where.kind}, post.ts)
        if self._is_mention(where, post.text):
            self._mention_event(where, body, post.ts)

    def changed(self, before: Message, after: Message) -> None:
        """`message_changed`; an edit of a message that mentions the bot sends `app_mention` again, with `edited`."""
        where = self._state.channels[after.channel_id]
        if not self._hears(where):
            return
        now = payloads.message(self._state, after)
        ts = self._state.next_ts()
        body = {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": now,
            "previous_message": payloads.message(self._state, before),
            "channel": where.id,
            "ts": ts,
            "event_ts": ts,
            "channel_type": where.kind,
        }
        self._message_event(where, body, after.ts)
        if after.text != before.text and not after.deleted and self._is_mention(where, after.text):
            self._mention_event(where, self._with_origin(now, after, where) | {"event_ts": ts}, after.ts)

    def deleted(self, before: Message, tombstone: Message | None) -> None:
        """`message_deleted`. A root with replies stays as a tombstone, which Slack tells as `message_changed`."""
        if tombstone is not None:
            self.changed(before, tombstone)
            return
        where = self._state.channels[before.channel_id]
        if not self._hears(where):
            return
        ts = self._state.next_ts()
        body = {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": before.ts,
            "previous_message": payloads.message(self._state, before),
            "channel": where.id,
            "ts": ts,
            "event_ts": ts,
            "channel_type": where.kind,
        }
        self._message_event(where, body, before.ts)

    def reaction(self, kind: str, user_id: str, name: str, post: Message) -> None:
        """`reaction_added` or `reaction_removed`."""
        where = self._state.channels[post.channel_id]
        body = {
            "type": kind,
            "user": user_id,
            "reaction": name,
            "item_user": post.user,
            "item": {"type": "message", "channel": post.channel_id, "ts": post.ts},
            "event_ts": self._state.next_ts(),
        }
        if self._hears(where):
            self._emit(kind, body, post.ts, where)

    # membership and the app itself

    def joined(self, where: Channel, who: User, inviter: str | None) -> None:
        body = self._membership("member_joined_channel", where, who)
        if inviter is not None:
            body["inviter"] = inviter
        if self._hears(where):
            self._emit("member_joined_channel", body, body["event_ts"], where)

    def left(self, where: Channel, who: User, actor: str) -> None:
        """The bot itself hears `channel_left` or `group_left`: it can no longer hear what happens inside."""
        if who.id == self._state.bot.id:
            kind = "channel_left" if where.kind == "channel" else "group_left"
            ts = self._state.next_ts()
            self._emit(kind, {"type": kind, "channel": where.id, "actor_id": actor, "event_ts": ts}, ts, where)
        elif self._hears(where):
            body = self._membership("member_left_channel", where, who)
            self._emit("member_left_channel", body, body["event_ts"], where)

    def archived(self, where: Channel, actor: str) -> None:
        kind = ("channel" if where.kind == "channel" else "group") + ("_archive" if where.is_archived else "_unarchive")
        ts = self._state.next_ts()
        if self._hears(where):
            body = {"type": kind, "channel": where.id, "user": actor, "is_moved": 0, "event_ts": ts}
            self._emit(kind, body, ts, where)

    def home_opened(self, user_id: str, where: Channel, tab: str) -> None:
        ts = self._state.next_ts()
        body: dict[str, Any] = {
            "type": "app_home_opened",
            "user": user_id,
            "channel": where.id,
            "tab": tab,
            "event_ts": ts,
        }
        home = self._state.homes.get(user_id)
        if tab == "home" and home is not None:
            body["view"] = payloads.view(self._state, home)
        self._emit("app_home_opened", body, ts, where)

    def user_changed(self, who: User) -> None:
        ts = self._state.next_ts()
        body = {"type": "user_change", "user": payloads.user(self._state, who), "cache_ts": 0, "event_ts": ts}
        self._emit("user_change", body, ts, None)

    def revoked(self) -> None:
        """The app is uninstalled: both events, in the order Slack usually sends them (it promises none)."""
        ts = self._state.next_ts()
        tokens = {"oauth": [], "bot": [self._state.bot.id]}
        self._emit("tokens_revoked", {"type": "tokens_revoked", "tokens": tokens, "event_ts": ts}, ts, None)
        self._emit("app_uninstalled", {"type": "app_uninstalled", "event_ts": ts}, ts, None)

    # inside

    def _hears(self, where: Channel) -> bool:
        return self._state.bot.id in where.members

    def _is_mention(self, where: Channel, text: str) -> bool:
        return where.kind != "im" and any(mark in text for mark in self._mention)

    def _membership(self, kind: str, where: Channel, who: User) -> dict[str, Any]:
        return {
            "type": kind,
            "user": who.id,
            "channel": where.id,
            "channel_type": where.id[0],
            "team": who.team_id,
            "event_ts": self._state.next_ts(),
        }

    def _with_origin(self, body: dict[str, Any], post: Message, where: Channel) -> dict[str, Any]:
        body |= {"channel": where.id, "event_ts": post.ts}
        author = self._state.users[post.user]
        if author.team_id != self._state.team_id:
            body |= {"user_team": author.team_id, "source_team": author.team_id}
        return body

    def _message_event(self, where: Channel, body: dict[str, Any], ts: str) -> None:
        self._emit(_MESSAGE_EVENTS[where.kind], body, ts, where)

    def _mention_event(self, where: Channel, body: dict[str, Any], ts: str) -> None:
        self._emit("app_mention", body | {"type": "app_mention"}, ts, where)

    def _emit(self, name: str, event: dict[str, Any], ts: str, where: Channel | None) -> None:
        if name not in self._subscribed:
            return
        event_id = self._state.new_id("Ev")
        shared = where is not None and payloads.is_shared(self._state, where)
        self._deliveries.event(event_id, ts, payloads.event_callback(self._state, event, event_id, shared))
