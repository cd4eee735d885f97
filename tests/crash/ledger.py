"""What the database and the harness's own journals say, read from outside while no service runs, or beside one."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from storage.connections import connect_reader

_TURNS = """
SELECT t.id, t.session_id, s.channel_id, s.thread_ts, t.message_ts, t.ordinal, t.state, t.outcome,
       t.prompt_sent_at IS NOT NULL, t.settled_at IS NOT NULL,
       EXISTS (SELECT 1 FROM event e WHERE e.turn_id = t.id AND e.kind LIKE 'harness.%')
FROM turn t JOIN session s ON s.id = t.session_id
ORDER BY t.message_ts
"""
_MESSAGES = "SELECT turn_id, intent_id, ts FROM slack_message ORDER BY turn_id, part"


@dataclass(frozen=True, slots=True)
class TurnRow:
    """The last three are 0 or 1; ``reported``: something the harness said in this turn is on record."""

    id: str
    session_id: str
    channel_id: str
    thread_ts: str
    message_ts: str
    ordinal: int
    state: str
    outcome: str | None
    prompt_sent: int
    settled: int
    reported: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """``turns`` by the ts of the message that asked for them; ``messages`` are (intent id, ts) by turn."""

    inbox: frozenset[str]
    turns: dict[str, list[TurnRow]]
    messages: dict[str, list[tuple[str, str | None]]]
    integrity: str

    @property
    def all_turns(self) -> list[TurnRow]:
        return [turn for turns in self.turns.values() for turn in turns]


def read_ledger(home: Path) -> Ledger:
    path = home / "reins.db"
    if not path.exists():
        return Ledger(frozenset(), {}, {}, "ok")
    turns: dict[str, list[TurnRow]] = {}
    messages: dict[str, list[tuple[str, str | None]]] = {}
    with closing(connect_reader(path)) as driver:
        driver.execute("BEGIN")
        if not driver.execute("SELECT 1 FROM sqlite_master WHERE name = 'slack_message'").fetchone():
            return Ledger(frozenset(), {}, {}, "ok")
        inbox = frozenset(ts for (ts,) in driver.execute("SELECT ts FROM inbox WHERE kind = 'message'"))
        for row in driver.execute(_TURNS):
            turn = TurnRow(*row)
            turns.setdefault(turn.message_ts, []).append(turn)
        for turn_id, intent_id, ts in driver.execute(_MESSAGES):
            messages.setdefault(turn_id, []).append((intent_id, ts))
        (integrity,) = driver.execute("PRAGMA integrity_check").fetchone()
    return Ledger(inbox, turns, messages, integrity)


@dataclass(frozen=True, slots=True)
class Journals:
    """Every prompt that reached a scripted harness, as it wrote it down itself, by the session it reached."""

    prompts: dict[str, list[str]]

    def times_prompted(self) -> Counter[str]:
        """How often each message reached a harness: by marker, the first word of the prompt."""
        return Counter(prompt.split()[0] for prompts in self.prompts.values() for prompt in prompts)


def read_journals(home: Path) -> Journals:
    prompts: dict[str, list[str]] = {}
    for journal in sorted((home / "sessions").glob("*/home/.scripted/*")):
        session_id = journal.parents[2].name
        for line in journal.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if entry is not None and entry[0] == "user":
                prompts.setdefault(session_id, []).append(entry[1])
    return Journals(prompts)
