"""What a person sees of a turn follows from its events alone, and no word of the answer is lost or changed."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.core.events import (
    Fact,
    HarnessReported,
    Outcome,
    PermissionAnswered,
    PromptSent,
    SessionClosed,
    SessionOpened,
    StopRequested,
    TurnEnded,
    TurnQueued,
    from_body,
    stored_kind,
    to_body,
)
from bot.core.view import TurnView
from harnesses.updates import (
    Failed,
    ModelServed,
    Notice,
    PermissionAsked,
    Plan,
    PlanEntry,
    Stopped,
    Text,
    Thought,
    ToolCall,
    Update,
    Usage,
)

words = st.text(st.characters(codec="utf-8"), max_size=20)
ids = st.sampled_from(["a", "b", "c"])
calls = st.builds(
    ToolCall,
    tool_call_id=ids,
    title=words,
    status=st.sampled_from(["pending", "in_progress", "completed", "failed"]),
    raw_input=st.none() | st.dictionaries(words, words, max_size=2),
)
updates: st.SearchStrategy[Update] = st.one_of(
    st.builds(Text, text=words),
    st.builds(Text, text=words),
    st.builds(Thought, text=words),
    calls,
    st.builds(PermissionAsked, request_id=ids, tool=calls),
    st.builds(Plan, entries=st.lists(st.builds(PlanEntry, content=words), max_size=2).map(tuple)),
    st.builds(Usage, input_tokens=st.none() | st.integers(0, 9), output_tokens=st.none() | st.integers(0, 9)),
    st.builds(ModelServed, model=words),
    st.builds(Notice, text=words),
    st.just(Stopped(stop_reason="end_turn")),
    st.builds(Failed, failure=st.just("exited"), message=words),
)
queued = TurnQueued(ordinal=1, prompt="p", user_id="U", message_ts="1", agent="demo", harness="scripted")
facts: st.SearchStrategy[Fact] = st.one_of(
    st.builds(HarnessReported, update=updates),
    st.builds(HarnessReported, update=updates),
    st.builds(PermissionAnswered, request_id=ids, tool_call_id=ids, decision=st.just("denied"), reason=words),
    st.just(queued),
    st.builds(PromptSent, resumed=st.booleans()),
    st.builds(StopRequested, user_id=words),
    st.builds(
        TurnEnded,
        outcome=st.sampled_from(get_args(Outcome)),
        reason=words,
        unknown_calls=st.lists(ids, max_size=3).map(tuple),
    ),
    st.builds(
        SessionOpened,
        agent=words,
        harness=words,
        sandbox=words,
        policy=words,
        channel_id=words,
        thread_ts=words,
        owner_user_id=words,
    ),
    st.builds(SessionClosed, reason=words),
)
histories = st.lists(facts, max_size=30)


def fold(history: list[Fact]) -> TurnView:
    view = TurnView()
    for at, fact in enumerate(history):
        view.apply(fact, at)
    return view


@given(histories)
def test_the_same_events_give_the_same_view_also_when_read_back_from_storage(history: list[Fact]) -> None:
    stored = [from_body(to_body(fact, lambda value: value)) for fact in history]
    assert stored == history
    assert fold(history) == fold(history) == fold(stored)


@given(histories)
@settings(max_examples=300)
def test_the_prose_is_the_text_events_with_a_blank_line_where_a_tool_was_used(history: list[Fact]) -> None:
    expected: list[str] = []
    tool_used = False
    for fact in history:
        match fact:
            case HarnessReported(update=Text(text=text)):
                expected += ["\n\n", text] if tool_used and expected else [text]
                tool_used = False
            case HarnessReported(update=ToolCall() | PermissionAsked()):
                tool_used = True
            case _:
                pass
    assert fold(history).prose == "".join(expected)


@given(histories, st.integers(0, 30))
def test_folding_on_from_where_one_stopped_is_folding_from_the_start(history: list[Fact], stop: int) -> None:
    view = fold(history[:stop])
    for at, fact in enumerate(history[stop:], start=min(stop, len(history))):
        view.apply(fact, at)
    assert view == fold(history)


@given(histories)
def test_every_call_that_was_not_seen_to_finish_counts_as_running(history: list[Fact]) -> None:
    last: dict[str, str] = {}
    for fact in history:
        match fact:
            case HarnessReported(update=ToolCall(tool_call_id=call_id, status=status)):
                last[call_id] = status
            case HarnessReported(update=PermissionAsked(tool=tool)):
                last[tool.tool_call_id] = tool.status
            case _:
                pass
    running = {call_id for call_id, status in last.items() if status in ("pending", "in_progress")}
    assert set(fold(history).running_calls) == running


def test_a_blank_line_stands_where_the_harness_stopped_talking_to_use_a_tool() -> None:
    tool = HarnessReported(update=ToolCall(tool_call_id="1"))
    one, two = HarnessReported(update=Text(text="one")), HarnessReported(update=Text(text="two"))
    assert fold([tool, one]).prose == "one"
    assert fold([one, tool, tool, two]).prose == "one\n\ntwo"
    assert fold([one, two]).prose == "onetwo"
    assert fold([one, HarnessReported(update=Thought(text="hm")), two]).prose == "onetwo"


def test_a_turn_goes_from_queued_over_running_and_stopping_to_ended() -> None:
    view = TurnView()
    phases = []
    history: list[Fact] = [queued, PromptSent(resumed=True), StopRequested(user_id="U"), TurnEnded(outcome="stopped")]
    for at, fact in enumerate(history):
        view.apply(fact, at)
        phases.append(view.phase)
    assert phases == ["queued", "running", "stopping", "ended"]
    assert (view.queued_at, view.sent_at, view.ended_at, view.resumed, view.outcome) == (0, 1, 3, True, "stopped")


@pytest.mark.parametrize(
    "body", ['{"kind":"turn.danced"}', '{"kind":"harness","update":{"kind":"song"}}', "{}", "[]", "null"]
)
def test_a_body_no_release_wrote_is_refused_not_skipped(body: str) -> None:
    with pytest.raises(ValidationError):
        from_body(body)


def test_fields_a_later_release_adds_do_not_hide_what_this_one_knows() -> None:
    body = json.loads(to_body(TurnEnded(outcome="failed", reason="r"), lambda value: value)) | {"mood": "sad"}
    assert from_body(json.dumps(body)) == TurnEnded(outcome="failed", reason="r")


@given(facts)
def test_the_kind_in_the_event_row_names_the_fact(fact: Fact) -> None:
    kind = stored_kind(fact)
    assert kind == (f"harness.{fact.update.kind}" if isinstance(fact, HarnessReported) else fact.kind)
