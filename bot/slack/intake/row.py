"""A gesture as the inbox keeps it: without secrets, and with Slack's time of it."""

from __future__ import annotations

from bot.core.gesture import Click, Command, Deletion, Edit, Gesture, Message, Reaction, Submission
from bot.redaction import Redactor
from storage.inbox import NewGesture, ThreadKey


def row_of(gesture: Gesture, thread: ThreadKey, redactor: Redactor) -> NewGesture:
    return NewGesture(
        thread=thread,
        gesture_key=gesture.key,
        event_id=gesture.event_id,
        kind=gesture.kind,
        ts=_when(gesture),
        user_id=gesture.user_id,
        body=_scrubbed(gesture, redactor).model_dump_json(),
    )


def _scrubbed(gesture: Gesture, redactor: Redactor) -> Gesture:
    if isinstance(gesture, Message):
        files = tuple(file.model_copy(update={"name": redactor.scrub(file.name)}) for file in gesture.files)
        return gesture.model_copy(update={"text": redactor.scrub(gesture.text), "files": files})
    if isinstance(gesture, Edit):
        return gesture.model_copy(update={"text": redactor.scrub(gesture.text)})
    return gesture


def _when(gesture: Gesture) -> str:
    """Slack's time of the gesture itself, which orders it among others."""
    match gesture:
        case Message() | Reaction() | Click():
            return gesture.ts
        case Edit():
            # Slack gives it in whole seconds: a message edited in its first second would be edited before it was said.
            return max(gesture.ts, gesture.edited_ts)
        case Deletion():
            return gesture.deleted_ts
        case Command() | Submission():
            return ""
