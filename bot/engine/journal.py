"""From facts to event rows: the one place where a fact becomes bytes, and where secrets are scrubbed from it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.core.events import VERSION, Fact, stored_kind, to_body
from bot.redaction import Redactor
from storage import event_log
from storage.event_log import NewEvent


@dataclass(frozen=True, slots=True)
class Journal:
    redactor: Redactor

    def event(self, fact: Fact, *, team_id: str, session_id: str, turn_id: str | None) -> NewEvent:
        body = to_body(fact, self.redactor.scrub_value)
        return NewEvent(team_id, session_id, turn_id, stored_kind(fact), VERSION, body)

    def write(self, conn: Connection, fact: Fact, *, team_id: str, session_id: str, turn_id: str | None) -> None:
        """Append within the transaction of ``conn``."""
        event_log.append(conn, [self.event(fact, team_id=team_id, session_id=session_id, turn_id=turn_id)])
