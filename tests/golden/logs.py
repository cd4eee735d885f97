"""Reading the golden logs, folding and rendering them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bot.core.events import from_body
from bot.core.view import TurnView
from bot.slack.render.turn import Bounds, render_turn

FOLDER = Path(__file__).parent
_BOUNDS = Bounds(message_chars=10_000, turn_messages=3)
_EVENTS = "SELECT e.turn_id, e.at, e.kind, e.version, b.body FROM event e JOIN event_body b ON b.n = e.n ORDER BY e.n"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One stored event. ``turn`` counts the turns of the log from 1; None for an event of the session itself."""

    turn: int | None
    at: int
    kind: str
    version: int
    body: str


def all_logs() -> list[Path]:
    return sorted(FOLDER.glob("*/*.jsonl"))


def shown_path(log: Path) -> Path:
    return log.with_suffix(".shown.json")


def read(log: Path) -> list[Recorded]:
    return [Recorded(**json.loads(line)) for line in log.read_text(encoding="utf-8").splitlines()]


def write(log: Path, events: list[Recorded]) -> None:
    """Raises FileExistsError: a log that was recorded once stays as it is."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("x", encoding="utf-8") as file:
        file.writelines(json.dumps(asdict(event), ensure_ascii=False) + "\n" for event in events)


def taken_from(database: sqlite3.Connection) -> list[Recorded]:
    """Every event of a database, in order."""
    numbers: dict[str, int] = {}
    events = []
    for turn_id, *rest in database.execute(_EVENTS):
        turn = None if turn_id is None else numbers.setdefault(turn_id, len(numbers) + 1)
        events.append(Recorded(turn, *rest))
    return events


def rendered(events: list[Recorded]) -> list[dict[str, Any]]:
    """What Slack is to show of each turn: its messages, and the answer that would be attached as a file."""
    views: dict[int, TurnView] = {}
    for event in events:
        fact = from_body(event.body)
        if event.turn is not None:
            views.setdefault(event.turn, TurnView()).apply(fact, event.at)
    return [asdict(render_turn(f"turn-{number}", view, _BOUNDS)) for number, view in views.items()]


def render_all() -> None:
    """Write down what the logs look like now. The difference is for a person to read."""
    for log in all_logs():
        shown = json.dumps(rendered(read(log)), ensure_ascii=False, indent=1)
        shown_path(log).write_text(shown + "\n", encoding="utf-8")
