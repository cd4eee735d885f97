"""Finding what a call names, with the error Slack answers when it cannot be found or may not be seen."""

from __future__ import annotations

from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.state import Channel, State, User
from bot.localslack.web_api.args import Args

HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history", "mpim": "mpim:history"}
READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read", "mpim": "mpim:read"}
WRITE = {"channel": "channels:write", "group": "groups:write", "im": "im:write", "mpim": "mpim:write"}


def require_scope(state: State, *any_of: str) -> None:
    """One of these scopes, or `missing_scope` naming the first."""
    if not state.manifest.scopes.intersection(any_of):
        provided = ",".join(sorted(state.manifest.scopes))
        raise ApiError("missing_scope", needed=any_of[0], provided=provided)


def channel(state: State, args: Args, name: str = "channel") -> Channel:
    """A conversation the bot can know of. A private one it is not in does not exist for it."""
    found = state.channels.get(args.required(name, "channel_not_found"))
    if found is None or (found.kind != "channel" and state.bot.id not in found.members):
        raise ApiError("channel_not_found")
    return found


def joined(state: State, args: Args, name: str = "channel") -> Channel:
    """A conversation the bot may read or change messages in."""
    found = channel(state, args, name)
    if state.bot.id not in found.members:
        raise ApiError("not_in_channel")
    return found


def message(where: Channel, ts: str, error: str = "message_not_found") -> Message:
    found = where.messages.get(ts)
    if found is None or found.deleted:
        raise ApiError(error)
    return found


def user(state: State, user_id: str) -> User:
    if user_id not in state.users:
        raise ApiError("user_not_found")
    return state.users[user_id]
