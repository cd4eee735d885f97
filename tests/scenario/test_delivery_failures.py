"""Whatever Slack answers, the turn finishes, nothing is shown twice, and Slack is not pestered."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.localslack import Message
from storage import faults
from storage.faults import FaultPoint
from tests.rig import Rig, rig_on
from tests.scenario.ledger import until_settled

ANSWER = "1 2 3 4 5 6 7 8"
PROMPT = "script: stream 8 20ms"
METHODS = ("chat.postMessage", "chat.update")
TRANSIENT: dict[str, dict[str, Any]] = {
    "http 500": {"status": 500},
    "internal_error": {"error": "internal_error"},
    "reset before": {"reset_before": True},
    "reset after processing": {"reset_after_processing": True},
    "429": {"status": 429, "retry_after": 1},
    "ratelimited": {"error": "ratelimited", "retry_after": 1},
}
REFUSED = ("invalid_blocks", "msg_too_long", "msg_blocks_too_long", "some_error_of_next_year")
TERMINAL = ("channel_not_found", "is_archived", "not_in_channel", "token_revoked", "message_not_found")


@pytest.fixture(autouse=True)
def _no_fault_is_left_armed() -> Iterator[None]:
    yield
    faults.disarm()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT.keys())
async def test_a_passing_failure_costs_nothing_but_time(tmp_path: Path, method: str, fault: dict[str, Any]) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        rig.slack.fail_next(method, **fault, times=2)
        ts = await rig.mention(PROMPT)
        assert ANSWER in await rig.see_ended(ts)
        [row] = await until_settled(rig)
        assert row.outcome == "completed"
        assert len(visible(rig, ts)) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", REFUSED)
async def test_a_refused_message_is_replaced_by_a_plain_one_and_the_turn_ends_in_full(
    tmp_path: Path, method: str, error: str
) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        rig.slack.fail_next(method, error=error)
        ts = await rig.mention(PROMPT)
        assert ANSWER in await rig.see_ended(ts)
        calls = [call for call in rig.slack.calls if call.method in METHODS]
        refused = next(i for i, call in enumerate(calls) if call.error == error)
        plain = calls[refused + 1].args
        assert error in plain["text"] and "`reins session show` prints all of it" in plain["text"]
        assert [block["type"] for block in plain["blocks"]] == ["section"]
        await until_settled(rig)
        assert len(visible(rig, ts)) == 1


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("error", [*TERMINAL, "invalid_blocks"])
async def test_after_a_final_no_the_turn_finishes_and_slack_is_left_alone(
    tmp_path: Path, method: str, error: str
) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        rig.slack.fail_next(method, error=error, times=1000)
        ts = await rig.mention(PROMPT)
        [row] = await until_settled(rig)
        assert (row.state, row.outcome) == ("ended", "completed")
        calls = [call for call in rig.slack.calls if call.method != "auth.test"]
        first_no = next(i for i, call in enumerate(calls) if call.error == error)
        assert len(calls) - first_no - 1 <= 3
        assert "delivery.parked" in rig.logs.getvalue()
        assert len(visible(rig, ts)) == (0 if method == "chat.postMessage" else 1)
        await rig.stop()
        await rig.start()
        await rig.stop()
        assert sum(call.method in METHODS for call in rig.slack.calls) == sum(call.method in METHODS for call in calls)


async def test_the_bot_is_removed_in_the_middle_of_a_turn_and_other_channels_go_on(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: stream 40 50ms")
        await rig.see(ts, "1 2 3")
        await rig.slack.remove(rig.ann, rig.channel, rig.slack.bot_user_id)
        other = rig.slack.add_channel("other", [rig.ann])
        here = await rig.slack.say(rig.ann, other, f"<@{rig.slack.bot_user_id}> {PROMPT}")
        await until_settled(rig, 2)
        assert any(ANSWER in str(m.blocks) for m in rig.slack.messages(other, here))
        assert "delivery.parked" in rig.logs.getvalue()


async def test_retry_after_is_honoured_and_the_final_text_is_the_same(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        calm = await rig.see_ended(await rig.mention(PROMPT))
        rig.slack.fail_next("chat.update", status=429, retry_after=3)
        ts = await rig.mention(PROMPT)
        stormy = await rig.see_ended(ts)
        assert answer_of(stormy) == answer_of(calm)
        updates = [call for call in rig.slack.calls if call.method == "chat.update"]
        limited = next(i for i, call in enumerate(updates) if call.error == "ratelimited")
        assert updates[limited + 1].at - updates[limited].at >= 3


async def test_a_post_whose_ts_could_not_be_recorded_is_found_again_not_repeated(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        fail_once_at_commit_after("delivery.posted")
        ts = await rig.mention(PROMPT)
        assert ANSWER in await rig.see_ended(ts)
        await until_settled(rig)
        assert len(visible(rig, ts)) == 1
        assert rig.slack.call_counts["chat.postMessage"] == 1
        assert "delivery.failed" in rig.logs.getvalue()


def visible(rig: Rig, thread_ts: str) -> list[Message]:
    return [message for message in rig.answers(thread_ts) if not message.deleted]


def answer_of(said: str) -> str:
    return "\n".join(line for line in said.splitlines() if " turn " not in line)


def fail_once_at_commit_after(point: FaultPoint) -> None:
    """The next transaction after ``point`` is not recorded: the disk fails just then."""

    def no_space() -> None:
        raise OSError(errno.ENOSPC, "no space left")

    faults.arm(point, lambda: faults.arm("storage.before_commit", no_space))
