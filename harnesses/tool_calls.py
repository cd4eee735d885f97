"""Tool calls of one turn: ACP's `tool_call` and `tool_call_update` merged by id, within bounds."""

from __future__ import annotations

import json
from typing import Any, get_args

from harnesses.outside import clean, mapping, text_of
from harnesses.updates import Diff, ToolCall, ToolKind, ToolStatus

OUTPUT_KEPT = 256 * 1024  # characters of one call's output
CALLS_KEPT = 1_000  # per turn; the oldest is forgotten, and a later update of it starts anew
TITLE_KEPT = 4 * 1024
LOCATIONS_KEPT = 100
_STATE_KEPT = 16 * 1024 * 1024  # characters over all calls of a turn

_KINDS = frozenset(get_args(ToolKind))
_STATUSES = frozenset(get_args(ToolStatus))


class ToolCalls:
    def __init__(self) -> None:
        self._calls: dict[str, ToolCall] = {}
        self._sizes: dict[str, int] = {}
        self._dropped: dict[str, int] = {}

    def merge(self, update: dict[str, Any]) -> ToolCall | None:
        """The whole state after ``update`` (a ToolCall or ToolCallUpdate of ACP); None if it names no call."""
        identity = update.get("toolCallId")
        if not isinstance(identity, str) or not identity:
            return None
        identity = text_of(identity)[:TITLE_KEPT]
        known = self._calls.pop(identity, None) or ToolCall(tool_call_id=identity)
        changes: dict[str, Any] = {}
        if isinstance(title := update.get("title"), str):
            changes["title"] = text_of(title)[:TITLE_KEPT]
        if (kind := update.get("kind")) is not None:
            changes["tool_kind"] = kind if kind in _KINDS else "other"
        if (status := update.get("status")) in _STATUSES:
            changes["status"] = status
        if update.get("rawInput") is not None:
            changes["raw_input"] = clean(update["rawInput"])
        if isinstance(places := update.get("locations"), list):
            found = [text_of(p["path"]) for p in map(mapping, places) if isinstance(p.get("path"), str)]
            changes["locations"] = tuple(found[:LOCATIONS_KEPT])
        changes |= self._content(identity, update)
        call = known.model_copy(update=changes)
        self._keep(call)
        return call

    def get(self, identity: str) -> ToolCall | None:
        return self._calls.get(identity)

    def dropped(self, identity: str) -> int:
        """Characters of output left out of this call since it was last asked."""
        return self._dropped.pop(identity, 0)

    def unreported(self) -> list[tuple[str, int]]:
        """(title, characters) of every call with output left out that `dropped` was not asked about."""
        return [(self._title(identity), count) for identity, count in self._dropped.items()]

    def _content(self, identity: str, update: dict[str, Any]) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        output: str | None = None
        if isinstance(content := update.get("content"), list):
            blocks = [mapping(block) for block in content]
            texts = [mapping(b.get("content")).get("text") for b in blocks if b.get("type") == "content"]
            output = "\n".join(text for text in texts if isinstance(text, str)) or None
            diffs = tuple(diff for block in blocks if (diff := _diff(block)) is not None)
            if diffs:
                changes["diffs"] = diffs
        if output is None and (raw := update.get("rawOutput")) is not None:
            output = raw if isinstance(raw, str) else json.dumps(clean(raw), ensure_ascii=False)
        if output is not None:
            changes["output"] = text_of(output[:OUTPUT_KEPT])
            if len(output) > OUTPUT_KEPT:
                self._dropped[identity] = len(output) - OUTPUT_KEPT
        return changes

    def _keep(self, call: ToolCall) -> None:
        identity = call.tool_call_id
        self._calls[identity] = call
        self._sizes[identity] = len(call.output) + sum(len(d.new_text) + len(d.old_text or "") for d in call.diffs)
        if call.raw_input is not None:
            self._sizes[identity] += len(json.dumps(call.raw_input, ensure_ascii=False))
        while len(self._calls) > 1 and (len(self._calls) > CALLS_KEPT or sum(self._sizes.values()) > _STATE_KEPT):
            oldest = next(iter(self._calls))
            for table in (self._calls, self._sizes):
                table.pop(oldest, None)

    def _title(self, identity: str) -> str:
        call = self._calls.get(identity)
        return call.title if call is not None and call.title else identity


def _diff(block: dict[str, Any]) -> Diff | None:
    path, old, new = block.get("path"), block.get("oldText"), block.get("newText")
    if block.get("type") != "diff" or not isinstance(path, str) or not isinstance(new, str):
        return None
    return Diff(path=text_of(path), old_text=text_of(old) if isinstance(old, str) else None, new_text=text_of(new))
