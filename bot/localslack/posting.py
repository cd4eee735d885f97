"""What happens when a message appears, changes or goes, whoever did it: stored, told, and inspected for harm."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.localslack import markup
from bot.localslack.events import Events
from bot.localslack.markup import ControlSequence
from bot.localslack.messages import Message
from bot.localslack.state import State


@dataclass(frozen=True, slots=True)
class Ping:
    """Text of the app that notified somebody, or would have. ``sequence.kind`` says whom."""

    sequence: ControlSequence
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Link:
    """A live link or channel reference in text of the app."""

    sequence: ControlSequence
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True)
class Unfurl:
    """An address that Slack fetched because a message left it free to."""

    url: str
    channel_id: str
    ts: str


class Posting:
    def __init__(self, state: State, events: Events, log_size: int) -> None:
        self._state = state
        self._events = events
        self.pings: deque[Ping] = deque(maxlen=log_size)
        self.links: deque[Link] = deque(maxlen=log_size)
        self.unfurled: deque[Unfurl] = deque(maxlen=log_size)

    def post(self, message: Message, *, link_names: bool = False) -> None:
        self._state.put(message)
        self._inspect(message, link_names)
        if message.ephemeral_to is None:
            if message.bot_id is not None and message.thread_ts is not None:
                self._state.statuses.pop((message.channel_id, message.thread_ts), None)
            self._events.posted(message)

    def change(self, before: Message, after: Message, *, link_names: bool = False) -> None:
        self._state.put(after)
        self._inspect(after, link_names)
        if after.ephemeral_to is None:
            self._events.changed(before, after)

    def edit_time(self, before: Message) -> str:
        """The next `edited.ts`: whole seconds, as Slack gives it, and never the same twice for one message."""
        last = int(before.edited.partition(".")[0]) if before.edited is not None else 0
        return f"{max(last + 1, int(self._state.clock()))}.000000"

    def delete(self, before: Message) -> None:
        gone = replace(before, deleted=True, text="", blocks=(), attachments=(), files=(), reactions=(), metadata=None)
        self._state.put(gone)
        has_replies = bool(self._state.channels[before.channel_id].threads.get(before.ts))
        self._events.deleted(before, gone if has_replies else None)

    def react(self, post: Message, user_id: str, name: str) -> bool:
        """False when this person's reaction is already there."""
        reactions = dict(post.reactions)
        if user_id in reactions.get(name, ()):
            return False
        reactions[name] = (*reactions.get(name, ()), user_id)
        self._state.put(replace(post, reactions=tuple(reactions.items())))
        self._events.reaction("reaction_added", user_id, name, post)
        return True

    def unreact(self, post: Message, user_id: str, name: str) -> bool:
        """False when this person had not reacted so."""
        reactions = dict(post.reactions)
        if user_id not in reactions.get(name, ()):
            return False
        reactions[name] = tuple(who for who in reactions[name] if who != user_id)
        self._state.put(replace(post, reactions=tuple((n, who) for n, who in reactions.items() if who)))
        self._events.reaction("reaction_removed", user_id, name, post)
        return True

    # inside

    def _inspect(self, message: Message, link_names: bool) -> None:
        if message.user != self._state.bot.id:
            return
        where = (message.channel_id, message.ts)
        for sequence in _sequences(message, link_names):
            if sequence.kind in markup.PING_KINDS:
                self.pings.append(Ping(sequence, *where))
            else:
                self.links.append(Link(sequence, *where))
        if message.unfurls:
            self.unfurled.extend(Unfurl(url, *where) for url in dict.fromkeys(_urls(message)))


def _sequences(message: Message, link_names: bool) -> Iterator[ControlSequence]:
    yield from markup.control_sequences(message.text)
    if link_names:
        yield from markup.linked_names(message.text)
    for kind, text in markup.block_texts((*message.blocks, *message.attachments)):
        yield from markup.control_sequences(text) if kind == "mrkdwn" else markup.markdown_sequences(text)
    yield from markup.rich_text_sequences(message.blocks)
    for attachment in message.attachments:
        for name in ("text", "pretext", "fallback"):
            yield from markup.control_sequences(str(attachment.get(name, "")))


def _urls(message: Message) -> Iterator[str]:
    yield from markup.urls(message.text)
    for _, text in markup.block_texts(message.blocks):
        yield from markup.urls(text)
    for sequence in markup.rich_text_sequences(message.blocks):
        if sequence.kind == "link":
            yield sequence.target
