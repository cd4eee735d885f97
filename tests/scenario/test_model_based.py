"""Whatever people do, in whatever order Slack tells it, a thread looks as `model_reference` says it should.

Hypothesis makes up what happens to a whole Reins on a local Slack; after each step the threads are awaited to look as
the reference has them. ``MODEL_STEPS`` in the environment asks for more than the usual 2,000
steps, ``MODEL_SEED`` for others.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import selectors
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot.core.gesture import RESUME_ACTION, STOP_ACTION
from bot.localslack import Message
from bot.localslack.sockets import FaultKind
from storage.verification import verify
from tests.rig import Rig, rig_on, shown_text
from tests.scenario.model_reference import RESUMED, State, Thread, Turn

T = TypeVar("T")
STEPS = int(os.environ.get("MODEL_STEPS", "2000"))
SEED = int(os.environ.get("MODEL_SEED", "0"))
STEPS_PER_DAY = 200
_SPEED = 20
_SEEN_WITHIN_S = 30 * _SPEED
_SETTINGS = """
[defaults]
agent = "demo"
[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "allow-all"
[limits]
max_running = 50
[timeouts]
drain = 0.1
initialize = 600
silence = 6000
"""
_DROPS: tuple[FaultKind, ...] = ("close", "abort", "disconnect_warning", "disconnect_refresh", "too_many_websockets")
_NUMBER = st.integers(0, 999)
_FOOTER = re.compile(r"(?:^|· |… · )turn (\d+)$", re.MULTILINE)
_counts: Counter[str] = Counter()
_seconds: dict[str, float] = defaultdict(float)


class _QuickSelector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout / _SPEED if timeout is not None and timeout > 0 else timeout)


class _QuickLoop(asyncio.SelectorEventLoop):
    """Its seconds are a twentieth of a second long: Reins keeps to Slack's rates, and a day would take minutes."""

    def __init__(self) -> None:
        super().__init__(_QuickSelector())

    def time(self) -> float:
        return super().time() * _SPEED


class Day(RuleBasedStateMachine):
    """One day of a team. ``heard`` are the messages that concerned Reins: Slack may deliver them again."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = _QuickLoop()
        self.home = Path(tempfile.mkdtemp(prefix="reins-model-"))
        self.until_the_end = AsyncExitStack()
        self.threads: list[Thread] = []
        self.heard: list[str] = []
        self.said = 0
        self.robot_said = 0
        self.asked = 0
        self.restarts = 0
        self.drops = 0

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(what)

    def run_soon(self, act: Callable[[], object]) -> None:
        """For what needs a running loop."""

        async def running() -> None:
            act()

        self.run(running())

    @initialize()
    def begin(self) -> None:
        self.rig: Rig = self.run(self.until_the_end.enter_async_context(rig_on(self.home / "home", settings=_SETTINGS)))
        self.slack = self.rig.slack
        self.members = [self.rig.ann, self.rig.bob]
        self.guest = self.slack.add_user("gus", is_restricted=True)
        self.robot = self.slack.add_user("robot", is_bot=True)
        for user in (self.guest, self.robot):
            self.run(self.slack.invite(self.rig.ann, self.rig.channel, user))
        self.run(self.rig.start(20 * _SPEED))

    # what people do

    @precondition(lambda self: len(self.threads) < 5)
    @rule(who=_NUMBER)
    def mention(self, who: int) -> None:
        self.begin_thread(self.members[who % 2], dm=False)
        self.settle("mention")

    @precondition(lambda self: len(self.threads) < 5)
    @rule(who=_NUMBER)
    def write_directly(self, who: int) -> None:
        self.begin_thread(self.members[who % 2], dm=True)
        self.settle("direct message")

    @precondition(lambda self: self.threads)
    @rule(which=_NUMBER, who=_NUMBER, mention=st.booleans())
    def reply(self, which: int, who: int, mention: bool) -> None:
        self.reply_in(self.threads[which % len(self.threads)], who, mention=mention)
        self.settle("reply")

    @precondition(lambda self: self.channel_threads())
    @rule(which=_NUMBER, mention=st.booleans())
    def guest_writes(self, which: int, mention: bool) -> None:
        thread = self.pick(self.channel_threads(), which)
        words = self.next_words()
        prefix = self.address if mention else ""
        self.wait_acknowledged(self.say(self.guest, thread, f"{prefix}{words}"))
        thread.outsider_says(words)
        self.settle("guest")

    @precondition(lambda self: self.channel_threads() and self.robot_said < 5)
    @rule(which=_NUMBER)
    def robot_writes(self, which: int) -> None:
        self.robot_said += 1
        thread = self.pick(self.channel_threads(), which)
        self.say(self.robot, thread, self.address + self.prompt(self.next_words()))
        self.settle("robot")

    @precondition(lambda self: self.unedited())
    @rule(which=_NUMBER)
    def edit(self, which: int) -> None:
        """Once for each message: Slack tells the time of an edit in whole seconds, and this day is short."""
        thread, turn = self.pick(self.unedited(), which)
        words = self.next_words()
        prefix = self.address if self.text(thread, turn.ts).startswith(self.address) else ""
        new = prefix + self.prompt(words)
        edited_ts = self.run(self.slack.edit(turn.who, thread.channel_id, turn.ts, new))
        self.wait_delivered()
        thread.edit(turn.ts, edited_ts, turn.who, words)
        self.settle(f"edit of a {turn.state} message")

    @precondition(lambda self: self.editable())
    @rule(which=_NUMBER)
    def delete(self, which: int) -> None:
        thread, turn = self.pick(self.editable(), which)
        self.run(self.slack.delete(turn.who, thread.channel_id, turn.ts))
        self.wait_delivered()
        state = turn.state
        thread.delete(turn.ts)
        self.settle(f"deletion of a {state} message")

    @precondition(lambda self: self.open_threads())
    @rule(which=_NUMBER, who=_NUMBER, mention=st.booleans())
    def say_stop(self, which: int, who: int, mention: bool) -> None:
        thread = self.pick(self.open_threads(), which)
        self.steer(thread, who, self.address + "stop" if mention else "!stop")
        thread.stop()
        self.settle("!stop")

    @precondition(lambda self: self.open_threads())
    @rule(which=_NUMBER, who=_NUMBER)
    def react_with_x(self, which: int, who: int) -> None:
        """To a message that was updated: nobody reacts so quickly that Reins does not know yet what it posted."""
        thread = self.pick(self.open_threads(), which)
        user = [*self.members_of(thread), *(() if thread.is_dm else (self.guest,))][who % (1 if thread.is_dm else 3)]
        fresh = [m for m in self.answers(thread) if m.edited and not _reacted(m, user)]
        if fresh:
            self.run(self.slack.react(user, thread.channel_id, fresh[who % len(fresh)].ts, "x"))
            if user != self.guest:
                thread.stop()
            self.settle("reaction")

    @precondition(lambda self: self.stoppable())
    @rule(which=_NUMBER, who=_NUMBER)
    def press_stop(self, which: int, who: int) -> None:
        thread, turn = self.pick(self.stoppable(), which)
        user = self.pick(self.members_of(thread), who)
        self.click(user, thread, turn, STOP_ACTION)
        thread.press_stop(turn)
        self.settle("Stop button")

    @precondition(lambda self: any(thread.resumable for thread in self.threads))
    @rule(which=_NUMBER, who=_NUMBER)
    def press_resume(self, which: int, who: int) -> None:
        thread = self.pick([thread for thread in self.threads if thread.resumable], which)
        turn = thread.resumable
        assert turn is not None
        user = self.pick(self.members_of(thread), who)
        self.click(user, thread, turn, RESUME_ACTION)
        thread.resume(user)
        self.settle("Resume button")

    @precondition(lambda self: self.open_threads() and self.asked < 20)
    @rule(which=_NUMBER, who=_NUMBER)
    def ask_for_status(self, which: int, who: int) -> None:
        self.asked += 1
        thread = self.pick(self.open_threads(), which)
        before = self.told(thread)
        self.steer(thread, who, "!status")
        waiting = f"{len(thread.waiting)} waiting" if thread.waiting else "none waiting"
        doing = "A turn is running" if thread.running else "Nothing is running"
        sentence = f"{doing}, {waiting}."
        self.wait(lambda: any(sentence in text for text in self.told(thread)[len(before) :]))
        self.settle("!status")

    @precondition(lambda self: self.open_threads())
    @rule(which=_NUMBER, who=_NUMBER, model=st.sampled_from(["none", "none-either"]))
    def choose_model(self, which: int, who: int, model: str) -> None:
        thread = self.pick(self.open_threads(), which)
        self.steer(thread, who, f"!model {model}", answered=True)
        self.settle("!model")

    @precondition(lambda self: self.open_threads())
    @rule(which=_NUMBER, who=_NUMBER, again=st.booleans())
    def say_new(self, which: int, who: int, again: bool) -> None:
        thread = self.pick(self.open_threads(), which)
        words = self.next_words() if again else None
        text = "!new" if words is None else f"!new {self.prompt(words)}"
        starts = again and not thread.running and not thread.waiting
        ts, user = self.steer(thread, who, text, answered=not starts)
        thread.new(ts, user, words)
        self.settle("!new")

    @precondition(lambda self: any(thread.running for thread in self.threads))
    @rule(which=_NUMBER)
    def finish(self, which: int) -> None:
        thread = self.pick([thread for thread in self.threads if thread.running], which)
        assert thread.running is not None
        for workspace in (self.home / "home" / "sessions").glob("*/workspace"):
            (workspace / thread.running.words).touch()
        thread.finish()
        self.settle("finish")

    # what Slack and the operator do

    @precondition(lambda self: self.heard)
    @rule(which=_NUMBER, attempt=st.integers(0, 2))
    def deliver_again(self, which: int, attempt: int) -> None:
        self.run_soon(lambda: self.slack.redeliver(self.pick(self.heard, which), retry_attempt=attempt))
        self.settle("redelivery")

    @precondition(lambda self: any(thread.running for thread in self.threads))
    @rule(who=st.lists(_NUMBER, min_size=2, max_size=4), new=st.booleans(), shuffle=st.randoms(use_true_random=False))
    def deliver_out_of_order(self, who: list[int], new: bool, shuffle: Any) -> None:
        """Replies in a busy thread, or a mention and replies to it, in any order. Where nothing runs, the order of
        arrival is the order of work, and rightly so."""
        self.slack.hold_deliveries()
        busy = [thread for thread in self.threads if thread.running]
        new = new and len(self.threads) < 5
        thread = self.begin_thread(self.rig.ann, dm=False) if new else busy[who[0] % len(busy)]
        for number in who:
            self.reply_in(thread, number, mention=False, waits=False)
        order = list(range(len(self.slack.held)))
        shuffle.shuffle(order)
        self.run_soon(lambda: self.slack.release_deliveries(order))
        self.settle("mention overtaken" if new else "replies out of order")

    @precondition(lambda self: self.drops < 3)
    @rule(kind=st.sampled_from(_DROPS))
    def drop_sockets(self, kind: FaultKind) -> None:
        self.drops += 1
        self.run_soon(lambda: self.slack.drop_sockets(kind))
        self.settle(f"drop: {kind}")

    @precondition(lambda self: self.restarts < 2 and self.threads)
    @rule(redeliver=st.booleans())
    def restart(self, redeliver: bool) -> None:
        self.restarts += 1
        self.stop_service()
        if redeliver:
            self.run_soon(lambda: [self.slack.redeliver(ts) for ts in self.heard])
        self.run(self.rig.start(20 * _SPEED))
        for thread in self.threads:
            thread.service_starts()
        self.settle("restart")

    # what must hold

    def settle(self, step: str) -> None:
        """Wait until every thread looks as it should."""
        _counts[step] += 1
        began = time.monotonic()
        try:
            self.wait(lambda: all(self.looks(thread) == _wanted(thread) for thread in self.threads))
        except TimeoutError:
            wrong = [(self.looks(t), _wanted(t)) for t in self.threads if self.looks(t) != _wanted(t)]
            raise AssertionError(
                f"after {step}: shown, wanted: {wrong}\n{self.slack.dump()}\n{self.rig.logs.getvalue()[-6000:]}"
            ) from None
        _seconds[step] += time.monotonic() - began

    def looks(self, thread: Thread) -> list[tuple[int, State, str]]:
        """The turns a person sees, one for each message: number, state, words."""
        return sorted(_seen(shown_text(post)) for post in self.answers(thread))

    def teardown(self) -> None:
        try:
            if hasattr(self, "slack"):
                self.check_at_the_end()
        finally:
            self.run(self.until_the_end.aclose())
            self.run(self.loop.shutdown_asyncgens())
            self.run(self.loop.shutdown_default_executor())
            self.loop.close()
            shutil.rmtree(self.home)

    def check_at_the_end(self) -> None:
        self.stop_service()
        assert not self.slack.lost_events
        assert not self.slack.pings and not self.slack.unfurled
        report = verify(self.home / "home" / "reins.db")
        assert report.ok, report.fault
        prompts = list(_prompts(self.home / "home"))
        for turn in (turn for thread in self.threads for turn in thread.turns if turn.words != RESUMED):
            sent = [prompt for prompt in prompts if f"wait-for {turn.words}\n" in prompt]
            assert len(sent) == turn.was_sent, (turn, sent)
            for prompt in sent:
                author = {self.rig.ann: "ann", self.rig.bob: "bob"}[turn.who]
                assert (f"{author} writes:\n\n" in prompt) == turn.foreign, (turn, prompt)
                beside = re.findall(r'"text": "(\w+)"', prompt)
                assert tuple(beside) == turn.beside, (turn, prompt)
        assert not [prompt for prompt in prompts if prompt.count("wait-for") > 1]

    # inside

    def stop_service(self) -> None:
        self.run(self.rig.stop())
        for thread in self.threads:
            thread.service_stops()

    @property
    def address(self) -> str:
        return f"<@{self.slack.bot_user_id}> "

    def next_words(self) -> str:
        self.said += 1
        return f"w{self.said:03}"

    def prompt(self, words: str) -> str:
        """A prompt that runs until it is let go, and whose answer tries to ping and to be unfurled."""
        harm = f"&lt;!channel&gt; &lt;@{self.rig.ann}&gt; https://example.com/{words}"
        return f"{words}\nscript: say at {words} {harm}\nscript: wait-for {words}\nscript: say done {words}"

    def begin_thread(self, user: str, *, dm: bool) -> Thread:
        words = self.next_words()
        channel = self.slack.open_dm(user) if dm else self.rig.channel
        text = self.prompt(words) if dm else self.address + self.prompt(words)
        ts = self.run(self.slack.say(user, channel, text))
        thread = Thread(channel, ts, is_dm=dm)
        thread.member_says(ts, user, words, mention=True)
        self.threads.append(thread)
        self.heard.append(ts)
        return thread

    def reply_in(self, thread: Thread, who: int, *, mention: bool, waits: bool = True) -> None:
        user = self.pick(self.members_of(thread), who)
        words = self.next_words()
        ts = self.say(user, thread, (self.address if mention else "") + self.prompt(words))
        if thread.owner is not None or mention or thread.is_dm:
            self.heard.append(ts)
        if waits:
            self.wait_acknowledged(ts)
        thread.member_says(ts, user, words, mention=mention)

    def steer(self, thread: Thread, who: int, text: str, *, answered: bool = False) -> tuple[str, str]:
        """``answered``: wait for the remark that only this person sees, where nothing else shows that it was heard."""
        user = self.pick(self.members_of(thread), who)
        told = len(self.told(thread))
        ts = self.say(user, thread, text)
        self.heard.append(ts)
        self.wait_acknowledged(ts)
        if answered:
            self.wait(lambda: len(self.told(thread)) > told)
        return ts, user

    def say(self, user: str, thread: Thread, text: str) -> str:
        return self.run(self.slack.say(user, thread.channel_id, text, thread.ts))

    def wait(self, condition: Any) -> None:
        self.run(self.slack.wait_for(lambda _: condition(), _SEEN_WITHIN_S))

    def wait_acknowledged(self, ts: str) -> None:
        self.wait(lambda: self.slack.acknowledged(ts))

    def wait_delivered(self) -> None:
        """What is still on its way when the service stops arrives after the next turn has begun."""
        self.wait(lambda: self.slack.sockets and not self.slack.unacked)

    def answers(self, thread: Thread) -> list[Message]:
        said = self.slack.messages(thread.channel_id, thread.ts)
        return [m for m in said if m.user == self.slack.bot_user_id and not m.ephemeral_to and not m.deleted]

    def told(self, thread: Thread) -> list[str]:
        return [m.text for m in self.slack.messages(thread.channel_id, thread.ts) if m.ephemeral_to]

    def text(self, thread: Thread, ts: str) -> str:
        return self.slack.message(thread.channel_id, ts).text

    def click(self, user: str, thread: Thread, turn: Turn, action_id: str) -> None:
        """Slack sends a click once, into a connection that may just break. It shows an error then, and the person
        clicks again, unless the button is gone because the click had come through."""
        looked = (turn.number, turn.state, _words_shown(turn))
        while True:
            self.wait(lambda: self.slack.sockets)
            posts = [m for m in self.answers(thread) if _seen(shown_text(m)) == looked and action_id in str(m.blocks)]
            errors = len(self.slack.notices)
            if posts:
                self.run(self.slack.click(user, thread.channel_id, posts[0].ts, action_id))
                self.wait_delivered()
            if errors == len(self.slack.notices):
                return

    def pick(self, among: list[T], number: int) -> T:
        return among[number % len(among)]

    def members_of(self, thread: Thread) -> list[str]:
        if thread.is_dm:
            return [user for user in self.members if self.slack.open_dm(user) == thread.channel_id]
        return self.members

    def channel_threads(self) -> list[Thread]:
        return [thread for thread in self.threads if not thread.is_dm]

    def open_threads(self) -> list[Thread]:
        return [thread for thread in self.threads if thread.owner is not None]

    def stoppable(self) -> list[tuple[Thread, Turn]]:
        return [(t, turn) for t in self.threads for turn in t.turns if turn.state in ("waiting", "running")]

    def unedited(self) -> list[tuple[Thread, Turn]]:
        return [(t, turn) for t, turn in self.editable() if not self.slack.message(t.channel_id, turn.ts).edited]

    def editable(self) -> list[tuple[Thread, Turn]]:
        """Turns whose message is still there, the message being one of its author's own prompts."""
        return [
            (thread, turn)
            for thread in self.threads
            for turn in thread.turns
            if turn.ts in self.heard and not self.slack.message(thread.channel_id, turn.ts).deleted
            if "wait-for" in self.text(thread, turn.ts) and not self.text(thread, turn.ts).startswith("!new")
        ]


def _reacted(post: Message, user: str) -> bool:
    return any(user in users for name, users in post.reactions if name == "x")


def _wanted(thread: Thread) -> list[tuple[int, State, str]]:
    return sorted((turn.number, turn.state, _words_shown(turn)) for turn in thread.turns)


def _words_shown(turn: Turn) -> str:
    return turn.words if turn.was_sent else ""


def _seen(shown: str) -> tuple[int, State, str]:
    footer = _FOOTER.search(shown)
    at, done = re.search(r"^at (w\d+) ", shown, re.MULTILINE), re.search(r"^done (w\d+)$", shown, re.MULTILINE)
    number, words = int(footer[1]) if footer else 0, at[1] if at else ""
    if "You were cut off in the middle" in shown and "tokens in" in shown:
        return number, "completed", RESUMED
    if "Interrupted." in shown:
        return number, "interrupted", words
    if "Stopped." in shown:
        return number, "withdrawn" if "It had not started." in shown else "stopped", words
    if done and "tokens in" in shown:
        return number, "completed", done[1] if done[1] == words else "?"
    return number, "running" if at and "Working" in shown else "waiting", words


def _prompts(home: Path) -> Iterator[str]:
    """Every prompt that reached a harness, from what the scripted harness remembers."""
    for journal in home.glob("sessions/*/home/.scripted/*"):
        for line in journal.read_text().splitlines():
            entry = json.loads(line)
            if entry is not None and entry[0] == "user":
                yield entry[1]


@pytest.mark.timeout(max(300, STEPS // 5))
def test_threads_look_as_the_reference_says() -> None:
    for number in itertools.count(SEED):
        print(f"seed {number} from step {sum(_counts.values())}")
        run_state_machine_as_test(
            seed(number)(Day),
            settings=settings(
                max_examples=4,
                stateful_step_count=STEPS_PER_DAY,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
        if sum(_counts.values()) >= STEPS:
            break
    for step, count in sorted(_counts.items()):
        print(f"{count:6} {step}: {_seconds[step]:.1f} s until it looked right")
    print(f"{sum(_counts.values()):6} steps")
