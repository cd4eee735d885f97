"""What a turn sends to its harness, from the events: the words as last edited, who said them, what others said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.core.events import ContextNoted, FileRefused, FileTaken, PromptReplaced, TurnQueued, from_body
from bot.core.prompt import Aside, Attachment, compose
from storage.event_log import StoredEvent, events_since_turn, turn_events
from storage.sessions import StoredSession
from storage.turns import StoredTurn


@dataclass(frozen=True, slots=True)
class Request:
    """The composed prompt, and the model to ask for (None: the harness's own choice)."""

    prompt: str
    model: str | None


def request_of(
    conn: Connection, session: StoredSession, turn: StoredTurn, files: Sequence[FileTaken | FileRefused]
) -> Request | None:
    """For a turn that has not started; ``files`` came with it. None when its words were erased."""
    own = turn_events(conn, turn.id)
    beside = events_since_turn(conn, session.id, "turn.prompt_sent")
    queued: TurnQueued | None = None
    prompt = ""
    for fact in _facts(own):
        match fact:
            case TurnQueued():
                queued, prompt = fact, fact.prompt
            case PromptReplaced():
                prompt = fact.prompt
            case _:
                pass
    if queued is None:
        return None
    asides = [
        Aside(fact.user_name or fact.user_id, fact.standing, fact.text)
        for fact in _facts(beside)
        if isinstance(fact, ContextNoted)
    ]
    attachments = [_attachment(file) for file in files]
    author = None if queued.user_id == session.owner_user_id else queued.user_name or queued.user_id
    return Request(compose(prompt, author=author, asides=asides, attachments=attachments), queued.model)


def queued_as(events: Sequence[StoredEvent]) -> TurnQueued | None:
    """How a turn was asked for. None when its words were erased."""
    return next((fact for fact in _facts(events) if isinstance(fact, TurnQueued)), None)


def _attachment(file: FileTaken | FileRefused) -> Attachment:
    if isinstance(file, FileRefused):
        return Attachment(file.name, left_out_because=file.reason)
    return Attachment(file.name, file.path, file.size, file.mimetype, file.user_name)


def _facts(events: Sequence[StoredEvent]) -> list[object]:
    return [from_body(event.body) for event in events if event.body is not None]
