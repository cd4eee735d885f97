"""What one gesture does to its thread. The caller loads the state and applies the effects in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from bot.core.choices import Choices, Contradiction, split_choices, unknown
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
    STOP_REACTION,
    Click,
    Command,
    Deletion,
    Edit,
    Gesture,
    Message,
    Reaction,
    Submission,
)
from bot.core.prompt import plain_words
from bot.core.standing import Drive, Standing
from bot.core.words import Steer, steering

LOOK_PROMPT = "Look at the attached file(s)."
RESUME_PROMPT = (
    "You were cut off in the middle of your last turn: the service that runs you stopped. What you had begun may be "
    "done, half done or not done. Check the state of your work first, then go on with the last request."
)


@dataclass(frozen=True, slots=True)
class ActiveTurn:
    turn_id: str
    message_ts: str


@dataclass(frozen=True, slots=True)
class OpenThread:
    """The thread's open session. ``model`` is what `!model` chose; ``agent_model`` what the agent is set to."""

    agent: str
    harness: str
    owner_user_id: str
    drive: Drive = "channel"
    model: str | None = None
    agent_model: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadState:
    """``running`` is the turn that has been started, though its prompt may not have been sent yet.

    ``last_started_ts`` is the Slack ts of the newest message whose prompt was sent in the open session. ``was_prompt``:
    whether the message that the gesture changes was a prompt of this session whose turn has ended.
    ``interrupted_turn_id``: the session's newest turn, if it was interrupted and nobody has said what to do about it.
    """

    session: OpenThread | None
    running: ActiveTurn | None = None
    queued: tuple[ActiveTurn, ...] = ()
    last_started_ts: str = "0"
    was_prompt: bool = False
    interrupted_turn_id: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """What can be chosen: the harness of every agent by its name, and this channel's agent."""

    agents: Mapping[str, str]
    default_agent: str


@dataclass(frozen=True, slots=True)
class Limits:
    max_queued_per_thread: int
    prompt_chars: int


def decide(
    state: ThreadState, gesture: Gesture, *, standing: Standing, bot_user_id: str, limits: Limits, menu: Menu
) -> tuple[Effect, ...]:
    if not _may_drive(state, gesture.user_id, standing):
        return _from_the_side(state, gesture, standing, bot_user_id)
    match gesture:
        case Message():
            return _message(state, gesture, bot_user_id, limits, menu)
        case Edit():
            return _edit(state, gesture, bot_user_id, limits)
        case Deletion(ts=ts):
            return tuple(StopTurn(turn.turn_id) for turn in state.queued if turn.message_ts == ts)
        case Click(action_id=action, value=turn_id) if action == STOP_ACTION:
            return _stop_named(state, turn_id)
        case Click(action_id=action, value=turn_id) if action in (RESUME_ACTION, DISCARD_ACTION):
            return _settle(state, turn_id, resume=action == RESUME_ACTION)
        case Reaction(name=name, ts=ts) if name == STOP_REACTION and state.running is not None:
            return _stop_running(state, ts)
        case Click() | Reaction() | Command() | Submission():
            return ()
        case _:
            assert_never(gesture)


def _may_drive(state: ThreadState, user_id: str, standing: Standing) -> bool:
    if standing != "member":
        return False
    return state.session is None or state.session.drive == "channel" or state.session.owner_user_id == user_id


def _from_the_side(state: ThreadState, gesture: Gesture, standing: Standing, bot_user_id: str) -> tuple[Effect, ...]:
    """Somebody who may not drive: their words are context, their controls are refused with the reason."""
    refused = TellPrivately(_not_yours(state, standing))
    match gesture:
        case Message(mentions_bot=mentioned, is_dm=is_dm, text=text, files=files):
            words = plain_words(text, bot_user_id)
            if files:
                words += f"\n(attached, not fetched: {', '.join(file.name for file in files)})"
            noted = (NoteContext(words, standing),) if state.session is not None and words else ()
            return (*noted, refused) if mentioned or is_dm else noted
        case Click():
            return (refused,)
        case _:
            return ()


def _not_yours(state: ThreadState, standing: Standing) -> str:
    if standing == "member" and state.session is not None:
        return (
            "Only the person who opened this session drives it. I keep what you wrote as context for the next prompt; "
            "mention me outside this thread for a session of your own."
        )
    return "Only full members of this workspace can give me work. What you write in my threads is context."


def _message(state: ThreadState, message: Message, bot_user_id: str, limits: Limits, menu: Menu) -> tuple[Effect, ...]:
    addressed = message.mentions_bot or message.is_dm
    if not addressed and state.session is None:
        return ()
    words = plain_words(message.text, bot_user_id)
    steer = steering(words, addressed=addressed)
    if steer is not None:
        return _steer(state, message, steer, limits, menu)
    return _prompt(state, message, words, limits, menu)


def _prompt(state: ThreadState, message: Message, words: str, limits: Limits, menu: Menu) -> tuple[Effect, ...]:
    try:
        choices, prompt = split_choices(words)
        opening = () if state.session is not None else (OpenSession(_agent(choices, menu)),)
    except ValueError as refusal:
        return (TellPrivately(str(refusal)),)
    prompt = prompt or (LOOK_PROMPT if message.files else "")
    if state.session is not None and (kept := _keeps(state.session, choices)):
        return (TellPrivately(kept),)
    problem = _problem(state, prompt, limits)
    if problem is not None:
        return (TellPrivately(problem),)
    late = message.ts < state.last_started_ts
    passed = state.interrupted_turn_id
    settled = (SettleInterruption(passed, "passed over"),) if passed is not None else ()
    return (*opening, *settled, QueueTurn(prompt, late, choices.model, message.files))


def _agent(choices: Choices, menu: Menu) -> str:
    """The agent of a new session. Raises ValueError with the sentence for whoever asked."""
    if choices.agent is not None:
        if choices.agent not in menu.agents:
            raise ValueError(unknown("agent", choices.agent, menu.agents))
        if choices.harness is not None and menu.agents[choices.agent] != choices.harness:
            raise Contradiction(
                f"Agent `{choices.agent}` runs on `{menu.agents[choices.agent]}`, not on `{choices.harness}`. "
                "Leave one of the two out."
            )
        return choices.agent
    if choices.harness is None or menu.agents[menu.default_agent] == choices.harness:
        return menu.default_agent
    fitting = sorted(name for name, harness in menu.agents.items() if harness == choices.harness)
    if not fitting:
        raise ValueError(unknown("harness", choices.harness, set(menu.agents.values())))
    if len(fitting) > 1:
        raise ValueError(f"Several agents run on `{choices.harness}`: say `agent:` and one of {', '.join(fitting)}.")
    return fitting[0]


def _keeps(session: OpenThread, choices: Choices) -> str:
    """Why an open session cannot become what was asked for; empty when it need not."""
    if choices.harness in (None, session.harness) and choices.agent in (None, session.agent):
        return ""
    wish = f"agent:{choices.agent}" if choices.agent is not None else f"harness:{choices.harness}"
    return (
        f"This session stays with agent `{session.agent}` on `{session.harness}`. "
        f"Say `!new {wish} …` to start a new session in this thread; nothing was started."
    )


def _problem(state: ThreadState, prompt: str, limits: Limits) -> str | None:
    if not prompt:
        return "Say what you would like done after the mention, and I will start."
    if len(prompt) > limits.prompt_chars:
        return f"That message is longer than {limits.prompt_chars:,} characters. Shorten it or split it."
    if len(state.queued) >= limits.max_queued_per_thread:
        return (
            f"{len(state.queued)} messages are already waiting in this thread. "
            "Wait for one to finish, then send it again."
        )
    return None


def _steer(state: ThreadState, message: Message, steer: Steer, limits: Limits, menu: Menu) -> tuple[Effect, ...]:
    match steer.word:
        case "stop":
            return _stop_running(state, message.ts)
        case "status" | "queue":
            return (TellPrivately(_status(state)),)
        case "model":
            return _choose_model(state, steer.rest)
        case "new":
            return _new_session(state, message, steer.rest, limits, menu)
        case _:
            assert_never(steer.word)


def _choose_model(state: ThreadState, model: str) -> tuple[Effect, ...]:
    if state.session is None:
        return (
            TellPrivately("There is no session in this thread yet. Mention me with `model:NAME` and your request."),
        )
    if not model or len(model.split()) != 1:
        current = state.session.model or state.session.agent_model or "the harness's own choice"
        return (TellPrivately(f"The model is {current}. `!model NAME` changes it for the next turns."),)
    return (ChooseModel(model), TellPrivately(f"From the next turn on this thread asks for `{model}`."))


def _new_session(state: ThreadState, message: Message, rest: str, limits: Limits, menu: Menu) -> tuple[Effect, ...]:
    if state.running is not None or state.queued:
        return (
            TellPrivately("A turn is running or waiting here. `!stop` it, or let it finish, then say `!new` again."),
        )
    afterwards = ThreadState(session=None)
    if not rest and not message.files:
        if state.session is None:
            return (TellPrivately("There is no session in this thread; your next mention starts one."),)
        return (CloseSession("!new"), TellPrivately("This session is closed. Your next mention starts a new one here."))
    opening = _prompt(afterwards, message, rest, limits, menu)
    started = any(isinstance(effect, OpenSession) for effect in opening)
    return (CloseSession("!new"), *opening) if started and state.session is not None else opening


def _edit(state: ThreadState, edit: Edit, bot_user_id: str, limits: Limits) -> tuple[Effect, ...]:
    """A queued message changes its turn; the running one gets a correction; an older one is not run again by itself."""
    words = plain_words(edit.text, bot_user_id)
    try:
        _, prompt = split_choices(words)
    except Contradiction as refusal:
        return (TellPrivately(str(refusal)),)
    for turn in state.queued:
        if turn.message_ts == edit.ts:
            problem = _problem(ThreadState(state.session), prompt, limits)
            return (TellPrivately(problem),) if problem else (ReplacePrompt(turn.turn_id, prompt),)
    if state.running is not None and state.running.message_ts == edit.ts and prompt:
        return (
            QueueTurn(f"Correction of the message you were just working on; it now reads:\n\n{prompt}", late=False),
        )
    if state.was_prompt:
        return (TellPrivately("That message was already worked on. Send it again as a reply to run the new words."),)
    return ()


def _settle(state: ThreadState, turn_id: str, *, resume: bool) -> tuple[Effect, ...]:
    if state.interrupted_turn_id != turn_id:
        return (TellPrivately("That was already decided, or the thread has gone on since."),)
    if not resume:
        return (SettleInterruption(turn_id, "discarded"),)
    return (SettleInterruption(turn_id, "resumed"), QueueTurn(RESUME_PROMPT, late=False))


def _stop_running(state: ThreadState, at: str) -> tuple[Effect, ...]:
    """A stop reaches only the turn that was already asked for when it was said, never a later one."""
    if state.running is not None and state.running.message_ts <= at:
        return (StopTurn(state.running.turn_id),)
    return (TellPrivately("Nothing is running in this thread."),)


def _stop_named(state: ThreadState, turn_id: str) -> tuple[Effect, ...]:
    if any(turn.turn_id == turn_id for turn in (state.running, *state.queued) if turn is not None):
        return (StopTurn(turn_id),)
    return (TellPrivately("That turn has already ended."),)


def _status(state: ThreadState) -> str:
    if state.session is None:
        return "There is no session in this thread. Mention me with a request to start one."
    session = state.session
    model = session.model or session.agent_model or "the harness's own choice of model"
    doing = "A turn is running" if state.running is not None else "Nothing is running"
    waiting = f"{len(state.queued)} waiting" if state.queued else "none waiting"
    return f"Agent `{session.agent}` on `{session.harness}` with {model}. {doing}, {waiting}."
