"""In which phase of its life a kill caught a gesture, and the table of that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from tests.crash.ledger import Ledger, TurnRow
from tests.crash.people import Said

Phase = Literal[
    "not committed",
    "committed, not started",
    "prompt committed, nothing heard",
    "running",
    "ended, not shown",
]


def phase_of(ledger: Ledger, said: Said) -> Phase | None:
    """None for a gesture that was over: its turn's end was in Slack, and that was on record."""
    turns = ledger.turns.get(said.ts, [])
    if not turns:
        return "committed, not started" if said.ts in ledger.inbox else "not committed"
    return _of_turn(turns[0])


def _of_turn(turn: TurnRow) -> Phase | None:
    match turn.state:
        case "queued":
            return "committed, not started"
        case "running":
            return "running" if turn.reported else "prompt committed, nothing heard"
        case "ended":
            return None if turn.settled else "ended, not shown"
        case other:
            raise AssertionError(f"a turn is {other}")


@dataclass(slots=True)
class Caught:
    """What the kills caught, gesture by gesture; one gesture may be caught by several kills in a row."""

    kills: Counter[Phase] = field(default_factory=Counter)
    gestures: dict[Phase, list[Said]] = field(default_factory=dict)
    acknowledged: dict[Phase, set[str]] = field(default_factory=dict)

    def note(self, ledger: Ledger, said: Sequence[Said], acknowledged: set[str]) -> None:
        """``acknowledged`` are the ts that local Slack had seen acknowledged when the process was gone."""
        hit: set[Phase] = set()
        for one in said:
            phase = phase_of(ledger, one)
            if phase is None:
                continue
            hit.add(phase)
            self.gestures.setdefault(phase, []).append(one)
            if one.ts in acknowledged:
                self.acknowledged.setdefault(phase, set()).add(one.ts)
        self.kills.update(hit)


@dataclass(frozen=True, slots=True)
class Tally:
    """Of everything that was said: how much was acknowledged, and what became of that."""

    name: str
    said: int
    acknowledged: int
    lost: int
    doubled: int

    def row(self) -> str:
        share = f"{100 * self.lost / self.acknowledged:.1f} %" if self.acknowledged else "-"
        return f"{self.name:<34}{self.said:>8}{self.acknowledged:>14}{self.lost:>8} {share:>8}{self.doubled:>10}"


def table(title: str, caught: Caught, final: Ledger, tallies: Sequence[Tally]) -> str:
    lines = [
        "",
        title,
        f"{'a kill caught a gesture':<34}{'kills':>8}{'gestures':>10}{'acknowledged':>14}{'lost':>8}{'doubled':>10}",
    ]
    for phase in get_args(Phase):
        said = {one.ts for one in caught.gestures.get(phase, [])}
        acknowledged = caught.acknowledged.get(phase, set())
        lost = sum(not final.turns.get(ts) for ts in acknowledged)
        doubled = sum(len(final.turns.get(ts, [])) > 1 for ts in said)
        lines.append(f"{phase:<34}{caught.kills[phase]:>8}{len(said):>10}{len(acknowledged):>14}{lost:>8}{doubled:>10}")
    lines += ["", f"{'in all':<34}{'said':>8}{'acknowledged':>14}{'lost':>8} {'':>8}{'doubled':>10}"]
    lines += [tally.row() for tally in tallies]
    return "\n".join([*lines, ""])
