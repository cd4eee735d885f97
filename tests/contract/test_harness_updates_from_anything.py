"""Whatever JSON a harness sends as an update, reading it gives values that can be stored, and never an exception."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harnesses.profiles.scripted import SCRIPTED
from harnesses.session_update import Meter, last_notices, model_option, read
from harnesses.tool_calls import ToolCalls

KINDS = ["agent_message_chunk", "agent_thought_chunk", "tool_call", "tool_call_update", "plan", "usage_update", "new"]
KEYS = ["content", "entries", "toolCallId", "title", "kind", "status", "locations", "rawInput", "rawOutput", "cost"]
INNER = [
    "type",
    "text",
    "path",
    "oldText",
    "newText",
    "amount",
    "currency",
    "content",
    "status",
    "uri",
    "options",
    "id",
]
WORDS = ["text", "diff", "content", "USD", "pending", "completed", "t1", "model", "\ud800", "a" * 20_000]

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER), inner, max_size=5)
)
updates = st.fixed_dictionaries(
    {"sessionUpdate": st.sampled_from(KINDS) | leaves},
    optional=dict.fromkeys([*KEYS, "_meta", "configOptions"], values),
)


@settings(max_examples=75, deadline=None)
@given(st.lists(updates, max_size=6), values)
def test_reading_never_fails(sent: list[dict[str, Any]], result: Any) -> None:
    calls, meter = ToolCalls(), Meter(SCRIPTED)
    meter.begin_turn()
    found = [update for one in sent for update in read(one, calls, meter)]
    found += last_notices(calls)
    for one in sent:
        model_option(one)
    end = meter.end_turn({"usage": result})
    for update in [*found, *([end] if end is not None else [])]:
        json.dumps(update.model_dump(mode="json"), allow_nan=False).encode()
