"""The facts about a session, as a closed union. Each is stored once and never changed.

A body is the JSON of one of these; the ``kind`` stands beside it in the event row. What a harness reports
(`harnesses.updates`) is stored as it was reported, under ``harness.<kind>``. Old bodies must stay readable: fields may
be added with a default, never renamed; a change of meaning is a new version of the kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.core.gesture import SlackFile
from bot.core.policy import Decision
from harnesses.updates import FailureClass, StopReason, Update

VERSION = 1
InterruptionSettlement = Literal["resumed", "discarded", "passed over"]
Outcome = Literal["completed", "failed", "stopped", "interrupted"]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class SessionOpened(_Fact):
    kind: Literal["session.opened"] = "session.opened"
    agent: str
    harness: str
    model: str | None = None
    sandbox: str
    policy: str
    channel_id: str
    thread_ts: str
    owner_user_id: str
    previous_session_id: str | None = None


class SessionClosed(_Fact):
    kind: Literal["session.closed"] = "session.closed"
    reason: str


class TurnQueued(_Fact):
    """A prompt was accepted. The agent's names are repeated here so that a turn can be shown from its own events."""

    kind: Literal["turn.queued"] = "turn.queued"
    ordinal: int
    prompt: str
    user_id: str
    user_name: str = ""
    message_ts: str
    late: bool = False
    agent: str
    harness: str
    model: str | None = None
    sandbox: str = "none"
    files: tuple[SlackFile, ...] = ()


class FileTaken(_Fact):
    """A file that came with the prompt lies in the workspace at ``path``. ``size`` in bytes."""

    kind: Literal["turn.file_taken"] = "turn.file_taken"
    name: str
    path: str
    size: int
    mimetype: str
    user_name: str


class FileRefused(_Fact):
    """A file that did not reach the workspace ("in") or is not sent into the thread ("out"), and why."""

    kind: Literal["turn.file_refused"] = "turn.file_refused"
    name: str
    reason: str
    direction: Literal["in", "out"] = "in"


class FileOffered(_Fact):
    """The harness left a file for the thread. Committed before it is uploaded, from a copy that ``number`` names."""

    kind: Literal["turn.file_offered"] = "turn.file_offered"
    number: int
    name: str
    size: int
    sha256: str


class PromptReplaced(_Fact):
    """The message of a queued turn was edited."""

    kind: Literal["turn.prompt_replaced"] = "turn.prompt_replaced"
    prompt: str


class ContextNoted(_Fact):
    """Somebody who does not drive the thread wrote in it. Goes to the harness with the next prompt, as data."""

    kind: Literal["session.context"] = "session.context"
    user_id: str
    user_name: str = ""
    standing: str
    text: str


class ModelChosen(_Fact):
    kind: Literal["session.model_chosen"] = "session.model_chosen"
    user_id: str
    model: str


class PromptSent(_Fact):
    """Committed before the first byte of the prompt is written: from here on the harness may have acted."""

    kind: Literal["turn.prompt_sent"] = "turn.prompt_sent"
    resumed: bool


class HarnessReported(_Fact):
    kind: Literal["harness"] = "harness"
    update: Update


class PermissionAnswered(_Fact):
    """How a permission request was answered. Committed before the answer is given to the harness."""

    kind: Literal["permission.answered"] = "permission.answered"
    request_id: str
    tool_call_id: str
    decision: Decision
    reason: str


class StopRequested(_Fact):
    kind: Literal["turn.stop_requested"] = "turn.stop_requested"
    user_id: str


class InterruptionSettled(_Fact):
    """What people did about an interrupted turn: let the agent go on, drop it, or simply say something else."""

    kind: Literal["turn.interruption_settled"] = "turn.interruption_settled"
    how: InterruptionSettlement
    user_id: str


class TurnEnded(_Fact):
    """The last fact of a turn. ``unknown_calls`` are tool calls that were running and whose outcome nobody saw."""

    kind: Literal["turn.ended"] = "turn.ended"
    outcome: Outcome
    reason: str = ""
    failure: FailureClass | None = None
    stop_reason: StopReason | None = None
    unknown_calls: tuple[str, ...] = ()


Fact = (
    SessionOpened
    | ModelChosen
    | ContextNoted
    | PromptReplaced
    | SessionClosed
    | TurnQueued
    | FileTaken
    | FileRefused
    | FileOffered
    | PromptSent
    | HarnessReported
    | PermissionAnswered
    | StopRequested
    | InterruptionSettled
    | TurnEnded
)
_ADAPTER: TypeAdapter[Fact] = TypeAdapter(Annotated[Fact, Field(discriminator="kind")])


def stored_kind(fact: Fact) -> str:
    """The name in the event row: ``harness.text``, ``turn.ended``, ..."""
    return f"harness.{fact.update.kind}" if isinstance(fact, HarnessReported) else fact.kind


def to_body(fact: Fact, scrub: Callable[[object], object]) -> str:
    """The fact as JSON; ``scrub`` sees it as JSON values before it becomes text."""
    return json.dumps(scrub(fact.model_dump(mode="json")), ensure_ascii=False, separators=(",", ":"))


def from_body(body: str) -> Fact:
    """Raises `pydantic.ValidationError` for a body that no released version wrote."""
    return _ADAPTER.validate_json(body)
