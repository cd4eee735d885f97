"""The fold: what a turn looks like to a person, from its events and nothing else.

`TurnView.apply` is called once per event in order; folding the same events always gives the same view, so a message can
be rebuilt at any time. Text is kept as pieces and joined when shown: a long answer costs one append per event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, assert_never

from bot.core.events import (
    ContextNoted,
    Fact,
    FileOffered,
    FileRefused,
    FileTaken,
    HarnessReported,
    InterruptionSettled,
    InterruptionSettlement,
    ModelChosen,
    Outcome,
    PermissionAnswered,
    PromptReplaced,
    PromptSent,
    SessionClosed,
    SessionOpened,
    StopRequested,
    TurnEnded,
    TurnQueued,
)
from harnesses.updates import (
    Failed,
    FailureClass,
    ModelServed,
    Notice,
    PermissionAsked,
    Plan,
    PlanEntry,
    Stopped,
    StopReason,
    Text,
    Thought,
    ToolCall,
    Update,
    Usage,
)

Phase = Literal["queued", "running", "stopping", "ended"]


@dataclass(slots=True)
class ShownCall:
    """A tool call and how its permission request, if there was one, was answered."""

    call: ToolCall
    answer: PermissionAnswered | None = None
    unknown: bool = False


@dataclass(slots=True)
class TurnView:
    phase: Phase = "queued"
    ordinal: int = 0
    agent: str = ""
    harness: str = ""
    sandbox: str = ""
    model_asked: str | None = None
    model_served: str | None = None
    late: bool = False
    resumed: bool = False
    queued_at: int = 0
    sent_at: int | None = None
    first_text_at: int | None = None
    ended_at: int | None = None
    plan: tuple[PlanEntry, ...] = ()
    calls: dict[str, ShownCall] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    files_taken: list[str] = field(default_factory=list)
    files_refused: list[FileRefused] = field(default_factory=list)
    files_offered: list[FileOffered] = field(default_factory=list)
    usage: Usage | None = None
    outcome: Outcome | None = None
    failure: FailureClass | None = None
    stop_reason: StopReason | None = None
    reason: str = ""
    settled_how: InterruptionSettlement | None = None
    _prose: list[str] = field(default_factory=list)
    _break_before_text: bool = False

    @property
    def prose(self) -> str:
        """The whole answer so far. A blank line stands where the harness stopped talking to use a tool."""
        return "".join(self._prose)

    def apply(self, fact: Fact, at: int) -> None:
        """Add one event; ``at`` is its time in milliseconds."""
        match fact:
            case TurnQueued():
                self.ordinal, self.late, self.queued_at = fact.ordinal, fact.late, at
                self.agent, self.harness, self.sandbox = fact.agent, fact.harness, fact.sandbox
                self.model_asked = fact.model
            case FileTaken(name=name):
                self.files_taken.append(name)
            case FileRefused():
                self.files_refused.append(fact)
            case FileOffered():
                self.files_offered.append(fact)
            case PromptSent():
                self.phase, self.sent_at, self.resumed = "running", at, fact.resumed
            case HarnessReported():
                self._report(fact.update, at)
            case PermissionAnswered():
                shown = self.calls.get(fact.tool_call_id)
                if shown is not None:
                    shown.answer = fact
            case StopRequested():
                self.phase = "stopping"
            case TurnEnded():
                self.phase, self.ended_at = "ended", at
                self.outcome, self.reason = fact.outcome, fact.reason
                self.failure, self.stop_reason = fact.failure, fact.stop_reason
                for call_id in fact.unknown_calls:
                    if call_id in self.calls:
                        self.calls[call_id].unknown = True
            case InterruptionSettled(how=how):
                self.settled_how = how
            case SessionOpened() | SessionClosed() | ModelChosen() | ContextNoted() | PromptReplaced():
                pass
            case _:
                assert_never(fact)

    def _report(self, update: Update, at: int) -> None:
        match update:
            case Text(text=text):
                if self.first_text_at is None:
                    self.first_text_at = at
                if self._break_before_text and self._prose:
                    self._prose.append("\n\n")
                self._break_before_text = False
                self._prose.append(text)
            case ToolCall():
                self._show_call(update)
            case PermissionAsked():
                self._show_call(update.tool)
            case Plan(entries=entries):
                self.plan = entries
            case Usage():
                self.usage = update
            case ModelServed(model=model):
                self.model_served = model
            case Notice(text=text):
                self.notices.append(text)
            case Thought() | Stopped() | Failed():
                pass
            case _:
                assert_never(update)

    def _show_call(self, call: ToolCall) -> None:
        self._break_before_text = True
        shown = self.calls.get(call.tool_call_id)
        if shown is None:
            self.calls[call.tool_call_id] = ShownCall(call)
        else:
            shown.call = call

    @property
    def running_calls(self) -> tuple[str, ...]:
        """Ids of tool calls whose outcome has not been reported."""
        return tuple(i for i, shown in self.calls.items() if shown.call.status in ("pending", "in_progress"))
