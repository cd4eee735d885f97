"""What a person should see of a thread, in plain Python: the whole of what Reins promises, without any of how.

Everything here happens at once and in the order of Slack's time. A turn that runs goes on until somebody lets it
finish, stops it, or the service stops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["waiting", "running", "completed", "stopped", "withdrawn", "interrupted"]
RESUMED = "resumed"
"""The words of the turn that goes on with an interrupted one. It finishes by itself."""


@dataclass
class Turn:
    """``number`` counts within its session. ``beside``: what others wrote since the turn before, sent along as data.
    ``foreign``: it was asked for by somebody who did not open the session, and is sent under that name."""

    ts: str
    who: str
    words: str
    number: int
    foreign: bool
    state: State = "waiting"
    beside: tuple[str, ...] = ()

    @property
    def was_sent(self) -> bool:
        return self.state not in ("waiting", "withdrawn")


@dataclass
class Thread:
    """``owner`` is who opened its session; None while it has none. ``turns`` are those of all its sessions."""

    channel_id: str
    ts: str
    is_dm: bool = False
    owner: str | None = None
    turns: list[Turn] = field(default_factory=list)
    _number: int = 0
    _beside: list[str] = field(default_factory=list)

    @property
    def running(self) -> Turn | None:
        return next((turn for turn in self.turns if turn.state == "running"), None)

    @property
    def waiting(self) -> list[Turn]:
        """In the order of Slack's time, which for an edit is in whole seconds."""
        return sorted((turn for turn in self.turns if turn.state == "waiting"), key=lambda turn: turn.ts)

    @property
    def resumable(self) -> Turn | None:
        """The session's newest turn, if the service stopped while it ran."""
        newest = self.turns[-1] if self.turns and self.owner is not None else None
        return newest if newest is not None and newest.state == "interrupted" else None

    def member_says(self, ts: str, who: str, words: str, *, mention: bool) -> None:
        """A member's message is a prompt; without a session only one that addresses Reins, and it opens one."""
        if self.owner is None and not mention and not self.is_dm:
            return
        self.owner = self.owner or who
        self._ask(ts, who, words)

    def outsider_says(self, words: str) -> None:
        """A guest's words are context for the next prompt of the session."""
        if self.owner is not None:
            self._beside.append(words)

    def edit(self, ts: str, edited_ts: str, who: str, words: str) -> None:
        """New words for what waits; a correction of what runs; nothing to what has ended."""
        for turn in self.turns:
            if turn.ts == ts and turn.state == "waiting":
                turn.words = words
            elif turn.ts == ts and turn.state == "running":
                self._ask(edited_ts, who, words)
                return

    def delete(self, ts: str) -> None:
        """What waits is withdrawn."""
        for turn in self.waiting:
            if turn.ts == ts:
                turn.state = "withdrawn"

    def stop(self) -> None:
        """`!stop` and the reaction: what runs ends, and the next begins."""
        if self.running is not None:
            self._end(self.running, "stopped")

    def press_stop(self, turn: Turn) -> None:
        """The button ends its own turn, whether it runs or waits."""
        if turn.state == "waiting":
            turn.state = "withdrawn"
        elif turn.state == "running":
            self._end(turn, "stopped")

    def finish(self) -> None:
        if self.running is not None:
            self._end(self.running, "completed")

    def new(self, ts: str, who: str, words: str | None) -> None:
        """`!new` ends an idle session; with words it begins the next one."""
        if self.running is not None or self.waiting:
            return
        self.owner, self._number, self._beside = None, 0, []
        if words is not None:
            self.member_says(ts, who, words, mention=True)

    def service_stops(self) -> None:
        """What ran is interrupted, never repeated; what waits still waits."""
        if self.running is not None:
            self.running.state = "interrupted"

    def service_starts(self) -> None:
        self._go_on()

    def resume(self, who: str) -> None:
        if self.resumable is not None:
            self._ask("", who, RESUMED)
            self.finish()

    def _ask(self, ts: str, who: str, words: str) -> None:
        self._number += 1
        self.turns.append(Turn(ts, who, words, self._number, foreign=who != self.owner))
        self._go_on()

    def _end(self, turn: Turn, state: State) -> None:
        turn.state = state
        self._go_on()

    def _go_on(self) -> None:
        if self.running is None and self.waiting:
            turn = self.waiting[0]
            turn.state, turn.beside, self._beside = "running", tuple(self._beside), []
