"""`chat.*`: the app's own messages.

Source: https://docs.slack.dev/reference/methods/chat.postMessage and its siblings.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

from bot.localslack import limits, payloads
from bot.localslack.blocks import check_message_blocks
from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.state import Channel, State
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context

Json = dict[str, Any]
_TS = re.compile(r"\d{10}\.\d{6}")


def post_message(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "chat:write")
    where = _destination(context.state, args)
    content = _content(args)
    content.require()
    post = Message(
        ts=context.state.next_ts(),
        channel_id=where.id,
        user=context.state.bot.id,
        bot_id=context.state.bot.bot_id,
        text=content.text[: limits.POST_TEXT],
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        metadata=_metadata(args),
        thread_ts=thread_of(where, args),
        unfurls=_unfurls(args),
    )
    context.posting.post(post, link_names=_link_names(args))
    shown = payloads.message(context.state, post, metadata=True)
    return {"channel": where.id, "ts": post.ts, "message": shown}


def update(context: Context, args: Args) -> Json:
    """Text without blocks removes the blocks; no metadata keeps the metadata. Text over 4,000 is refused whole."""
    lookup.require_scope(context.state, "chat:write")
    where = lookup.channel(context.state, args)
    if where.is_archived:
        raise ApiError("is_archived")
    if context.state.bot.id not in where.members:
        raise ApiError("not_in_channel")
    before = lookup.message(where, args.required("ts"))
    if before.user != context.state.bot.id:
        raise ApiError("cant_update_message")
    content = _content(args)
    if len(content.text) > limits.UPDATE_TEXT:
        raise ApiError("msg_too_long")
    metadata = _metadata(args)
    text_given = args.has("text") or args.has("markdown_text")
    kept_blocks = () if text_given else before.blocks
    if not text_given and content.blocks is None and content.attachments is None and metadata is None:
        raise ApiError("no_text")
    after = replace(
        before,
        text=content.text if text_given else before.text,
        blocks=kept_blocks if content.blocks is None else content.blocks,
        attachments=before.attachments if content.attachments is None else content.attachments,
        metadata=before.metadata if metadata is None else (metadata or None),
        edited=context.posting.edit_time(before),
    )
    context.posting.change(before, after, link_names=_link_names(args))
    shown = payloads.message(context.state, after, metadata=True)
    return {"channel": where.id, "ts": after.ts, "text": after.text, "message": shown}


def delete(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "chat:write")
    where = lookup.channel(context.state, args)
    before = lookup.message(where, args.required("ts"))
    if before.user != context.state.bot.id:
        raise ApiError("cant_delete_message")
    context.posting.delete(before)
    return {"channel": where.id, "ts": before.ts}


def post_ephemeral(context: Context, args: Args) -> Json:
    """Seen by one member until they reload; no method reads, changes or deletes it afterwards."""
    lookup.require_scope(context.state, "chat:write")
    where = lookup.joined(context.state, args)
    if where.is_archived:
        raise ApiError("is_archived")
    who = args.required("user")
    if who not in where.members:
        raise ApiError("user_not_in_channel")
    content = _content(args)
    content.require()
    post = Message(
        ts=context.state.next_ts(),
        channel_id=where.id,
        user=context.state.bot.id,
        bot_id=context.state.bot.bot_id,
        text=content.text,
        blocks=content.blocks or (),
        attachments=content.attachments or (),
        thread_ts=thread_of(where, args),
        ephemeral_to=who,
    )
    context.posting.post(post, link_names=_link_names(args))
    return {"message_ts": post.ts}


def get_permalink(context: Context, args: Args) -> Json:
    where = lookup.channel(context.state, args)
    post = lookup.message(where, args.required("message_ts"))
    link = f"{context.state.base_url}/archives/{where.id}/p{post.ts.replace('.', '')}"
    if post.is_reply:
        link += f"?thread_ts={post.thread_ts}&cid={where.id}"
    return {"channel": where.id, "permalink": link}


def validate_blocks(context: Context, args: Args) -> Json:
    """`blocks.validate` for a message's blocks; a view goes through `views.*`."""
    check_message_blocks(args.structure("blocks", "invalid_blocks_format"))
    return {}


# what the methods share


def _destination(state: State, args: Args) -> Channel:
    """Where a post goes: a conversation, or a person's id for their DM with the bot."""
    name = args.required("channel", "channel_not_found")
    if name in state.users and name != state.bot.id:
        return state.direct_message(name)
    where = lookup.channel(state, args)
    if where.is_archived:
        raise ApiError("is_archived")
    if state.bot.id not in where.members and "chat:write.public" not in state.manifest.scopes:
        raise ApiError("not_in_channel")
    return where


@dataclass(frozen=True, slots=True)
class _Content:
    """``blocks`` and ``attachments`` are None when the call does not name them: an update keeps what was there."""

    text: str
    blocks: tuple[Json, ...] | None
    attachments: tuple[Json, ...] | None

    def require(self) -> None:
        if not self.text and not self.blocks and not self.attachments:
            raise ApiError("no_text")


def _content(args: Args) -> _Content:
    blocks = args.structure("blocks", "invalid_blocks_format")
    attachments = args.structure("attachments", "invalid_attachments")
    text = args.text("text")
    if args.has("markdown_text"):
        if text or blocks:
            raise ApiError("markdown_text_conflict")
        text = args.text("markdown_text")
        if len(text) > limits.MARKDOWN_TEXT:
            raise ApiError("msg_too_long")
    if attachments is not None and not (
        isinstance(attachments, list) and all(isinstance(item, dict) for item in attachments)
    ):
        raise ApiError("invalid_attachments")
    return _Content(
        text=text,
        blocks=None if blocks is None else tuple(check_message_blocks(blocks)),
        attachments=None if attachments is None else tuple(attachments),
    )


def _metadata(args: Args) -> Json | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    if metadata == {}:
        return {}
    if not isinstance(metadata, dict) or set(metadata) - {"event_type", "event_payload"}:
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_type"), str) or not metadata["event_type"]:
        raise ApiError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise ApiError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > limits.METADATA_BYTES:
        raise ApiError("metadata_too_large")
    return metadata


def thread_of(where: Channel, args: Args) -> str | None:
    ts = args.text("thread_ts")
    if not ts:
        return None
    if not _TS.fullmatch(ts):
        raise ApiError("invalid_thread_ts")
    root = where.messages.get(ts)
    if root is None or (root.deleted and not where.threads.get(ts)):
        raise ApiError("thread_not_found")
    if root.is_reply:
        raise ApiError("cannot_reply_to_message")
    return ts


def _unfurls(args: Args) -> bool:
    return args.flag("unfurl_links", True) or args.flag("unfurl_media", True)


def _link_names(args: Args) -> bool:
    return args.flag("link_names") or args.text("parse") == "full"
