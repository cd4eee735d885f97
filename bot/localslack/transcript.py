"""The team's threads in words, for a person who has to find out why an expected outcome did not come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.localslack.calls import Call
from bot.localslack.markup import block_texts
from bot.localslack.messages import Message
from bot.localslack.state import State

_MESSAGES_PER_CHANNEL = 40
_CALLS = 15
_TEXT = 400


def transcript(state: State, calls: Iterable[Call], unacked: int) -> str:
    lines = [line for channel_id in state.channels for line in _channel(state, channel_id)]
    lines += [f"open modals: {[(v.user_id, v.content.get('callback_id')) for v in state.views.values()]}"]
    lines += [f"unacknowledged envelopes: {unacked}", "last calls:"]
    lines += [f"  {call.method} {'ok' if call.ok else call.error}" for call in list(calls)[-_CALLS:]]
    return "\n".join(lines)


def _channel(state: State, channel_id: str) -> Iterator[str]:
    where = state.channels[channel_id]
    yield f"{where.id} #{where.name}" + (" (archived)" if where.is_archived else "")
    posts = sorted((*where.messages.values(), *where.ephemerals.values()), key=lambda post: post.ts)
    if len(posts) > _MESSAGES_PER_CHANNEL:
        yield f"  … {len(posts) - _MESSAGES_PER_CHANNEL} earlier"
    for post in posts[-_MESSAGES_PER_CHANNEL:]:
        yield _line(state, post)


def _line(state: State, post: Message) -> str:
    marks = [mark for mark, on in (("deleted", post.deleted), ("edited", post.edited is not None)) if on]
    if post.ephemeral_to is not None:
        marks.append(f"only {state.users[post.ephemeral_to].name} sees it")
    marks += [f":{name}: x{len(who)}" for name, who in post.reactions]
    text = " | ".join((post.text, *(text for _, text in block_texts(post.blocks))))
    kinds = ",".join(str(block.get("type")) for block in post.blocks)
    indent = "    ↳ " if post.is_reply else "  "
    note = f" ({'; '.join(marks)})" if marks else ""
    return f"{indent}{post.ts} {state.users[post.user].name}: {text[:_TEXT]!r} [{kinds}]{note}"
