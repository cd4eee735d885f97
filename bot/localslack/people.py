"""What people do: each gesture changes the team at once and queues what the app is told about it.

A gesture that Slack's own client would not offer raises GestureError.
"""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from bot.localslack import elements
from bot.localslack.changes import Change
from bot.localslack.errors import GestureError
from bot.localslack.events import Events
from bot.localslack.interactions import Interactions
from bot.localslack.messages import Message
from bot.localslack.posting import Posting
from bot.localslack.state import Channel, File, State, User, View


class People:
    """The gestures. Channels and people are named by id, messages by ts."""

    state: State
    _events: Events
    _posting: Posting
    _interactions: Interactions

    # messages

    async def say(
        self,
        user_id: str,
        channel_id: str,
        text: str,
        thread_ts: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> str:
        """Post a message; its ts. ``text`` is what Slack sends over the API (a mention is ``<@U…>``), ``files`` are
        (name, content). Sends `message`, and `app_mention` too when the bot is mentioned outside a DM."""
        who, where = self._present(user_id, channel_id)
        if thread_ts is not None:
            root = self._existing(where, thread_ts)
            thread_ts = root.thread_ts or root.ts
        post = Message(
            ts=self.state.next_ts(),
            channel_id=where.id,
            user=who.id,
            text=text,
            thread_ts=thread_ts,
            subtype="bot_message" if who.is_bot else ("file_share" if files else None),
            bot_id=who.bot_id,
            client_msg_id=None if who.is_bot else str(uuid.uuid4()),
            files=tuple(self._share(who, where, name, content) for name, content in files),
        )
        self._posting.post(post)
        return post.ts

    async def edit(self, user_id: str, channel_id: str, ts: str, text: str) -> str:
        """Change one's own message; the time of the edit (`edited.ts`)."""
        _, where = self._present(user_id, channel_id)
        before = self._own(where, ts, user_id)
        after = replace(before, text=text, edited=self._posting.edit_time(before))
        self._posting.change(before, after)
        return after.edited or ""

    async def delete(self, user_id: str, channel_id: str, ts: str) -> None:
        _, where = self._present(user_id, channel_id)
        self._posting.delete(self._own(where, ts, user_id))

    async def react(self, user_id: str, channel_id: str, ts: str, name: str) -> None:
        _, where = self._present(user_id, channel_id)
        if not self._posting.react(self._existing(where, ts), user_id, name):
            raise GestureError(f"{user_id} has already reacted with :{name}: to {ts}")

    async def unreact(self, user_id: str, channel_id: str, ts: str, name: str) -> None:
        _, where = self._present(user_id, channel_id)
        if not self._posting.unreact(self._existing(where, ts), user_id, name):
            raise GestureError(f"{user_id} has not reacted with :{name}: to {ts}")

    async def unfurl_edit(self, ts: str) -> None:
        """What Slack does to a message with a link: `message_changed` whose text is the same and which is no edit."""
        holding = [where for where in self.state.channels.values() if ts in where.messages]
        if not holding:
            raise GestureError(f"there is no message {ts}")
        before = self._existing(holding[0], ts)
        preview = {"from_url": "https://example.com", "title": "Example", "fallback": "Example", "id": 1}
        self._posting.change(before, replace(before, attachments=(preview,)))

    # controls

    async def click(
        self,
        user_id: str,
        channel_id: str,
        ts: str,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
    ) -> None:
        """Act on an element of a message as it is now. ``value``: which button or option of those with this id."""
        who, where = self._present(user_id, channel_id)
        self._require_interactivity()
        post = where.ephemerals.get(ts) or self._existing(where, ts)
        if post.ephemeral_to not in (None, user_id):
            raise GestureError(f"{user_id} does not see this message: only {post.ephemeral_to} does")
        found_in, element = elements.find(post.blocks, action_id, block_id, value)
        self._interactions.message_action(who, where, post, found_in, element, elements.chosen(element, value))

    async def command(self, user_id: str, channel_id: str, command: str, text: str = "") -> None:
        """Type a slash command into a channel's or a DM's composer (threads have none, as in Slack)."""
        who, where = self._present(user_id, channel_id)
        if command not in self.state.manifest.commands:
            raise GestureError(
                f"{command} is not a valid command: the manifest has {sorted(self.state.manifest.commands)}"
            )
        self._interactions.command(who, where, command, text)

    # modals and Home

    def modal(self, user_id: str) -> View:
        """The modal this person has in front of them."""
        stack = self.state.modals.get(user_id)
        if not stack:
            raise GestureError(f"{user_id} has no modal open")
        return self.state.views[stack[-1]]

    async def submit_view(self, user_id: str, values: Mapping[str, Any] | None = None) -> None:
        """Fill the modal in front and press submit. ``values`` maps a block_id to what was entered or chosen there.

        Raises GestureError when a required input is empty: Slack's client does not send it then.
        """
        who, view = self.state.user(user_id), self.modal(user_id)
        self._require_interactivity()
        blocks = {block["block_id"]: block for block in view.content.get("blocks", ())}
        for block_id, value in (values or {}).items():
            if block_id not in blocks:
                raise GestureError(f"this modal has no block {block_id!r}; there are: {sorted(blocks)}")
            for _, element in elements.interactive([blocks[block_id]]):
                selection = {"type": element["type"], **elements.chosen(element, value)}
                view.selections[(block_id, element["action_id"])] = selection
        for (block_id, _), selection in view.selections.items():
            required = blocks[block_id]["type"] == "input" and not blocks[block_id].get("optional", False)
            if required and elements.is_empty(selection):
                raise GestureError(f"the input {block_id!r} is required: give it a value")
        view.errors = {}
        self._interactions.submission(who, view)

    async def close_view(self, user_id: str, *, all_of_them: bool = False) -> None:
        """Cancel the modal in front, or all of them with its close cross."""
        who, view = self.state.user(user_id), self.modal(user_id)
        self.state.close_modals(user_id, keep=0 if all_of_them else len(self.state.modals[user_id]) - 1)
        if view.content.get("notify_on_close"):
            self._interactions.closing(who, view, all_of_them)

    async def click_view(
        self, user_id: str, action_id: str, *, value: Any = None, block_id: str | None = None, home: bool = False
    ) -> None:
        """Act on an element of the modal in front, or with ``home`` of the person's Home tab."""
        who = self.state.user(user_id)
        self._require_interactivity()
        view = self.state.homes.get(user_id) if home else self.modal(user_id)
        if view is None:
            raise GestureError(f"the app has published no Home tab for {user_id}")
        found_in, element = elements.find(view.content["blocks"], action_id, block_id, value)
        chosen = elements.chosen(element, value)
        if elements.initial(element) is not None:
            view.selections[(found_in, action_id)] = {"type": element["type"], **chosen}
        self._interactions.view_action(who, view, found_in, element, chosen)

    async def open_home(self, user_id: str, tab: Literal["home", "messages"] = "home") -> None:
        """Open the app's Home or its DM; sends `app_home_opened`."""
        who = self.state.user(user_id)
        self._events.home_opened(who.id, self.state.direct_message(who.id), tab)

    # membership

    async def invite(self, user_id: str, channel_id: str, invitee: str) -> None:
        """Bring somebody, or the bot, into a channel; sends `member_joined_channel`."""
        _, where = self._present(user_id, channel_id)
        who = self.state.user(invitee)
        if who.id in where.members:
            raise GestureError(f"{invitee} is already in {channel_id}")
        where.members.add(who.id)
        self.state.changes.publish(Change("channel", where.id))
        self._events.joined(where, who, user_id)

    async def remove(self, user_id: str, channel_id: str, member: str) -> None:
        """Take somebody, or the bot, out of a channel; the bot hears `channel_left` about itself."""
        _, where = self._present(user_id, channel_id)
        who = self.state.user(member)
        where.members.discard(who.id)
        self.state.changes.publish(Change("channel", where.id))
        self._events.left(where, who, user_id)

    async def archive(self, user_id: str, channel_id: str, *, archived: bool = True) -> None:
        """Archive a channel, or bring it back."""
        where = self.state.channel(channel_id)
        where.is_archived = archived
        self.state.changes.publish(Change("channel", where.id))
        self._events.archived(where, user_id)

    async def uninstall(self) -> None:
        """Remove the app: `tokens_revoked` and `app_uninstalled`; from then on every call answers `token_revoked`."""
        self.state.revoked = True
        self._events.revoked()

    async def change_user(self, user_id: str, **flags: Any) -> None:
        """Rename, restrict or deactivate a person (fields of `State.User`); sends `user_change`."""
        who = self.state.user(user_id)
        for name, value in flags.items():
            if name not in ("name", "real_name", "tz", "deleted", "is_restricted", "is_ultra_restricted", "is_admin"):
                raise GestureError(f"a person's {name!r} cannot be changed")
            setattr(who, name, value)
        self.state.changes.publish(Change("user", user_id=user_id))
        self._events.user_changed(who)

    # inside

    def _present(self, user_id: str, channel_id: str) -> tuple[User, Channel]:
        who, where = self.state.user(user_id), self.state.channel(channel_id)
        if where.is_archived:
            raise GestureError(f"{channel_id} is archived")
        if who.id not in where.members:
            raise GestureError(f"{who.name} ({who.id}) is not in {channel_id}")
        return who, where

    def _existing(self, where: Channel, ts: str) -> Message:
        post = where.messages.get(ts)
        if post is None or (post.deleted and not where.threads.get(ts)):
            raise GestureError(f"there is no message {ts} in {where.id}")
        return post

    def _own(self, where: Channel, ts: str, user_id: str) -> Message:
        post = self._existing(where, ts)
        if post.user != user_id or post.deleted:
            raise GestureError(f"message {ts} is not {user_id}'s to change")
        return post

    def _require_interactivity(self) -> None:
        if not self.state.manifest.interactive:
            raise GestureError("the app is not configured for interactivity: set settings.interactivity.is_enabled")

    def _share(self, who: User, where: Channel, name: str, content: bytes) -> str:
        file_id = self.state.new_id("F")
        self.state.files[file_id] = File(
            id=file_id,
            name=name,
            user=who.id,
            expected_bytes=len(content),
            title=name,
            mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
            content=content,
            completed=True,
            created=int(self.state.clock()),
            channels=[where.id],
        )
        return file_id
