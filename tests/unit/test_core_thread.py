"""What a gesture does to its thread, as a table of state and gesture."""

from __future__ import annotations

import pytest

from bot.core.gesture import STOP_ACTION, Click, Command, Edit, Gesture, Message, Reaction, Submission
from bot.core.thread import (
    ActiveTurn,
    Effect,
    Limits,
    OpenSession,
    QueueTurn,
    StopTurn,
    TellPrivately,
    ThreadState,
    decide,
)

BOT = "U0BOT"
LIMITS = Limits(max_queued_per_thread=2, prompt_chars=50)
NOTHING_RUNS = TellPrivately("Nothing is running in this thread.")
HAS_ENDED = TellPrivately("That turn has already ended.")

EMPTY = ThreadState(has_session=False)
IDLE = ThreadState(has_session=True, last_started_ts="100.000000")
RUNNING = ThreadState(True, ActiveTurn("run", "200.000000"), (), "200.000000")
BUSY = ThreadState(True, ActiveTurn("run", "200.000000"), (ActiveTurn("next", "210.000000"),), "200.000000")
FULL = ThreadState(
    True,
    ActiveTurn("run", "200.000000"),
    (ActiveTurn("next", "210.000000"), ActiveTurn("last", "220.000000")),
    "200.000000",
)
WAITING = ThreadState(True, None, (ActiveTurn("next", "210.000000"),), "200.000000")
STATES = (EMPTY, IDLE, RUNNING, BUSY, FULL, WAITING)


def said(text: str, ts: str = "300.000000", *, mention: bool = False, dm: bool = False) -> Message:
    text = f"<@{BOT}> {text}" if mention else text
    return Message(
        team_id="T",
        channel_id="C",
        user_id="U",
        ts=ts,
        thread_ts="100.000000",
        text=text,
        mentions_bot=mention,
        is_dm=dm,
    )


def mention(text: str, ts: str = "300.000000") -> Message:
    return said(text, ts, mention=True)


def click(turn_id: str, action: str = STOP_ACTION) -> Click:
    return Click(
        team_id="T", channel_id="C", user_id="U", message_ts="1", action_id=action, value=turn_id, ts="300.000000"
    )


def reaction(name: str = "x", ts: str = "300.000000") -> Reaction:
    return Reaction(team_id="T", channel_id="C", user_id="U", item_ts="1", name=name, ts=ts)


TABLE: list[tuple[ThreadState, Gesture, tuple[Effect, ...]]] = [
    # asking
    (EMPTY, mention("go"), (OpenSession(), QueueTurn("go", late=False))),
    (EMPTY, said("go", dm=True), (OpenSession(), QueueTurn("go", late=False))),
    (EMPTY, said("go"), ()),
    (IDLE, said("go"), (QueueTurn("go", late=False),)),
    (IDLE, mention("go"), (QueueTurn("go", late=False),)),
    (RUNNING, said("go"), (QueueTurn("go", late=False),)),
    (BUSY, said("go"), (QueueTurn("go", late=False),)),
    (RUNNING, said("stop the deploy", "300.000000"), (QueueTurn("stop the deploy", late=False),)),
    (RUNNING, mention("stop the deploy"), (QueueTurn("stop the deploy", late=False),)),
    (IDLE, said("stop"), (QueueTurn("stop", late=False),)),
    # late: a message newer than this one has been sent to the harness already
    (RUNNING, said("go", "199.999999"), (QueueTurn("go", late=True),)),
    (IDLE, said("go", "099.999999"), (QueueTurn("go", late=True),)),
    (WAITING, said("go", "205.000000"), (QueueTurn("go", late=False),)),
    # stop reaches the running turn, if it had been asked for when stop was said
    (RUNNING, said("!stop"), (StopTurn("run"),)),
    (RUNNING, mention("stop"), (StopTurn("run"),)),
    (RUNNING, said("STOP", dm=True), (StopTurn("run"),)),
    (BUSY, said("!stop"), (StopTurn("run"),)),
    (FULL, said("!stop"), (StopTurn("run"),)),
    (RUNNING, said("!stop", "200.000000"), (StopTurn("run"),)),
    (RUNNING, said("!stop", "199.999999"), (NOTHING_RUNS,)),
    (IDLE, said("!stop"), (NOTHING_RUNS,)),
    (EMPTY, mention("stop"), (NOTHING_RUNS,)),
    (EMPTY, said("!stop"), ()),
    (RUNNING, reaction(), (StopTurn("run"),)),
    (RUNNING, reaction(ts="199.000000"), (NOTHING_RUNS,)),
    (RUNNING, reaction("eyes"), ()),
    (IDLE, reaction(), ()),
    (EMPTY, reaction(), ()),
    # a button names its turn, running or waiting
    (BUSY, click("run"), (StopTurn("run"),)),
    (BUSY, click("next"), (StopTurn("next"),)),
    (WAITING, click("next"), (StopTurn("next"),)),
    (BUSY, click("gone"), (HAS_ENDED,)),
    (IDLE, click("run"), (HAS_ENDED,)),
    (EMPTY, click("run"), (HAS_ENDED,)),
    (BUSY, click("run", "another_action"), ()),
]  # fmt: skip


@pytest.mark.parametrize(("state", "gesture", "effects"), TABLE)
def test_decide(state: ThreadState, gesture: Gesture, effects: tuple[Effect, ...]) -> None:
    assert decide(state, gesture, bot_user_id=BOT, limits=LIMITS) == effects


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "gesture",
    [
        Edit(team_id="T", channel_id="C", user_id="U", ts="1", edited_ts="2", text="other words"),
        Command(team_id="T", channel_id="C", user_id="U", command="/agent", text="", trigger_digest="aa"),
        Submission(team_id="T", channel_id="", user_id="U", view_id="V", view_hash="1", callback_id=""),
    ],
    ids=lambda gesture: gesture.kind,
)
def test_what_has_no_effect_yet_has_none_in_any_state(state: ThreadState, gesture: Gesture) -> None:
    assert decide(state, gesture, bot_user_id=BOT, limits=LIMITS) == ()


@pytest.mark.parametrize("state", STATES)
def test_an_empty_mention_only_asks_for_words(state: ThreadState) -> None:
    [effect] = decide(state, mention(""), bot_user_id=BOT, limits=LIMITS)
    assert isinstance(effect, TellPrivately) and "Say what you would like done" in effect.text


@pytest.mark.parametrize(("chars", "queued"), [(50, True), (51, False)])
def test_a_prompt_over_the_limit_is_refused_with_the_limit(chars: int, queued: bool) -> None:
    effects = decide(IDLE, said("x" * chars), bot_user_id=BOT, limits=LIMITS)
    if queued:
        assert effects == (QueueTurn("x" * chars, late=False),)
    else:
        assert effects == (TellPrivately("That message is longer than 50 characters. Shorten it or split it."),)


def test_a_full_queue_takes_no_more_and_says_how_many_wait() -> None:
    [effect] = decide(FULL, said("go"), bot_user_id=BOT, limits=LIMITS)
    assert isinstance(effect, TellPrivately) and effect.text.startswith("2 messages are already waiting")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("at", ["150.000000", "200.000000", "205.000000", "215.000000", "300.000000"])
def test_no_stop_ever_reaches_a_turn_that_was_asked_for_after_it(state: ThreadState, at: str) -> None:
    asked = {turn.turn_id: turn.message_ts for turn in (state.running, *state.queued) if turn is not None}
    for gesture in (said("!stop", at), mention("stop", at), reaction(ts=at)):
        for effect in decide(state, gesture, bot_user_id=BOT, limits=LIMITS):
            assert not isinstance(effect, StopTurn) or asked[effect.turn_id] <= at
