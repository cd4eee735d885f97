"""What a gesture does to its thread, as a table of state and gesture."""

from __future__ import annotations

import pytest

from bot.core.effects import (
    ChooseModel,
    CloseSession,
    Effect,
    NoteContext,
    OpenSession,
    QueueTurn,
    ReplacePrompt,
    SettleInterruption,
    StopTurn,
    TellPrivately,
)
from bot.core.gesture import (
    DISCARD_ACTION,
    RESUME_ACTION,
    STOP_ACTION,
    Click,
    Command,
    Deletion,
    Edit,
    Gesture,
    Message,
    Reaction,
    Submission,
)
from bot.core.standing import (
    Standing,
)
from bot.core.thread import (
    ActiveTurn,
    Limits,
    Menu,
    OpenThread,
    ThreadState,
    decide,
)

BOT = "U0BOT"
LIMITS = Limits(max_queued_per_thread=2, prompt_chars=50)
NOTHING_RUNS = TellPrivately("Nothing is running in this thread.")
HAS_ENDED = TellPrivately("That turn has already ended.")

MENU = Menu({"demo": "scripted", "coder": "claude-code", "writer": "opencode", "editor": "opencode"}, "demo")
OPEN = OpenThread("demo", "scripted", owner_user_id="U")

EMPTY = ThreadState(session=None)
IDLE = ThreadState(OPEN, last_started_ts="100.000000")
RUNNING = ThreadState(OPEN, ActiveTurn("run", "200.000000"), (), "200.000000")
BUSY = ThreadState(OPEN, ActiveTurn("run", "200.000000"), (ActiveTurn("next", "210.000000"),), "200.000000")
FULL = ThreadState(
    OPEN,
    ActiveTurn("run", "200.000000"),
    (ActiveTurn("next", "210.000000"), ActiveTurn("last", "220.000000")),
    "200.000000",
)
WAITING = ThreadState(OPEN, None, (ActiveTurn("next", "210.000000"),), "200.000000")
STATES = (EMPTY, IDLE, RUNNING, BUSY, FULL, WAITING)


def outcome(state: ThreadState, gesture: Gesture, standing: Standing = "member") -> tuple[Effect, ...]:
    return decide(state, gesture, standing=standing, bot_user_id=BOT, limits=LIMITS, menu=MENU)


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
    (EMPTY, mention("go"), (OpenSession("demo"), QueueTurn("go", late=False))),
    (EMPTY, said("go", dm=True), (OpenSession("demo"), QueueTurn("go", late=False))),
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
    assert outcome(state, gesture) == effects


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    "gesture",
    [
        Edit(team_id="T", channel_id="C", user_id="U", ts="1", edited_ts="2", text="other words"),
        Deletion(team_id="T", channel_id="C", user_id="U", ts="1", deleted_ts="2"),
        Command(team_id="T", channel_id="C", user_id="U", command="/agent", text="", trigger_digest="aa"),
        Submission(team_id="T", channel_id="", user_id="U", view_id="V", view_hash="1", callback_id=""),
    ],
    ids=lambda gesture: gesture.kind,
)
def test_what_has_no_effect_yet_has_none_in_any_state(state: ThreadState, gesture: Gesture) -> None:
    assert outcome(state, gesture) == ()


@pytest.mark.parametrize("state", STATES)
def test_an_empty_mention_only_asks_for_words(state: ThreadState) -> None:
    [effect] = outcome(state, mention(""))
    assert isinstance(effect, TellPrivately) and "Say what you would like done" in effect.text


@pytest.mark.parametrize(("chars", "queued"), [(50, True), (51, False)])
def test_a_prompt_over_the_limit_is_refused_with_the_limit(chars: int, queued: bool) -> None:
    effects = outcome(IDLE, said("x" * chars))
    if queued:
        assert effects == (QueueTurn("x" * chars, late=False),)
    else:
        assert effects == (TellPrivately("That message is longer than 50 characters. Shorten it or split it."),)


def test_a_full_queue_takes_no_more_and_says_how_many_wait() -> None:
    [effect] = outcome(FULL, said("go"))
    assert isinstance(effect, TellPrivately) and effect.text.startswith("2 messages are already waiting")


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("at", ["150.000000", "200.000000", "205.000000", "215.000000", "300.000000"])
def test_no_stop_ever_reaches_a_turn_that_was_asked_for_after_it(state: ThreadState, at: str) -> None:
    asked = {turn.turn_id: turn.message_ts for turn in (state.running, *state.queued) if turn is not None}
    for gesture in (said("!stop", at), mention("stop", at), reaction(ts=at)):
        for effect in outcome(state, gesture):
            assert not isinstance(effect, StopTurn) or asked[effect.turn_id] <= at


def edit(text: str, ts: str) -> Edit:
    return Edit(team_id="T", channel_id="C", user_id="U", ts=ts, edited_ts="400", thread_ts="100.000000", text=text)


def test_an_edit_changes_a_waiting_turn_and_corrects_the_running_one() -> None:
    assert outcome(BUSY, edit("other words", "210.000000")) == (ReplacePrompt("next", "other words"),)
    [correction] = outcome(BUSY, edit("other words", "200.000000"))
    assert isinstance(correction, QueueTurn) and correction.prompt.endswith("it now reads:\n\nother words")


def test_an_edit_of_what_was_worked_on_runs_nothing_and_says_how_to() -> None:
    done = ThreadState(OPEN, last_started_ts="100.000000", was_prompt=True)
    [effect] = outcome(done, edit("other words", "100.000000"))
    assert isinstance(effect, TellPrivately) and "Send it again" in effect.text


def test_deleting_a_message_withdraws_its_turn_only_while_it_waits() -> None:
    def deleted(ts: str) -> Deletion:
        return Deletion(team_id="T", channel_id="C", user_id="U", ts=ts, deleted_ts="400")

    assert outcome(BUSY, deleted("210.000000")) == (StopTurn("next"),)
    assert outcome(BUSY, deleted("200.000000")) == ()


@pytest.mark.parametrize(
    ("words", "effects"),
    [
        ("agent:coder go", (OpenSession("coder"), QueueTurn("go", late=False))),
        ("harness:claude-code go", (OpenSession("coder"), QueueTurn("go", late=False))),
        ("harness:scripted go", (OpenSession("demo"), QueueTurn("go", late=False))),
        ("model:sonnet go", (OpenSession("demo"), QueueTurn("go", late=False, model="sonnet"))),
        ("agent:writer model:x go", (OpenSession("writer"), QueueTurn("go", late=False, model="x"))),
        ("go model:sonnet", (OpenSession("demo"), QueueTurn("go model:sonnet", late=False))),
    ],
)
def test_choices_at_the_beginning_of_a_message(words: str, effects: tuple[Effect, ...]) -> None:
    assert outcome(EMPTY, mention(words)) == effects


@pytest.mark.parametrize(
    ("words", "said_back"),
    [
        ("agent:codr go", "Did you mean `coder`?"),
        ("harness:nothing-like-it go", "I know no harness `nothing-like-it`."),
        ("harness:opencode go", "say `agent:` and one of editor, writer"),
        ("agent:coder harness:opencode go", "runs on `claude-code`, not on `opencode`"),
        ("agent:coder agent:demo go", "Say it once."),
        ("agent:coder", "Say what you would like done"),
    ],
)
def test_what_is_unknown_or_ambiguous_starts_nothing_and_says_what_to_do(words: str, said_back: str) -> None:
    [effect] = outcome(EMPTY, mention(words))
    assert isinstance(effect, TellPrivately) and said_back in effect.text


def test_a_session_keeps_its_harness_and_offers_a_new_one() -> None:
    for words in ("harness:claude-code go", "agent:coder go"):
        [effect] = outcome(IDLE, said(words))
        assert isinstance(effect, TellPrivately) and "`!new " in effect.text
    assert outcome(IDLE, said("agent:demo go")) == (QueueTurn("go", late=False),)


def test_an_interrupted_turn_is_resumed_or_discarded_once() -> None:
    cut_off = ThreadState(OPEN, last_started_ts="100.000000", interrupted_turn_id="cut")
    settled, queued = outcome(cut_off, click("cut", RESUME_ACTION))
    assert settled == SettleInterruption("cut", "resumed")
    assert isinstance(queued, QueueTurn) and "You were cut off" in queued.prompt
    assert outcome(cut_off, click("cut", DISCARD_ACTION)) == (SettleInterruption("cut", "discarded"),)
    assert outcome(cut_off, said("go")) == (SettleInterruption("cut", "passed over"), QueueTurn("go", late=False))
    [told] = outcome(IDLE, click("cut", RESUME_ACTION))
    assert isinstance(told, TellPrivately) and "already decided" in told.text


def test_new_closes_the_session_and_may_start_the_next_one_at_once() -> None:
    assert outcome(IDLE, said("!new agent:coder go")) == (
        CloseSession("!new"),
        OpenSession("coder"),
        QueueTurn("go", late=False),
    )
    closed, told = outcome(IDLE, said("!new"))
    assert closed == CloseSession("!new") and isinstance(told, TellPrivately)
    [refused] = outcome(RUNNING, said("!new"))
    assert isinstance(refused, TellPrivately)
    [unknown] = outcome(IDLE, said("!new agent:nobody go"))
    assert isinstance(unknown, TellPrivately)


def test_the_threads_model_is_chosen_and_told() -> None:
    chosen, told = outcome(IDLE, said("!model opus"))
    assert chosen == ChooseModel("opus") and isinstance(told, TellPrivately)
    [asked] = outcome(IDLE, said("!model"))
    assert isinstance(asked, TellPrivately) and "harness's own choice" in asked.text


@pytest.mark.parametrize("word", ["!status", "!queue"])
def test_status_says_who_works_and_how_many_wait(word: str) -> None:
    [told] = outcome(BUSY, said(word))
    assert told == TellPrivately(
        "Agent `demo` on `scripted` with the harness's own choice of model. A turn is running, 1 waiting."
    )


@pytest.mark.parametrize("standing", ["guest", "stranger", "bot"])
def test_only_members_prompt_and_steer_and_the_words_of_others_are_context(standing: Standing) -> None:
    [noted] = outcome(RUNNING, said("do this instead"), standing)
    assert noted == NoteContext("do this instead", standing)
    for gesture in (mention("!stop"), click("run")):
        effects = outcome(RUNNING, gesture, standing)
        assert isinstance(effects[-1], TellPrivately)
        assert not any(isinstance(effect, StopTurn | QueueTurn) for effect in effects)
    [refused] = outcome(EMPTY, mention("go"), standing)
    assert isinstance(refused, TellPrivately)


def test_with_drive_owner_only_the_owner_drives() -> None:
    theirs = ThreadState(OpenThread("demo", "scripted", owner_user_id="U0OTHER", drive="owner"))
    assert outcome(theirs, said("go")) == (NoteContext("go", "member"),)
    assert outcome(ThreadState(OpenThread("demo", "scripted", "U", drive="owner")), said("go")) == (
        QueueTurn("go", late=False),
    )
