"""`reactions.*`. Source: https://docs.slack.dev/reference/methods/reactions.add and its siblings."""

from __future__ import annotations

import re
from typing import Any

from bot.localslack import payloads
from bot.localslack.errors import ApiError
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context

Json = dict[str, Any]
_NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def add(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "reactions:write")
    where = lookup.joined(context.state, args)
    if where.is_archived:
        raise ApiError("is_archived")
    name = _name(args)
    post = lookup.message(where, args.required("timestamp", "no_item_specified"))
    if not context.posting.react(post, context.state.bot.id, name):
        raise ApiError("already_reacted")
    return {}


def remove(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "reactions:write")
    where = lookup.joined(context.state, args)
    name = _name(args)
    post = lookup.message(where, args.required("timestamp", "no_item_specified"))
    if not context.posting.unreact(post, context.state.bot.id, name):
        raise ApiError("no_reaction")
    return {}


def get(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "reactions:read")
    where = lookup.joined(context.state, args)
    post = lookup.message(where, args.required("timestamp", "no_item_specified"))
    return {"type": "message", "channel": where.id, "message": payloads.message(context.state, post)}


def _name(args: Args) -> str:
    name = args.required("name").strip(":")
    if not _NAME.fullmatch(name):
        raise ApiError("invalid_name")
    return name
