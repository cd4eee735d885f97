"""Reading ACP's `session/update`: dicts from outside in, values of `harnesses.updates` out.

An unknown kind of update is not an error: harnesses are newer than we are. It is logged and ignored.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard

from harnesses.outside import mapping, pieces, sentence, text_of
from harnesses.profile import Profile
from harnesses.tool_calls import OUTPUT_KEPT, ToolCalls
from harnesses.updates import ModelServed, Notice, Plan, PlanEntry, Text, Thought, ToolCall, Update, Usage

PLAN_KEPT = 200  # entries
_CHOICES_KEPT = 50  # models
_COUNT_LIMIT = 2**53  # tokens; more is not a count
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelOption:
    """The model a session is set to, which may be an alias, and what it can be set to."""

    current: str
    choices: list[str]


class Meter:
    """Cost and tokens across the turns of one process. Harnesses report the cost as a running total."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._total_cost: float | None = None
        self._cost_before: float | None = 0.0  # None: not known
        self._tokens_before: tuple[int, int] | None = (0, 0)
        self._one_step = True

    def loaded(self, cost_before: float | None) -> None:
        """A session was resumed, and the harness goes on counting from there (None: nobody knows)."""
        if self._total_cost is None:
            self._cost_before = cost_before
        self._tokens_before = None

    def begin_turn(self) -> None:
        self._one_step = True
        if self._total_cost is not None:
            self._cost_before = self._total_cost

    def saw_tool_call(self) -> None:
        """A model is asked again with the result of a tool call."""
        self._one_step = False

    def saw_cost(self, update: dict[str, Any]) -> Usage | None:
        """From a `usage_update`; None if it carries no cost in US dollars."""
        cost = mapping(update.get("cost"))
        amount = cost.get("amount")
        if cost.get("currency") != "USD" or not _is_number(amount) or not math.isfinite(amount):
            return None
        if self._cost_before is not None and amount < self._cost_before:
            self._cost_before = 0.0  # the harness began to count anew
        self._total_cost = float(amount)
        return None if self.turn_cost is None else Usage(cost_usd=self.turn_cost)

    def served_model(self, update: dict[str, Any]) -> str | None:
        """From a `usage_update`."""
        key = self._profile.served_model_key
        model = mapping(update.get("_meta")).get(key) if key is not None else None
        return sentence(model) if isinstance(model, str) and model else None

    @property
    def turn_cost(self) -> float | None:
        if self._total_cost is None or self._cost_before is None:
            return None
        return round(self._total_cost - self._cost_before, 9)

    def end_turn(self, result: dict[str, Any]) -> Usage | None:
        """From the PromptResponse; None when neither tokens nor cost are known."""
        usage = mapping(result.get("usage"))
        sent = _sum(usage, "inputTokens", "cachedReadTokens", "cachedWriteTokens")
        made = _sum(usage, "outputTokens")
        if self._profile.usage == "cumulative" and sent is not None and made is not None:
            before, self._tokens_before = self._tokens_before, (sent, made)
            sent, made = (sent - before[0], made - before[1]) if before is not None else (None, None)
        if self._profile.usage == "last_step" and not self._one_step:
            sent = made = None
        if sent is None and made is None and self.turn_cost is None:
            return None
        return Usage(input_tokens=sent, output_tokens=made, cost_usd=self.turn_cost)


def _sum(usage: dict[str, Any], *names: str) -> int | None:
    counts = [usage[n] for n in names if _is_number(usage.get(n)) and 0 <= usage[n] < _COUNT_LIMIT]
    return int(sum(counts)) if counts else None


def _is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def model_option(result: dict[str, Any]) -> ModelOption | None:
    """From `configOptions` of session/new, session/load, set_config_option or config_option_update."""
    options = result.get("configOptions")
    for option in map(mapping, options if isinstance(options, list) else []):
        if option.get("category") == "model" or option.get("id") == "model":
            value, choices = option.get("currentValue"), option.get("options")
            values = [c.get("value") for c in map(mapping, choices if isinstance(choices, list) else [])]
            if isinstance(value, str) and value:
                return ModelOption(sentence(value), [sentence(v) for v in values[:_CHOICES_KEPT] if isinstance(v, str)])
    return None


def read(update: dict[str, Any], calls: ToolCalls, meter: Meter) -> Iterator[Update]:
    """What one update says, in order; nothing for the kinds that are not shown."""
    match update.get("sessionUpdate"):
        case "agent_message_chunk":
            yield from _prose(update, Text)
        case "agent_thought_chunk":
            yield from _prose(update, Thought)
        case "tool_call" | "tool_call_update":
            if (call := calls.merge(update)) is not None:
                meter.saw_tool_call()
                yield call
                yield from _dropped(call, calls)
        case "plan":
            entries = update.get("entries")
            yield Plan(entries=tuple(map(_entry, (entries if isinstance(entries, list) else [])[:PLAN_KEPT])))
        case "usage_update":
            if (model := meter.served_model(update)) is not None:
                yield ModelServed(model=model)
            if (usage := meter.saw_cost(update)) is not None:
                yield usage
        case (
            "user_message_chunk"
            | "available_commands_update"
            | "current_mode_update"
            | "session_info_update"
            | "config_option_update"
        ):
            return
        case other:
            _log.debug("ignored a session/update of kind %s", sentence(str(other)))


def last_notices(calls: ToolCalls) -> Iterator[Notice]:
    """At the end of a turn: output dropped from calls that never said they were finished."""
    for title, count in calls.unreported():
        yield _notice(title, count)


def _prose(update: dict[str, Any], kind: type[Text] | type[Thought]) -> Iterator[Update]:
    content = mapping(update.get("content"))
    match content.get("type"):
        case "text" if isinstance(content.get("text"), str):
            for piece in pieces(text_of(content["text"])):
                yield kind(text=piece)
        case "resource_link" if isinstance(content.get("uri"), str):
            yield kind(text=sentence(content["uri"]))
        case other:
            yield Notice(text=sentence(f"The harness sent content of type {other}, which cannot be shown."))


def _dropped(call: ToolCall, calls: ToolCalls) -> Iterator[Notice]:
    if call.status in ("completed", "failed") and (count := calls.dropped(call.tool_call_id)):
        yield _notice(call.title or call.tool_call_id, count)


def _notice(title: str, count: int) -> Notice:
    kept = f"{OUTPUT_KEPT:,} characters kept, {count:,} dropped"
    return Notice(text=sentence(f"The output of “{title[:200]}” was too long: {kept}."))


def _entry(value: Any) -> PlanEntry:
    entry = mapping(value)
    status = entry.get("status")
    content = entry.get("content")
    return PlanEntry(
        content=sentence(content) if isinstance(content, str) else "",
        status=status if status in ("pending", "in_progress", "completed") else "pending",
    )
