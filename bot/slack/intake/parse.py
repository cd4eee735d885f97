"""One Slack payload → the gesture it holds, or nothing. What is nothing is acknowledged and leaves no trace.

Payload shapes: https://docs.slack.dev/reference/events and https://docs.slack.dev/reference/interaction-payloads.
Tokens and trigger ids stay behind. Bots, this app itself and people of other teams (Slack Connect) are not heard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.core.gesture import Click, Command, Deletion, Edit, Gesture, Message, Reaction, SlackFile, Submission
from bot.core.prompt import mentions

Payload = Mapping[str, Any]
MOST_FILES = 50
_FIELD_CHARS = 500
_URL_CHARS = 4000
_HEARD_SUBTYPES = (None, "file_share", "thread_broadcast", "me_message")


class Unreadable(ValueError):
    """A payload that claims to be a kind we know and lacks what that kind always has."""


def parse(payload: Payload, bot_user_id: str) -> Gesture | None:
    """Raises `Unreadable` when a payload lacks a field Slack documents as always there."""
    try:
        if payload.get("type") == "event_callback":
            return _event(payload, bot_user_id)
        if payload.get("type") == "block_actions":
            return _click(payload)
        if payload.get("type") == "view_submission":
            return _submission(payload)
        if "command" in payload:
            return _command(payload)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unreadable(f"a {payload.get('type', 'command')} payload lacks what it always has: {error}") from error
    except ValidationError as error:
        # Without the values: they are a person's words, or a secret.
        fields = ", ".join(str(problem["loc"][0]) for problem in error.errors(include_input=False))
        raise Unreadable(f"a {payload.get('type', 'command')} payload has an unusable {fields}") from None
    return None


def _event(payload: Payload, bot_user_id: str) -> Gesture | None:
    event = payload["event"]
    authorizations = payload.get("authorizations") or [{}]
    team_id = authorizations[0].get("team_id") or payload["team_id"]
    about = {"team_id": team_id, "event_id": payload["event_id"]}
    if event.get("bot_id") or _is_stranger(event, team_id):
        return None
    match event["type"], event.get("subtype"):
        case (("message" | "app_mention"), "message_changed"):
            return _edit(event, about, bot_user_id)
        case "message", "message_deleted":
            return _deletion(event, about, bot_user_id)
        case (("message" | "app_mention"), subtype) if subtype in _HEARD_SUBTYPES:
            return _message(event, about, bot_user_id)
        case "reaction_added", _:
            return _reaction(event, about, bot_user_id)
        case _:
            return None


def _message(event: Payload, about: Mapping[str, str], bot_user_id: str) -> Message | None:
    user_id = event.get("user")
    if user_id is None or user_id == bot_user_id:
        return None
    text = event.get("text") or ""
    channel_id = event["channel"]
    return Message(
        **about,
        channel_id=channel_id,
        user_id=user_id,
        ts=event["ts"],
        thread_ts=event.get("thread_ts"),
        text=text,
        mentions_bot=event["type"] == "app_mention" or mentions(text, bot_user_id),
        is_dm=event.get("channel_type") == "im" or channel_id.startswith("D"),
        files=_files(event.get("files")),
    )


def _files(listed: object) -> tuple[SlackFile, ...]:
    """What is missing (a deleted file has only an id) is left empty; what is far too long is cut, an address
    dropped."""
    files = [file for file in listed if isinstance(file, dict)] if isinstance(listed, list) else []
    return tuple(_file(file) for file in files[:MOST_FILES])


def _file(file: Payload) -> SlackFile:
    url = str(file.get("url_private_download") or file.get("url_private") or "")
    size = file.get("size")
    return SlackFile(
        id=_text(file.get("id")),
        name=_text(file.get("name") or file.get("title") or "file"),
        mimetype=_text(file.get("mimetype")),
        size=size if isinstance(size, int) and 0 <= size < 2**53 else 0,
        url=_encodable(url) if len(url) <= _URL_CHARS else "",
    )


def _text(value: object) -> str:
    return _encodable(str(value or ""))[:_FIELD_CHARS]


def _encodable(text: str) -> str:
    """JSON can escape half of a surrogate pair, which no encoding can write."""
    return text.encode(errors="replace").decode()


def _edit(event: Payload, about: Mapping[str, str], bot_user_id: str) -> Edit | None:
    """Only ``edited.ts`` with a changed text is an edit; link unfurls change messages too."""
    message, before = event["message"], event.get("previous_message") or {}
    edited = message.get("edited")
    unchanged = message.get("text") == before.get("text")
    if edited is None or unchanged or message.get("bot_id") or message.get("user") in (None, bot_user_id):
        return None
    return Edit(
        **about,
        channel_id=event["channel"],
        user_id=edited.get("user") or message["user"],
        ts=message["ts"],
        edited_ts=edited["ts"],
        thread_ts=message.get("thread_ts"),
        text=message.get("text") or "",
    )


def _deletion(event: Payload, about: Mapping[str, str], bot_user_id: str) -> Deletion | None:
    before = event.get("previous_message") or {}
    if before.get("bot_id") or before.get("user") in (None, bot_user_id):
        return None
    return Deletion(
        **about,
        channel_id=event["channel"],
        user_id=before["user"],
        ts=event["deleted_ts"],
        deleted_ts=event["event_ts"],
        thread_ts=before.get("thread_ts"),
    )


def _reaction(event: Payload, about: Mapping[str, str], bot_user_id: str) -> Reaction | None:
    item = event["item"]
    if item.get("type") != "message" or event["user"] == bot_user_id:
        return None
    return Reaction(
        **about,
        channel_id=item["channel"],
        user_id=event["user"],
        item_ts=item["ts"],
        name=event["reaction"],
        ts=event["event_ts"],
    )


def _click(payload: Payload) -> Click | None:
    team_id = payload["team"]["id"]
    container = payload["container"]
    if container.get("type") != "message" or payload["user"].get("team_id", team_id) != team_id:
        return None
    action = payload["actions"][0]
    return Click(
        team_id=team_id,
        channel_id=container["channel_id"],
        user_id=payload["user"]["id"],
        message_ts=container["message_ts"],
        thread_ts=container.get("thread_ts") or payload.get("message", {}).get("thread_ts"),
        action_id=action["action_id"],
        value=action.get("value") or "",
        ts=action["action_ts"],
    )


def _submission(payload: Payload) -> Submission:
    view = payload["view"]
    return Submission(
        team_id=payload["team"]["id"],
        channel_id="",
        user_id=payload["user"]["id"],
        view_id=view["id"],
        view_hash=view["hash"],
        callback_id=view.get("callback_id") or "",
    )


def _command(payload: Payload) -> Command:
    return Command(
        team_id=payload["team_id"],
        channel_id=payload["channel_id"],
        user_id=payload["user_id"],
        command=payload["command"],
        text=payload.get("text") or "",
        trigger_digest=hashlib.sha256(payload["trigger_id"].encode(errors="backslashreplace")).hexdigest(),
    )


def _is_stranger(event: Payload, team_id: str) -> bool:
    """Someone of another team in a shared channel. Slack names the author's team in one of these."""
    theirs = event.get("user_team") or event.get("source_team") or team_id
    return bool(theirs != team_id)
