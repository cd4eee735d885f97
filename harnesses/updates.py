"""What a harness can report while it works on one prompt: a closed union of frozen values.

Every value here is data from outside: nothing in it is trusted, and nothing in it is bounded unless its
docstring says so. They are stored as event bodies, so a field may be added with a default but never renamed.
Names are those of the Agent Client Protocol (ACP) v1.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ToolKind = Literal["read", "edit", "delete", "move", "search", "execute", "think", "fetch", "switch_mode", "other"]
ToolStatus = Literal["pending", "in_progress", "completed", "failed"]
StopReason = Literal["end_turn", "max_tokens", "max_turn_requests", "refusal", "cancelled"]
FailureClass = Literal[
    "start",  # the program could not be started, or did not answer `initialize`
    "exited",  # the process ended while a turn was running
    "protocol",  # it sent something that is not ACP, or a line over the limit
    "silent",  # nothing was heard for the silence timeout
    "wall",  # the turn ran past its wall-clock limit
    "provider_auth",  # the model provider answered 401 or 403
    "provider_rate",  # ... 429
    "provider_error",  # ... anything else that is an error
    "session_lost",  # the harness no longer knows the session it is asked to resume
    "internal",  # Reins itself failed; details are in the log
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Text(_Frozen):
    """A piece of the answer, in order. Pieces concatenate without a separator."""

    kind: Literal["text"] = "text"
    text: str


class Thought(_Frozen):
    """A piece of the model's reasoning, where the harness shows it."""

    kind: Literal["thought"] = "thought"
    text: str


class Diff(_Frozen):
    """A file change as the harness describes it. ``old_text`` is None for a new file."""

    path: str
    old_text: str | None = None
    new_text: str


class ToolCall(_Frozen):
    """The whole state of one tool call so far (not a delta): ACP `tool_call` and its updates merged by id."""

    kind: Literal["tool"] = "tool"
    tool_call_id: str
    title: str = ""
    tool_kind: ToolKind = "other"
    status: ToolStatus = "pending"
    raw_input: Any = None
    output: str = ""
    diffs: tuple[Diff, ...] = ()
    locations: tuple[str, ...] = ()


class PlanEntry(_Frozen):
    content: str
    status: Literal["pending", "in_progress", "completed"] = "pending"


class Plan(_Frozen):
    """The whole plan, replacing the one before."""

    kind: Literal["plan"] = "plan"
    entries: tuple[PlanEntry, ...]


class PermissionAsked(_Frozen):
    """The harness waits for an answer: `HarnessProcess.answer(request_id, ...)`.

    ``tool`` is the permission request merged over what is already known of that tool call.
    ``allow_option`` and ``deny_option`` are the option ids the profile's allow-list recognises as "allow once"
    and "reject once"; None means that no option of that meaning was offered.
    """

    kind: Literal["permission"] = "permission"
    request_id: str
    tool: ToolCall
    allow_option: str | None = None
    deny_option: str | None = None


class Usage(_Frozen):
    """Tokens and cost of this turn so far; None where the harness does not say. ``cost_usd`` in US dollars."""

    kind: Literal["usage"] = "usage"
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None


class ModelServed(_Frozen):
    """The model the harness says is answering."""

    kind: Literal["model"] = "model"
    model: str


class Notice(_Frozen):
    """One sentence from the client itself, for a person: e.g. output that had to be dropped."""

    kind: Literal["notice"] = "notice"
    text: str


class Stopped(_Frozen):
    """The last update of a turn that the harness ended itself."""

    kind: Literal["stopped"] = "stopped"
    stop_reason: StopReason


class Failed(_Frozen):
    """The last update of a turn that could not go on. ``message`` is one sentence for a person, scrubbed of
    control characters and at most 500 characters; ``process_usable`` says whether another prompt may be sent."""

    kind: Literal["failed"] = "failed"
    failure: FailureClass
    message: str
    process_usable: bool = False


Update = Annotated[
    Text | Thought | ToolCall | Plan | PermissionAsked | Usage | ModelServed | Notice | Stopped | Failed,
    Field(discriminator="kind"),
]
