"""What one person of the team sees, as the JSON the page draws from."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from bot.localslack.messages import Message
from bot.localslack.page.prose import html_of
from bot.localslack.page.typed import as_typed
from bot.localslack.state import Channel, State, User, View

if TYPE_CHECKING:
    from bot.localslack.local import LocalSlack

Json = dict[str, Any]


def everything(slack: LocalSlack, user_id: str) -> Json:
    state = slack.state
    seen = [where for where in state.channels.values() if user_id in where.members]
    return {
        "me": user_id,
        "run": state.run,
        "app": app(slack),
        "welcome": asdict(slack.welcome),
        "users": [_user(who) for who in state.users.values() if not who.deleted],
        "channels": [_channel(state, where) for where in seen],
        "messages": [message(state, post, user_id) for where in seen for post in _posts(slack, where, user_id)],
        "statuses": statuses(slack),
        "views": views(slack, user_id),
        "home": home(slack, user_id),
        "commands": [{"command": name, "about": about} for name, about in sorted(state.manifest.commands.items())],
    }


def app(slack: LocalSlack) -> Json:
    """The installed app. ``connected``: whether it is there to answer."""
    state = slack.state
    return {
        "user": state.bot.id,
        "name": state.bot.name,
        "connected": slack.sockets > 0,
        "home_tab": state.manifest.home_tab,
    }


def visible(post: Message, user_id: str) -> bool:
    return post.ephemeral_to in (None, user_id)


def message(state: State, post: Message, user_id: str) -> Json:
    """``source`` is the text as its author typed it, for editing."""
    return {
        "ts": post.ts,
        "channel": post.channel_id,
        "user": post.user,
        "text": post.text,
        "source": as_typed(post.text, state) if post.user == user_id else "",
        "blocks": [_block(block) for block in post.blocks],
        "thread": post.thread_ts,
        "edited": post.edited is not None and post.bot_id is None,
        "deleted": post.deleted,
        "ephemeral": post.ephemeral_to is not None,
        "files": [_file(state, file_id) for file_id in post.files],
        "reactions": [{"name": name, "users": list(users)} for name, users in post.reactions],
    }


def statuses(slack: LocalSlack) -> list[Json]:
    """The "is thinking…" lines that are still shown, with the seconds they have left."""
    now = slack.state.clock()
    return [
        {"channel": channel_id, "thread": thread_ts, "text": text, "seconds": round(until - now, 1)}
        for (channel_id, thread_ts), (text, until) in slack.state.statuses.items()
        if text and now < until
    ]


def views(slack: LocalSlack, user_id: str) -> list[Json]:
    return [_view(view) for view in slack.open_views(user_id)]


def home(slack: LocalSlack, user_id: str) -> Json | None:
    view = slack.home(user_id)
    return None if view is None else _view(view)


def _posts(slack: LocalSlack, where: Channel, user_id: str) -> list[Message]:
    return [post for post in slack.messages(where.id) if visible(post, user_id)]


def _block(block: Json) -> Json:
    return {**block, "html": html_of(block["text"])} if block.get("type") == "markdown" else block


def _user(who: User) -> Json:
    return {"id": who.id, "name": who.name, "real_name": who.real_name, "is_bot": who.is_bot}


def _channel(state: State, where: Channel) -> Json:
    return {
        "id": where.id,
        "name": where.name,
        "kind": where.kind,
        "members": sorted(where.members),
        "archived": where.is_archived,
        "has_app": state.bot.id in where.members,
    }


def _file(state: State, file_id: str) -> Json:
    file = state.files[file_id]
    size = len(file.content or b"")
    return {"id": file.id, "name": file.name, "title": file.title, "mimetype": file.mimetype, "size": size}


def _view(view: View) -> Json:
    """``values``: what the inputs hold, by block and action."""
    values: Json = {}
    for (block_id, action_id), selection in view.selections.items():
        values.setdefault(block_id, {})[action_id] = selection
    return {"id": view.id, "content": view.content, "errors": view.errors, "values": values}
