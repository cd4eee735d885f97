"""What a person types, in the form Slack sends it, and back again for editing.

Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import html
import re

from bot.localslack.state import State

_CODE = re.compile(r"(```[\s\S]*?```|`[^`\n]+`)")
_NAMED = re.compile(r"(?<![\w@/])@([\w.-]*\w)|(?<![\w#&/])#([\w-]+)|(https?://[^\s<>|]*[^\s<>|.,;:!?)'\"\]])")
_BROADCAST = ("here", "channel", "everyone")
_TAG = re.compile(r"<([@#!]?)([^<>|]+)(?:\|([^<>]*))?>")


def as_sent(typed: str, state: State) -> str:
    """Entities for ``&<>``; names of people and channels and addresses as tags, except in code."""
    people = {who.name.lower(): who.id for who in state.users.values()}
    channels = {where.name.lower(): where for where in state.channels.values() if where.kind in ("channel", "group")}

    def tag(match: re.Match[str]) -> str:
        person, channel, url = match[1], match[2], match[3]
        if person is not None and person.lower() in people:
            return f"<@{people[person.lower()]}>"
        if person in _BROADCAST:
            return f"<!{person}>"
        if channel is not None and channel.lower() in channels:
            where = channels[channel.lower()]
            return f"<#{where.id}|{where.name}>"
        return f"<{url}>" if url is not None else match[0]

    pieces = _CODE.split(typed.strip())
    escaped = (html.escape(piece, quote=False) for piece in pieces)
    return "".join(piece if number % 2 else _NAMED.sub(tag, piece) for number, piece in enumerate(escaped))


def as_typed(sent: str, state: State) -> str:
    """The other way round: what a person changes when they edit their message."""

    def plain(match: re.Match[str]) -> str:
        kind, target, label = match[1], match[2], match[3]
        if kind == "@":
            return f"@{state.users[target].name}" if target in state.users else match[0]
        if kind == "#":
            return f"#{state.channels[target].name}" if target in state.channels else f"#{label or target}"
        return f"@{target}" if kind == "!" else target

    return _TAG.sub(plain, sent).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
