"""Plan entries and tool calls as one `plan` block (https://docs.slack.dev/reference/block-kit/blocks/plan-block/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from bot.core.view import ShownCall, TurnView
from bot.slack.render.budget import PLAN_CHARS, PLAN_TASKS, text_chars
from bot.slack.render.escape import one_line
from harnesses.updates import PlanEntry

Block = dict[str, Any]
_TITLE_CHARS = 120
_DETAIL_CHARS = 200
_PLAN_STATUS = {"pending": "pending", "in_progress": "in_progress", "completed": "complete"}
_CALL_STATUS = {"pending": "in_progress", "in_progress": "in_progress", "completed": "complete", "failed": "error"}


def plan_block(view: TurnView) -> Block | None:
    """None when the turn has neither a plan nor a tool call. Older steps are counted, not shown, past the limits."""
    total = len(view.plan) + len(view.calls)
    if not total:
        return None
    kept = _newest_that_fit(_newest_first(view))
    hidden = total - len(kept)
    if hidden:
        kept.insert(
            0, {"type": "task_card", "task_id": "earlier", "title": f"{hidden} earlier steps", "status": "complete"}
        )
    steps = f"{total} step{'s' if total != 1 else ''}"
    return {"type": "plan", "title": steps if view.phase == "ended" else f"Working · {steps}", "tasks": kept}


def _newest_first(view: TurnView) -> Iterator[Block]:
    """Task ids are positions: a harness may repeat its own, and Slack refuses a plan with two alike."""
    calls = list(view.calls.values())
    for i in reversed(range(len(calls))):
        yield _call_task(f"call-{i}", calls[i], view)
    for i in reversed(range(len(view.plan))):
        yield _entry_task(f"plan-{i}", view.plan[i], view)


def _newest_that_fit(newest_first: Iterator[Block]) -> list[Block]:
    kept: list[Block] = []
    room = PLAN_CHARS - 100
    for task in newest_first:
        room -= text_chars(task)
        if room < 0 or len(kept) == PLAN_TASKS - 1:
            break
        kept.append(task)
    kept.reverse()
    return kept


def _entry_task(task_id: str, entry: PlanEntry, view: TurnView) -> Block:
    status = _PLAN_STATUS[entry.status]
    if view.phase == "ended" and status == "in_progress":
        status = "pending"
    title = one_line(entry.content, _TITLE_CHARS) or "step"
    return {"type": "task_card", "task_id": task_id, "title": title, "status": status}


def _call_task(task_id: str, shown: ShownCall, view: TurnView) -> Block:
    call = shown.call
    status = _CALL_STATUS[call.status]
    remark = ""
    if shown.answer is not None and shown.answer.decision != "allowed":
        status, remark = "error", f"{shown.answer.decision.capitalize()}: {shown.answer.reason}"
    elif shown.answer is not None:
        remark = f"Allowed: {shown.answer.reason}"
    if shown.unknown:
        status, remark = "error", "Was running when the turn ended: outcome unknown"
    elif view.phase == "ended" and status == "in_progress":
        status = "error"
        remark = remark or "Did not finish"
    task: Block = {
        "type": "task_card",
        "task_id": task_id,
        "title": one_line(call.title, _TITLE_CHARS) or call.tool_kind,
        "status": status,
    }
    details = [line for line in (_payload(call.raw_input, call.title), one_line(remark, _DETAIL_CHARS)) if line]
    if details:
        task["details"] = _rich_text("\n".join(details))
    if call.status == "failed" and call.output.strip():
        task["output"] = _rich_text(one_line(call.output, _DETAIL_CHARS))
    return task


def _payload(raw_input: Any, title: str) -> str:
    if raw_input is None or raw_input in ({}, ""):
        return ""
    command = raw_input.get("command") if isinstance(raw_input, dict) else None
    shown = one_line(command if isinstance(command, str) else _beginning(raw_input), _DETAIL_CHARS)
    return "" if shown == one_line(title, _DETAIL_CHARS) else shown


def _beginning(value: Any) -> str:
    """JSON, of which only as much is written as can be shown: a tool may have been given megabytes."""
    written = ""
    for piece in json.JSONEncoder(ensure_ascii=False).iterencode(_brief(value)):
        written += piece
        if len(written) > 2 * _DETAIL_CHARS:
            break
    return written


def _brief(value: Any) -> Any:
    match value:
        case str():
            return value[: 2 * _DETAIL_CHARS]
        case dict():
            return {key: _brief(item) for key, item in islice(value.items(), _DETAIL_CHARS)}
        case list() | tuple():
            return [_brief(item) for item in islice(value, _DETAIL_CHARS)]
        case _:
            return value


def _rich_text(text: str) -> Block:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}],
    }
