"""What a turn sends to its harness, from the events: the words as last edited, who said them, what others said."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.core.events import ContextNoted, PromptReplaced, TurnQueued, from_body
from bot.core.prompt import Aside, compose
from storage.event_log import StoredEvent, events_since_turn, turn_events
from storage.sessions import StoredSession
from storage.turns import StoredTurn


@dataclass(frozen=True, slots=True)
class Request:
    """The composed prompt, and the model to ask for (None: the harness's own choice)."""

    prompt: str
    model: str | None


def request_of(conn: Connection, session: StoredSession, turn: StoredTurn) -> Request | None:
    """For a turn that has not started. None when its words were erased."""
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
    author = None if queued.user_id == session.owner_user_id else queued.user_name or queued.user_id
    return Request(compose(prompt, author=author, asides=asides), queued.model)


def _facts(events: list[StoredEvent]) -> list[object]:
    return [from_body(event.body) for event in events if event.body is not None]
