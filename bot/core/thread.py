"""What one gesture does to its thread. The caller loads the state and applies the effects in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bot.core.gesture import (
    STOP_ACTION,
    STOP_REACTION,
    Click,
    Command,
    Edit,
    Gesture,
    Message,
    Reaction,
    Submission,
)
from bot.core.prompt import is_stop, plain_words


@dataclass(frozen=True, slots=True)
class ActiveTurn:
    turn_id: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class ThreadState:
    """``running`` is the turn that has been started, though its prompt may not have been sent yet.

    ``last_started_ts`` is the Slack ts of the newest message whose prompt was sent in the open session.
    """

    has_session: bool
    running: ActiveTurn | None = None
    queued: tuple[ActiveTurn, ...] = ()
    last_started_ts: str = "0"


@dataclass(frozen=True, slots=True)
class Limits:
    max_queued_per_thread: int
    prompt_chars: int


@dataclass(frozen=True, slots=True)
class OpenSession:
    pass


@dataclass(frozen=True, slots=True)
class QueueTurn:
    prompt: str
    late: bool


@dataclass(frozen=True, slots=True)
class StopTurn:
    """Cancel the turn if its prompt was sent; withdraw it if it has not started. Either way it ends as stopped."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class TellPrivately:
    """One sentence only the person sees: at most once, carrying no state."""

    text: str


Effect = OpenSession | QueueTurn | StopTurn | TellPrivately


def decide(state: ThreadState, gesture: Gesture, *, bot_user_id: str, limits: Limits) -> tuple[Effect, ...]:
    match gesture:
        case Message():
            return _message(state, gesture, bot_user_id, limits)
        case Click(action_id=action, value=turn_id) if action == STOP_ACTION:
            return _stop_named(state, turn_id)
        case Reaction(name=name, ts=ts) if name == STOP_REACTION and state.running is not None:
            return _stop_running(state, ts)
        case Edit() | Click() | Reaction() | Command() | Submission():
            return ()
        case _:
            assert_never(gesture)


def _message(state: ThreadState, message: Message, bot_user_id: str, limits: Limits) -> tuple[Effect, ...]:
    addressed = message.mentions_bot or message.is_dm
    if not addressed and not state.has_session:
        return ()
    words = plain_words(message.text, bot_user_id)
    if is_stop(words, addressed=addressed):
        return _stop_running(state, message.ts)
    if not words:
        return (TellPrivately("Say what you would like done after the mention, and I will start."),)
    if len(words) > limits.prompt_chars:
        return (
            TellPrivately(f"That message is longer than {limits.prompt_chars:,} characters. Shorten it or split it."),
        )
    if len(state.queued) >= limits.max_queued_per_thread:
        return (
            TellPrivately(
                f"{len(state.queued)} messages are already waiting in this thread. "
                "Wait for one to finish, then send it again."
            ),
        )
    queue = QueueTurn(words, late=message.ts < state.last_started_ts)
    return (queue,) if state.has_session else (OpenSession(), queue)


def _stop_running(state: ThreadState, at: str) -> tuple[Effect, ...]:
    """A stop reaches only the turn that was already asked for when it was said, never a later one."""
    if state.running is not None and state.running.message_ts <= at:
        return (StopTurn(state.running.turn_id),)
    return (TellPrivately("Nothing is running in this thread."),)


def _stop_named(state: ThreadState, turn_id: str) -> tuple[Effect, ...]:
    if any(turn.turn_id == turn_id for turn in (state.running, *state.queued) if turn is not None):
        return (StopTurn(turn_id),)
    return (TellPrivately("That turn has already ended."),)
