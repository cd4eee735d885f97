"""`conversations.*`. Source: https://docs.slack.dev/reference/methods/conversations.replies and its siblings."""

from __future__ import annotations

from typing import Any

from bot.localslack import payloads
from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context
from bot.localslack.web_api.cursor import page

Json = dict[str, Any]


def replies(context: Context, args: Args) -> Json:
    """The root on every page, then the replies, oldest first."""
    where = lookup.joined(context.state, args)
    lookup.require_scope(context.state, lookup.HISTORY[where.kind])
    named = where.messages.get(args.required("ts", "thread_not_found"))
    if named is None or (named.deleted and not where.threads.get(named.ts)):
        raise ApiError("thread_not_found")
    root_ts = named.thread_ts or named.ts
    posts = [post for post in context.state.thread(where, root_ts) if not post.deleted or post.ts == root_ts]
    in_range = [post for post in posts[1:] if _within(post, args)]
    shown, leading = page(in_range, args, default=1000)
    return {"messages": _shown(context, args, [posts[0], *shown]), **leading}


def history(context: Context, args: Args) -> Json:
    """Top-level messages, newest first; a deleted root stays as a tombstone while it has replies."""
    where = lookup.joined(context.state, args)
    lookup.require_scope(context.state, lookup.HISTORY[where.kind])
    posts = [
        post
        for post in reversed(where.messages.values())
        if not post.is_reply and (not post.deleted or where.threads.get(post.ts)) and _within(post, args)
    ]
    shown, leading = page(posts, args, default=100, most=999)
    return {"messages": _shown(context, args, shown), "pin_count": 0, **leading}


def info(context: Context, args: Args) -> Json:
    where = lookup.channel(context.state, args)
    lookup.require_scope(context.state, lookup.READ[where.kind])
    return {"channel": payloads.channel(context.state, where)}


def list_(context: Context, args: Args) -> Json:
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im", "mpim": "mpim"}
    wanted = [name.strip() for name in args.text("types", "public_channel").split(",")]
    if unknown := set(wanted) - kinds.keys():
        raise ApiError("invalid_types", unknown=sorted(unknown))
    for name in wanted:
        lookup.require_scope(context.state, lookup.READ[kinds[name]])
    channels = [
        where
        for where in context.state.channels.values()
        if where.kind in {kinds[name] for name in wanted}
        and (where.kind == "channel" or context.state.bot.id in where.members)
        and not (args.flag("exclude_archived") and where.is_archived)
    ]
    shown, leading = page(channels, args)
    return {"channels": [payloads.channel(context.state, where) for where in shown], **leading}


def members(context: Context, args: Args) -> Json:
    where = lookup.channel(context.state, args)
    lookup.require_scope(context.state, lookup.READ[where.kind])
    shown, leading = page(sorted(where.members), args)
    return {"members": list(shown), **leading}


def open_(context: Context, args: Args) -> Json:
    """The DM with one person. Group DMs are not offered here."""
    lookup.require_scope(context.state, "im:write")
    names = [name for name in args.text("users").split(",") if name]
    if args.has("channel"):
        where = lookup.channel(context.state, args)
    elif len(names) == 1:
        where = context.state.direct_message(lookup.user(context.state, names[0]).id)
    else:
        raise ApiError("users_list_not_supplied" if not names else "not_enough_users")
    return {"channel": {"id": where.id}, "no_op": False, "already_open": False}


def join(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "channels:join")
    where = lookup.channel(context.state, args)
    if where.kind != "channel":
        raise ApiError("method_not_supported_for_channel_type")
    if where.is_archived:
        raise ApiError("is_archived")
    where.members.add(context.state.bot.id)
    context.state.changes.publish(Change("channel", where.id))
    return {"channel": payloads.channel(context.state, where)}


def _within(post: Message, args: Args) -> bool:
    """``oldest`` and ``latest`` exclude their own moment unless ``inclusive``."""
    inclusive = args.flag("inclusive")
    oldest, latest = args.text("oldest", "0"), args.text("latest")
    try:
        at, after, before = float(post.ts), float(oldest), float(latest) if latest else float("inf")
    except ValueError:
        raise ApiError("invalid_ts_latest") from None
    return (after <= at <= before) if inclusive else (after < at < before)


def _shown(context: Context, args: Args, posts: list[Message] | Any) -> list[Json]:
    metadata = args.flag("include_all_metadata")
    return [payloads.message(context.state, post, metadata=metadata) for post in posts]
