"""Every rendered message is one Slack takes, says what happened, and says what to do next."""

from __future__ import annotations

import random
from typing import Any, get_args

import pytest
from slack_sdk.models.blocks import Block

from bot.core.events import HarnessReported as Reported
from bot.core.events import Outcome, PermissionAnswered, PromptSent, StopRequested, TurnEnded, TurnQueued
from bot.core.gesture import STOP_ACTION
from bot.core.view import TurnView
from bot.localslack import limits, markup
from bot.localslack.blocks import check_message_blocks
from bot.slack.render import budget, escape
from bot.slack.render.turn import Bounds, Payload, RenderedTurn, render_turn
from harnesses.updates import ModelServed, Notice, PermissionAsked, Plan, PlanEntry, Text, ToolCall, ToolStatus, Usage
from tests.unit.hostile_text import as_commonmark_reads, hostile

BOUNDS = Bounds(10_000, 20)
SMALL = Bounds(budget.MIN_MESSAGE_CHARS, 3)


def test_the_renderers_limits_are_not_looser_than_slacks() -> None:
    assert budget.MESSAGE_BLOCKS <= limits.MESSAGE_BLOCKS
    assert budget.MARKDOWN_CHARS <= limits.MARKDOWN_TEXT
    assert budget.MESSAGE_CHARS <= limits.MESSAGE_BLOCK_CHARACTERS
    assert budget.MESSAGE_CHARS <= budget.MARKDOWN_CHARS
    assert budget.SECTION_CHARS <= limits.SECTION_TEXT
    assert budget.UPDATE_TEXT_CHARS <= limits.UPDATE_TEXT
    assert budget.FALLBACK_CHARS <= limits.UPDATE_TEXT
    assert budget.PLAN_TASKS <= limits.PLAN_TASKS


def test_messages_of_hostile_turns_are_taken_by_slack_whole_and_carry_nothing_live() -> None:
    random_ = random.Random(7)
    for number in range(1500):
        view = hostile_view(random_)
        bounds = SMALL if number % 2 else BOUNDS
        rendered = render_turn("a" * 32, view, bounds)
        for message in rendered.messages:
            assert_slack_takes(message, bounds)
        shown = prose_shown(rendered)
        if rendered.whole_answer is None and len(rendered.messages) == 1:
            assert (
                as_commonmark_reads(shown).startswith(escape.sendable(view.prose).rstrip("\n"))
                or not view.prose.strip()
            )


@pytest.mark.parametrize("size", [0, 1, 5_000, 60_000, 180_000, 400_000, 10_000_000])
def test_an_answer_of_any_size_is_shown_whole_or_attached_whole(size: int) -> None:
    text = "".join(f"{n:06} the quick brown fox jumps over the lazy dog\n" for n in range(size // 51 + 1))[:size]
    view = ended("completed", text=text)
    rendered = render_turn("t", view, BOUNDS)
    assert len(rendered.messages) <= BOUNDS.turn_messages + 1
    for message in rendered.messages:
        assert_slack_takes(message, BOUNDS)
    if rendered.whole_answer is None:
        assert prose_shown(rendered) == text
    else:
        assert rendered.whole_answer == text and text.startswith(prose_shown(rendered))
        assert "attached as a file" in said(rendered)


def test_what_has_rolled_over_is_not_sent_again_while_the_answer_grows_nor_when_it_ends() -> None:
    view = running()
    before: list[Payload] = []
    for part in range(60):
        view.apply(Reported(update=Text(text=f"{part} " + "some words of a paragraph. " * 40 + "\n\n")), 2)
        now = render_turn("t", view, BOUNDS).messages
        assert now[: max(0, len(before) - 1)] == before[:-1]
        before = now
    view.apply(TurnEnded(outcome="failed", reason="It broke."), 3)
    after = render_turn("t", view, BOUNDS).messages
    assert len(before) > 4 and after[1 : len(before) - 1] == before[1:-1] and after[0] == before[0]


def test_two_megabytes_fill_the_messages_there_are_and_no_more() -> None:
    view = running()
    for _ in range(2000):
        view.apply(
            Reported(update=Text(text=("the quick <brown> fox & friends\n```python\nx = 1\n```\n" * 20)[:1000])), 2
        )
    messages = render_turn("t", view, BOUNDS).messages
    assert len(messages) == 20
    assert [message.digest for message in messages] == [m.digest for m in render_turn("t", view, BOUNDS).messages]


def test_many_and_huge_tool_calls_are_shown_as_the_newest_and_a_count() -> None:
    view = running()
    for number in range(300):
        content = {"path": "f", "content": "x" * 100_000, "nested": [["y" * 1000] * 50] * 50}
        call = ToolCall(tool_call_id="same prefix " * 20 + str(number), title=f"Step {number}", raw_input=content)
        view.apply(Reported(update=call), 2)
    [message] = render_turn("t", view, BOUNDS).messages
    assert_slack_takes(message, BOUNDS)
    titles = [task["title"] for task in plan(message)["tasks"]]
    assert titles[-1] == "Step 299" and titles[0].endswith(" earlier steps")
    assert int(titles[0].split()[0]) + len(titles) - 1 == 300
    assert plan(message)["title"] == "Working · 300 steps"


def test_a_harness_that_repeats_ids_in_disguise_still_gets_a_plan_slack_takes() -> None:
    view = running()
    view.apply(
        Reported(update=Plan(entries=(PlanEntry(content=""), PlanEntry(content="Read", status="in_progress")))), 1
    )
    for call_id in ("plan-0", "earlier", "", " ", "call", "call-0", "x" * 300 + "1", "x" * 300 + "2"):
        view.apply(Reported(update=ToolCall(tool_call_id=call_id)), 2)
    [message] = render_turn("t", view, BOUNDS).messages
    assert_slack_takes(message, BOUNDS)
    assert len(plan(message)["tasks"]) == 10


def test_a_queued_turn_can_be_withdrawn_and_a_running_one_stopped() -> None:
    queued_view, running_view = queued(), running()
    for view, label, status in (
        (queued_view, "Withdraw", "Waiting to start · turn 3"),
        (running_view, "Stop", "Working… · turn 3"),
    ):
        rendered = render_turn("turn-id", view, BOUNDS)
        [button] = buttons(rendered)
        assert (button["text"]["text"], button["value"], button["action_id"]) == (label, "turn-id", STOP_ACTION)
        assert status in said(rendered)
    running_view.apply(StopRequested(user_id="U"), 2)
    stopping = render_turn("turn-id", running_view, BOUNDS)
    assert buttons(stopping) == [] and "Stopping… · turn 3" in said(stopping)


@pytest.mark.parametrize(
    ("outcome", "reason", "told"),
    [
        ("completed", "", None),
        ("completed", "The model reached its output limit.", ":warning: The model reached its output limit."),
        ("failed", "It fell over.", ":x: *This turn failed.* It fell over. Reply in this thread to try again."),
        ("stopped", "", ":octagonal_sign: *Stopped.* Reply in this thread to go on."),
        (
            "stopped",
            "It had not started.",
            ":octagonal_sign: *Stopped.* It had not started. Reply in this thread to go on.",
        ),
        (
            "interrupted",
            "Reins stopped.",
            ":warning: *Interrupted.* Reins stopped. Resume lets the agent check what it had done and go on; "
            "Discard leaves it. A reply goes on too.",
        ),
    ],
)
def test_the_end_says_what_happened_and_what_to_do_next(outcome: Outcome, reason: str, told: str | None) -> None:
    rendered = render_turn("t", ended(outcome, reason), BOUNDS)
    [message] = rendered.messages
    labels = [button["text"]["text"] for button in buttons(rendered)]
    assert labels == (["Resume", "Discard"] if outcome == "interrupted" else [])
    sections = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    assert sections == ([] if told is None else [told])
    assert message.text == (told or "Some answer.")
    assert "2.0 s · cost unknown · turn 3" in said(rendered)


def test_an_interruption_names_the_calls_nobody_knows_the_outcome_of() -> None:
    view = running()
    for number in range(4):
        view.apply(
            Reported(update=ToolCall(tool_call_id=str(number), title=f"push <b>{number}", status="in_progress")), 2
        )
    view.apply(TurnEnded(outcome="interrupted", reason="Reins stopped.", unknown_calls=("0", "1", "2", "3", "gone")), 3)
    shown = said(render_turn("t", view, BOUNDS))
    assert "outcome unknown: push &lt;b&gt;0, push &lt;b&gt;1, push &lt;b&gt;2" in shown
    assert "Check before you repeat it." in shown
    assert shown.count("Was running when the turn ended: outcome unknown") == 4


def test_the_first_line_names_what_was_chosen_and_what_is_unusual() -> None:
    view = TurnView()
    view.apply(
        TurnQueued(
            ordinal=1, prompt="", user_id="U", message_ts="1", late=True, agent="demo", harness="scripted", model="m-1"
        ),
        0,
    )
    assert "*demo* · scripted · m-1 · no sandbox · late: this message reached me after a newer one" in said(
        render_turn("t", view, BOUNDS)
    )
    view.apply(Reported(update=ModelServed(model="m-2")), 1)
    assert "*demo* · scripted · m-2 · no sandbox" in said(render_turn("t", view, BOUNDS))


def test_figures_are_shown_when_known() -> None:
    view = running()
    view.apply(Reported(update=Usage(input_tokens=12_345, output_tokens=67, cost_usd=0.5)), 2)
    view.apply(Reported(update=Notice(text="Some output was dropped.")), 2)
    view.apply(TurnEnded(outcome="completed"), 3_725_001)
    shown = said(render_turn("t", view, BOUNDS))
    assert "1 h 2 min · 12,345 tokens in, 67 out · $0.5000 · turn 3" in shown
    assert "Note: Some output was dropped." in shown


def test_a_denied_or_failed_call_shows_why() -> None:
    view = running()
    call = ToolCall(tool_call_id="1", title="Write f", raw_input={"command": "rm -rf /"})
    view.apply(Reported(update=PermissionAsked(request_id="r", tool=call)), 2)
    view.apply(PermissionAnswered(request_id="r", tool_call_id="1", decision="denied", reason="policy deny-all"), 2)
    failed = ToolCall(tool_call_id="2", title="Run tests", status="failed", output="2 failed\n")
    view.apply(Reported(update=failed), 2)
    [message] = render_turn("t", view, BOUNDS).messages
    first, second = plan(message)["tasks"]
    assert (first["status"], rich(first["details"])) == ("error", "rm -rf /\nDenied: policy deny-all")
    assert (second["status"], rich(second["output"])) == ("error", "2 failed")


def test_the_same_view_always_gives_the_same_payloads() -> None:
    for seed in range(50):
        one, two = hostile_view(random.Random(seed)), hostile_view(random.Random(seed))
        assert render_turn("t", one, BOUNDS) == render_turn("t", two, BOUNDS)


def test_a_message_too_small_for_its_own_furniture_is_refused() -> None:
    with pytest.raises(ValueError, match="6000"):
        Bounds(5_999, 1)


def assert_slack_takes(message: Payload, bounds: Bounds) -> None:
    checked = check_message_blocks(message.blocks)
    assert 0 < len(message.text) <= budget.FALLBACK_CHARS
    assert budget.text_chars(message.blocks) + len(message.text) <= bounds.message_chars <= budget.MESSAGE_CHARS
    assert list(markup.control_sequences(message.text)) == []
    assert list(markup.rich_text_sequences(message.blocks)) == []
    for _, text in markup.block_texts(checked):
        assert list(markup.control_sequences(text)) == []
        assert "<" not in text
    for block in message.blocks:
        parsed = Block.parse(block)
        assert parsed is not None and parsed.to_dict() == block


def prose_shown(rendered: RenderedTurn) -> str:
    return "".join(
        block["text"] for message in rendered.messages for block in message.blocks if block["type"] == "markdown"
    )


def said(rendered: RenderedTurn) -> str:
    return "\n".join(_strings([message.blocks for message in rendered.messages]))


def plan(message: Payload) -> dict[str, Any]:
    return next(block for block in message.blocks if block["type"] == "plan")


def buttons(rendered: RenderedTurn) -> list[dict[str, Any]]:
    return [
        element
        for message in rendered.messages
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def rich(block: dict[str, Any]) -> str:
    return "".join(_strings(block))


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            s for key, v in value.items() if not isinstance(v, str) or key in ("text", "title") for s in _strings(v)
        ]
    if isinstance(value, list):
        return [s for v in value for s in _strings(v)]
    return [value] if isinstance(value, str) else []


def queued() -> TurnView:
    view = TurnView()
    view.apply(TurnQueued(ordinal=3, prompt="p", user_id="U", message_ts="1", agent="demo", harness="scripted"), 0)
    return view


def running() -> TurnView:
    view = queued()
    view.apply(PromptSent(resumed=False), 1)
    return view


def ended(outcome: Outcome, reason: str = "", text: str = "Some answer.") -> TurnView:
    view = running()
    view.apply(Reported(update=Text(text=text)), 2)
    view.apply(TurnEnded(outcome=outcome, reason=reason), 2001)
    return view


def hostile_view(random_: random.Random) -> TurnView:
    def text(pieces: int = 40) -> str:
        return hostile(random_, pieces)

    view = TurnView()
    view.apply(
        TurnQueued(
            ordinal=random_.randrange(1, 10**6),
            prompt=text(),
            user_id="U",
            message_ts="1",
            late=random_.random() < 0.5,
            agent=text(),
            harness=text(),
            model=text(),
            sandbox=random_.choice(("none", text())),
        ),
        0,
    )
    if random_.random() < 0.1:
        return view
    view.apply(PromptSent(resumed=False), 1)
    for _ in range(random_.choice((0, 1, 3, 30, 80))):
        view.apply(Reported(update=_hostile_update(random_, text)), 2)
    for call_id in list(view.calls)[::3]:
        view.apply(PermissionAnswered(request_id="r", tool_call_id=call_id, decision="denied", reason=text()), 2)
    if random_.random() < 0.7:
        outcome = random_.choice(get_args(Outcome))
        unknown = tuple(view.calls)[::2] if outcome == "interrupted" else ()
        view.apply(TurnEnded(outcome=outcome, reason=text(200), unknown_calls=unknown), 3)
    return view


def _hostile_update(random_: random.Random, text: Any) -> Any:
    match random_.randrange(8):
        case 0 | 1:
            return Text(text=text(random_.choice((5, 50, 2000))))
        case 2:
            return Plan(entries=tuple(PlanEntry(content=text()) for _ in range(random_.choice((0, 3, 70)))))
        case 3:
            return Notice(text=text())
        case 4:
            return ModelServed(model=text())
        case 5:
            return Usage(input_tokens=random_.randrange(10**12), output_tokens=random_.randrange(10**12))
        case _:
            status: ToolStatus = random_.choice(get_args(ToolStatus))
            raw = random_.choice((None, {}, {"command": text()}, [text()] * 5, text(), {text(): {text(): text()}}))
            return ToolCall(tool_call_id=text(2), title=text(), status=status, raw_input=raw, output=text(100))
