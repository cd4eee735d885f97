"""What a gesture can do to its thread: a closed union of frozen values, applied by the engine in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.events import InterruptionSettlement
from bot.core.gesture import SlackFile
from bot.core.standing import Standing


@dataclass(frozen=True, slots=True)
class OpenSession:
    agent: str


@dataclass(frozen=True, slots=True)
class CloseSession:
    reason: str


@dataclass(frozen=True, slots=True)
class QueueTurn:
    """``model`` is what the message itself chose; None leaves it to thread and agent."""

    prompt: str
    late: bool
    model: str | None = None
    files: tuple[SlackFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplacePrompt:
    """The words of a turn that has not started."""

    turn_id: str
    prompt: str


@dataclass(frozen=True, slots=True)
class SettleInterruption:
    turn_id: str
    how: InterruptionSettlement


@dataclass(frozen=True, slots=True)
class ChooseModel:
    model: str


@dataclass(frozen=True, slots=True)
class NoteContext:
    """Words of somebody who does not drive this thread: data for the next prompt, labelled with who said it."""

    text: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class StopTurn:
    """Cancel the turn if its prompt was sent; withdraw it if it has not started. Either way it ends as stopped."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class TellPrivately:
    """One sentence only the person sees: at most once, carrying no state."""

    text: str


Effect = (
    OpenSession
    | CloseSession
    | QueueTurn
    | ReplacePrompt
    | SettleInterruption
    | ChooseModel
    | NoteContext
    | StopTurn
    | TellPrivately
)  # fmt: skip
