"""After trouble, the messages in Slack are those of a day without trouble.

The same words are said on a quiet day and on a bad one; what the thread shows in the end must be equal but for times,
durations and ids. Where a turn was cut off after its prompt was sent, the reference is a quiet day on which it was cut
off in the same way.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
import pytest_asyncio

from bot.localslack.sockets import FaultKind
from tests.rig import Rig, rig_on

Trouble = Callable[[Rig], Awaitable[None]]
Shown = list[tuple[str, Any]]

FIRST = "look at it\nscript: plan\nscript: tool 40\nscript: say looked"
SECOND = "and now?\nscript: stream 5 10ms"
THIRD = "write it down\nscript: write note.txt done"


@asynccontextmanager
async def _day(home: Path, **options: Any) -> AsyncIterator[Rig]:
    async with rig_on(home, **options) as rig:
        await rig.start()
        yield rig


async def _conversation(rig: Rig, trouble: Trouble) -> Shown:
    """One thread of three turns; ``trouble`` comes with each of them."""
    root = await rig.mention(FIRST)
    await trouble(rig)
    await rig.see_ended(root, 1, timeout=30)
    for count, text in enumerate((SECOND, THIRD), start=2):
        await rig.reply(text, root)
        await trouble(rig)
        await rig.see_ended(root, count, timeout=30)
    await rig.stop()
    return _shown(rig, root)


async def _none(rig: Rig) -> None:
    pass


def _shown(rig: Rig, root: str) -> Shown:
    """What stands in the thread, without what may differ between two days: times, durations and ids."""
    return [_normal((post.text, post.blocks)) for post in rig.answers(root) if not post.deleted]


def _normal(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: _normal(inner, name) for name, inner in value.items() if name != "block_id"}
        case list() | tuple():
            return [_normal(inner, key) for inner in value]
        case str() if key == "task_id":
            return re.sub(r"^[0-9a-f]{16}", "HARNESS-SESSION", value)
        case str():
            return re.sub(r"\b\d+\.\d s\b", "DURATION", value)
        case _:
            return value


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    async with _day(tmp_path_factory.mktemp("quiet")) as rig:
        shown = await _conversation(rig, _none)
    assert len(shown) == 3 and "DURATION" in str(shown[0])
    return shown


async def test_everything_delivered_again(quiet: Shown, tmp_path: Path) -> None:
    async def again(rig: Rig) -> None:
        newest = rig.slack.messages(rig.channel)[-1]
        for attempt in (1, 0, 2):
            rig.slack.redeliver(newest.ts, retry_attempt=attempt)

    async with _day(tmp_path / "bad") as rig:
        assert await _conversation(rig, again) == quiet


async def test_delivered_again_after_a_restart(quiet: Shown, tmp_path: Path) -> None:
    async def restart_and_again(rig: Rig) -> None:
        said = [post.ts for post in rig.slack.messages(rig.channel) if post.user == rig.ann]
        await rig.see_ended(said[0], len(said), timeout=30)
        await rig.stop()
        for ts in said:
            rig.slack.redeliver(ts)
        await rig.start()

    async with _day(tmp_path / "bad") as rig:
        assert await _conversation(rig, restart_and_again) == quiet


async def test_sockets_that_drop(quiet: Shown, tmp_path: Path) -> None:
    """The first two messages are said right after the connection broke, when nobody has noticed yet."""

    async def bad_day(rig: Rig, kind: FaultKind) -> Shown:
        drops = iter((kind, kind))

        async def drop(rig: Rig) -> None:
            if next(drops, None) is not None:
                assert rig.slack.drop_sockets(kind) == 1

        await drop(rig)
        shown = await _conversation(rig, drop)
        assert not rig.slack.lost_events
        return shown

    async with AsyncExitStack() as until_the_end:
        days: dict[FaultKind, Rig] = {}
        for kind in get_args(FaultKind):
            days[kind] = await until_the_end.enter_async_context(_day(tmp_path / kind))
        shown = await asyncio.gather(*(bad_day(rig, kind) for kind, rig in days.items()))
        assert dict(zip(days, shown, strict=True)) == dict.fromkeys(days, quiet)


async def test_late_envelopes(quiet: Shown, tmp_path: Path) -> None:
    async with _day(tmp_path / "bad") as rig:
        rig.slack.delay_deliveries(0.3)
        assert await _conversation(rig, _none) == quiet


FAULTS: dict[str, dict[str, Any]] = {
    "reset after processing": {"reset_after_processing": True},
    "reset before": {"reset_before": True},
    "HTTP 500": {"status": 500},
    "ok false": {"error": "internal_error"},
    "429": {"status": 429, "retry_after": 1},
}


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_calls_that_fail(method: str, quiet: Shown, tmp_path: Path) -> None:
    """One call fails in every turn: no message is doubled, none is missing."""

    async def bad_day(rig: Rig, name: str) -> Shown:
        async def fail(rig: Rig) -> None:
            rig.slack.fail_next(method, **FAULTS[name])

        shown = await _conversation(rig, fail)
        failed = [call for call in rig.slack.calls if call.method == method and (call.error or not call.answered)]
        assert failed, f"no call failed with {name}: this run proves nothing"
        return shown

    async with AsyncExitStack() as until_the_end:
        days = {name: await until_the_end.enter_async_context(_day(tmp_path / name)) for name in FAULTS}
        shown = await asyncio.gather(*(bad_day(rig, name) for name, rig in days.items()))
        assert dict(zip(days, shown, strict=True)) == dict.fromkeys(days, quiet)


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    async with _day(tmp_path / "bad") as rig:
        rig.slack.fail_next("chat.postMessage", status=429, retry_after=2)
        root = await rig.mention("hello")
        await rig.see_ended(root)
        refused, *others = [call for call in rig.slack.calls if call.method == "chat.postMessage"]
        assert refused.error == "ratelimited"
        assert others and others[0].at - refused.at >= 2


async def test_replies_that_overtake_each_other(tmp_path: Path) -> None:
    """Both wait behind a running turn; they run in the order in which they were said."""
    async with _day(tmp_path / "quiet") as rig:
        quiet = await _overtaking(rig, None)
    async with _day(tmp_path / "bad") as rig:
        assert await _overtaking(rig, [1, 0]) == quiet


async def _overtaking(rig: Rig, order: list[int] | None) -> Shown:
    root = await rig.mention("begin\nscript: wait-for go.txt\nscript: say begun")
    await rig.see(root, "Working")
    rig.slack.hold_deliveries()
    for text in ("one\nscript: say first", "two\nscript: say second"):
        await rig.reply(text, root)
    rig.slack.release_deliveries(order)
    await rig.see(root, lambda said: said.count("Waiting to start") == 2)
    _let_go(rig)
    await rig.see_ended(root, 3)
    await rig.stop()
    by_turn = sorted(_shown(rig, root), key=lambda shown: str(shown).rpartition("turn ")[2])
    said = "\n".join(str(shown) for shown in by_turn)
    assert said.index("begun") < said.index("first") < said.index("second")
    return by_turn


async def test_a_turn_that_had_not_begun_when_reins_stopped(tmp_path: Path) -> None:
    """Its prompt was never sent: it runs after the restart as if nothing had happened."""
    async with _day(tmp_path / "quiet", settings=_ONE_AT_A_TIME) as rig:
        quiet = await _behind_another(rig, _none)
    async with _day(tmp_path / "bad", settings=_ONE_AT_A_TIME) as rig:
        assert await _behind_another(rig, _restart) == quiet


async def test_a_turn_that_was_interrupted(tmp_path: Path) -> None:
    """Two interruptions at the same place look the same, and both say what happened and what to do."""
    shown = []
    for day in ("one", "two"):
        async with _day(tmp_path / day, settings=_QUICK_DRAIN) as rig:
            root = await rig.mention("work\nscript: say started\nscript: hang")
            await rig.see(root, "started")
            await _restart(rig)
            await rig.see(root, "Interrupted.")
            await rig.reply("go on\nscript: say going on", root)
            await rig.see_ended(root, 2)
            await rig.stop()
            shown.append(_shown(rig, root))
    assert shown[0] == shown[1]
    assert "started" in str(shown[0][0]) and "The thread went on with another request." in str(shown[0][0])


_ONE_AT_A_TIME = """
[defaults]
agent = "demo"
[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "allow-all"
[limits]
max_running = 1
[timeouts]
drain = 0.1
"""
_QUICK_DRAIN = _ONE_AT_A_TIME.replace("max_running = 1", "max_running = 2")


async def _restart(rig: Rig) -> None:
    await rig.stop()
    await rig.start()


async def _behind_another(rig: Rig, trouble: Trouble) -> Shown:
    """What a thread shows whose turn waited for the only place while ``trouble`` came."""
    other = await rig.mention("first\nscript: wait-for go.txt", user=rig.bob)
    await rig.see(other, "Working")
    root = await rig.mention("second\nscript: tool\nscript: say done")
    await rig.see(root, "Waiting to start")
    await trouble(rig)
    _let_go(rig)
    await rig.see_ended(other)
    await rig.see_ended(root)
    await rig.stop()
    return _shown(rig, root)


def _let_go(rig: Rig) -> None:
    for workspace in (rig.home / "sessions").glob("*/workspace"):
        (workspace / "go.txt").touch()
