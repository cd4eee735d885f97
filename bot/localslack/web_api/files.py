"""`files.*`: the three-step upload. Source: https://docs.slack.dev/messaging/working-with-files"""

from __future__ import annotations

import mimetypes
from typing import Any

from bot.localslack import payloads
from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.state import File
from bot.localslack.web_api import lookup
from bot.localslack.web_api.args import Args, invalid
from bot.localslack.web_api.chat import thread_of
from bot.localslack.web_api.context import Context

Json = dict[str, Any]


def get_upload_url(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "files:write")
    name, length = args.required("filename"), args.number("length", 0)
    if length <= 0:
        raise invalid("length must be the size of the file in bytes")
    file_id = context.state.new_id("F")
    context.state.files[file_id] = File(
        id=file_id,
        name=name,
        user=context.state.bot.id,
        expected_bytes=length,
        mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream",
        created=int(context.state.clock()),
    )
    return {"upload_url": f"{context.state.base_url}/upload/{file_id}", "file_id": file_id}


def complete_upload(context: Context, args: Args) -> Json:
    """Share what was uploaded: one message with every file, in a channel or thread when one is named."""
    lookup.require_scope(context.state, "files:write")
    listed = args.structure("files", "invalid_arguments")
    if not isinstance(listed, list) or not listed or not all(isinstance(item, dict) for item in listed):
        raise invalid("files must list the id of each uploaded file")
    files = [_uploaded(context, str(item.get("id", ""))) for item in listed]
    names = args.text("channel_id") or args.text("channels").split(",")[0]
    where = lookup.joined(context.state, Args({"channel": names})) if names else None
    if where is not None and where.is_archived:
        raise ApiError("is_archived")
    thread_ts = thread_of(where, args) if where is not None else None
    for item, file in zip(listed, files, strict=True):
        file.title = str(item.get("title") or file.name)
        file.completed = True
        if where is not None:
            file.channels.append(where.id)
        context.state.changes.publish(Change("file", where.id if where else ""))
    if where is not None:
        context.posting.post(
            Message(
                ts=context.state.next_ts(),
                channel_id=where.id,
                user=context.state.bot.id,
                bot_id=context.state.bot.bot_id,
                text=args.text("initial_comment"),
                thread_ts=thread_ts,
                subtype="file_share",
                files=tuple(file.id for file in files),
            )
        )
    return {"files": [payloads.file(context.state, file) for file in files]}


def info(context: Context, args: Args) -> Json:
    lookup.require_scope(context.state, "files:read")
    file = context.state.files.get(args.required("file"))
    if file is None or not file.completed:
        raise ApiError("file_not_found")
    return {"file": payloads.file(context.state, file), "comments": [], "response_metadata": {"next_cursor": ""}}


def _uploaded(context: Context, file_id: str) -> File:
    file = context.state.files.get(file_id)
    if file is None or file.content is None or file.completed:
        raise ApiError("file_not_found")
    return file
