"""The JSON shapes Slack sends: users, channels, messages, files, views, and the envelope of an event.

Sources: https://docs.slack.dev/reference/objects and https://docs.slack.dev/reference/events
"""

from __future__ import annotations

import hashlib
from typing import Any

from bot.localslack.messages import Message
from bot.localslack.state import Channel, File, State, User, View

Json = dict[str, Any]


def user(state: State, who: User) -> Json:
    body: Json = {
        "id": who.id,
        "team_id": who.team_id,
        "name": who.name,
        "real_name": who.real_name,
        "deleted": who.deleted,
        "tz": who.tz,
        "tz_label": who.tz,
        "is_admin": who.is_admin,
        "is_owner": False,
        "is_bot": who.is_bot,
        "is_app_user": False,
        "is_restricted": who.is_restricted,
        "is_ultra_restricted": who.is_ultra_restricted,
        "updated": 0,
        "profile": {
            "display_name": who.name,
            "real_name": who.real_name,
            "team": who.team_id,
            "image_72": "",
            "avatar_hash": hashlib.blake2s(who.id.encode(), digest_size=6).hexdigest(),
        },
    }
    if who.team_id != state.team_id:
        body["is_stranger"] = who.is_stranger
    if who.bot_id is not None:
        body["profile"]["bot_id"] = who.bot_id
    elif "users:read.email" in state.manifest.scopes:
        body["profile"]["email"] = who.email
    return body


def bot_profile(state: State, who: User) -> Json:
    return {
        "id": who.bot_id,
        "app_id": state.app_id if who.id == state.bot.id else "A0OTHER",
        "name": who.real_name,
        "deleted": False,
        "updated": 0,
        "team_id": who.team_id,
    }


def channel(state: State, where: Channel) -> Json:
    body: Json = {
        "id": where.id,
        "created": where.created,
        "is_im": where.kind == "im",
        "is_mpim": where.kind == "mpim",
        "is_archived": where.is_archived,
        "is_org_shared": False,
        "context_team_id": state.team_id,
        "updated": where.created * 1000,
    }
    if where.kind == "im":
        body["user"] = next(iter(where.members - {state.bot.id}), state.bot.id)
        return body
    shared = is_shared(state, where)
    return body | {
        "name": where.name,
        "name_normalized": where.name,
        "is_channel": where.kind == "channel",
        "is_group": where.kind == "group",
        "is_private": where.kind != "channel",
        "is_general": False,
        "is_shared": shared,
        "is_ext_shared": shared,
        "is_member": state.bot.id in where.members,
        "num_members": len(where.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def is_shared(state: State, where: Channel) -> bool:
    """Whether it is a Slack Connect channel: someone in it is of another team."""
    return not where.members.isdisjoint(state.strangers)


def file(state: State, what: File) -> Json:
    path = f"files-pri/{state.team_id}-{what.id}"
    name = what.name.rsplit("/", 1)[-1]
    return {
        "id": what.id,
        "created": what.created,
        "timestamp": what.created,
        "name": what.name,
        "title": what.title or what.name,
        "mimetype": what.mimetype,
        "filetype": name.rsplit(".", 1)[-1] if "." in name else "text",
        "pretty_type": what.mimetype,
        "user": what.user,
        "user_team": state.users[what.user].team_id,
        "editable": False,
        "size": len(what.content or b""),
        "mode": "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": False,
        "url_private": f"{state.base_url}/{path}/{name}",
        "url_private_download": f"{state.base_url}/{path}/download/{name}",
        "permalink": f"{state.base_url}/files/{what.user}/{what.id}/{name}",
        "channels": [c for c in what.channels if c.startswith("C")],
        "groups": [c for c in what.channels if c.startswith("G")],
        "ims": [c for c in what.channels if c.startswith("D")],
    }


def message(state: State, post: Message, *, metadata: bool = False) -> Json:
    """A message as `conversations.history` and the `message` field of events show it."""
    if post.deleted:
        return _tombstone(state, post)
    author = state.users[post.user]
    body: Json = {"type": "message", "ts": post.ts, "text": post.text, "team": author.team_id}
    if post.subtype is not None:
        body["subtype"] = post.subtype
    if post.subtype == "bot_message":
        body["username"] = author.name
    else:
        body["user"] = post.user
    if post.bot_id is not None:
        body |= {"bot_id": post.bot_id, "bot_profile": bot_profile(state, author)}
        body["app_id"] = body["bot_profile"]["app_id"]
    if post.client_msg_id is not None:
        body["client_msg_id"] = post.client_msg_id
    if post.blocks:
        body["blocks"] = list(post.blocks)
    if post.attachments:
        body["attachments"] = list(post.attachments)
    if post.files:
        body["files"] = [file(state, state.files[file_id]) for file_id in post.files]
        body["upload"] = False
    if post.edited is not None:
        body["edited"] = {"user": post.user, "ts": post.edited}
    if metadata and post.metadata is not None:
        body["metadata"] = post.metadata
    if post.reactions:
        body["reactions"] = [{"name": n, "users": list(who), "count": len(who)} for n, who in post.reactions]
    return body | _threading(state, post)


def _tombstone(state: State, post: Message) -> Json:
    body = {"type": "message", "subtype": "tombstone", "user": "USLACKBOT", "hidden": True, "ts": post.ts}
    return body | {"text": "This message was deleted."} | _threading(state, post)


def _threading(state: State, post: Message) -> Json:
    if post.is_reply:
        root = state.channels[post.channel_id].messages.get(post.thread_ts or "")
        return {"thread_ts": post.thread_ts, "parent_user_id": root.user if root else ""}
    where = state.channels[post.channel_id]
    replies = where.threads.get(post.ts)
    if not replies:
        return {}
    alive = [where.messages[ts] for ts in replies if not where.messages[ts].deleted]
    users = list(dict.fromkeys(reply.user for reply in alive))
    return {
        "thread_ts": post.ts,
        "reply_count": len(alive),
        "reply_users": users[:5],
        "reply_users_count": len(users),
        "latest_reply": alive[-1].ts if alive else post.ts,
        "is_locked": False,
        "subscribed": False,
    }


def view(state: State, what: View) -> Json:
    """A view as the `views.*` methods and interactions show it, with what the person has chosen so far."""
    values: dict[str, Json] = {}
    for (block_id, action_id), value in what.selections.items():
        values.setdefault(block_id, {})[action_id] = value
    return {
        "id": what.id,
        "team_id": state.team_id,
        "app_id": state.app_id,
        "app_installed_team_id": state.team_id,
        "bot_id": state.bot.bot_id,
        "hash": what.hash,
        "root_view_id": what.root_id,
        "previous_view_id": what.previous_id,
        "state": {"values": values},
        "title": None,
        "submit": None,
        "close": None,
        "callback_id": "",
        "external_id": "",
        "private_metadata": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **what.content,
    }


def event_callback(state: State, event: Json, event_id: str, shared: bool) -> Json:
    """The outer event: what an Events API envelope carries."""
    return {
        "token": "local-verification-token",
        "team_id": state.team_id,
        "context_team_id": state.team_id,
        "api_app_id": state.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": state.team_id,
                "user_id": state.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-{event_id}",
    }
