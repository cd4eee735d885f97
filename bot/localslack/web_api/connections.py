"""`apps.connections.open` and `assistant.threads.setStatus`: the app's presence."""

from __future__ import annotations

from typing import Any

from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.context import Context

STATUS_S = 120.0
_KEPT_STATUSES = 10_000


def open_(context: Context, args: Args) -> dict[str, Any]:
    """A WebSocket address with a ticket for one connection."""
    address = context.state.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/link/?ticket={context.socket_mode.new_ticket()}&app_id={context.state.app_id}"}


def set_status(context: Context, args: Args) -> dict[str, Any]:
    """What the thread shows under the composer. An empty status, a post of the app, or two minutes clear it.

    Source: https://docs.slack.dev/reference/methods/assistant.threads.setStatus
    """
    state = context.state
    lookup.require_scope(state, "chat:write", "assistant:write")
    where = lookup.joined(state, args, "channel_id")
    root_ts = args.required("thread_ts")
    if root_ts not in where.messages:
        raise ApiError("invalid_thread_ts")
    status = args.text("status")
    if status:
        state.statuses[(where.id, root_ts)] = (status, state.clock() + STATUS_S)
        if len(state.statuses) > _KEPT_STATUSES:
            state.statuses.popitem(last=False)
    else:
        state.statuses.pop((where.id, root_ts), None)
    state.changes.publish(Change("status", where.id, root_ts))
    return {}
