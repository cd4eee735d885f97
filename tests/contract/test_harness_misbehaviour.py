"""Whatever a harness does, a turn ends in exactly one Failed with a sentence, and nothing of it is left running."""

from __future__ import annotations

from pathlib import Path

import pytest

from harnesses.errors import HarnessError, ProtocolError, StartError
from harnesses.process import HarnessProcess
from harnesses.updates import Failed, FailureClass, Stopped, Update
from tests.contract.bad_harnesses.processes import gone
from tests.contract.bad_harnesses.profile import Misbehaving, spec_in

DURING_A_TURN: dict[str, tuple[FailureClass, str]] = {
    "exits": ("exited", "ended by itself with status 3"),
    "killed": ("exited", "was ended by signal 9"),
    "half-a-line": ("exited", "was ended by signal 9"),
    "hangs": ("silent", "said nothing for 0.4 s"),
    "garbage": ("protocol", "100 lines in a row that are not ACP"),
    "blank-lines": ("protocol", "100 lines in a row that are not ACP"),
    "bad-utf8": ("protocol", "100 lines in a row that are not ACP"),
    "non-object": ("protocol", "100 lines in a row that are not ACP"),
    "nested": ("exited", "ended by itself with status 9"),
    "long-line": ("protocol", "a line longer than 8 MiB"),
    "stderr": ("exited", "ended by itself with status 4: complaint"),
    "closed-stdout": ("exited", "closed its output"),
    "zombies": ("exited", "ended by itself with status 6"),
    "wrong-types": ("exited", "ended by itself with status 7"),
    "made-up-reason": ("protocol", "a reason Reins does not know (boredom)"),
}

AT_THE_START: dict[str, tuple[type[HarnessError], str]] = {
    "exits-at-once": (StartError, "ended by itself with status 3: a library is missing"),
    "silent-initialize": (StartError, "did not answer initialize within 0.4 s"),
    "garbage-initialize": (ProtocolError, "100 lines in a row that are not ACP"),
    "other-version": (ProtocolError, "does not speak version 1 of ACP"),
}


@pytest.mark.parametrize("manner", DURING_A_TURN)
async def test_a_turn_ends_in_one_failure_and_leaves_nothing_running(manner: str, tmp_path: Path) -> None:
    spec = spec_in(tmp_path)
    process = await HarnessProcess.start(Misbehaving(manner), spec, silence_timeout=0.4, scrub=str)
    updates: list[Update] = []
    try:
        await process.open(None)
        async for update in process.prompt("go"):
            updates.append(update)
        last = updates[-1]
        assert [u for u in updates if isinstance(u, Failed | Stopped)] == [last]
        assert isinstance(last, Failed)
        failure, sentence = DURING_A_TURN[manner]
        assert last.failure == failure
        assert sentence in last.message
        assert last.message.startswith("misbehaving ") and last.message.endswith(".")
        assert process.usable is last.process_usable is (manner == "made-up-reason")
        if not last.process_usable:
            assert await gone(spec.home, within=0.5)
    finally:
        await process.close(0)


@pytest.mark.parametrize("manner", AT_THE_START)
async def test_a_harness_that_does_not_start_is_an_error_and_leaves_nothing_running(
    manner: str, tmp_path: Path
) -> None:
    spec = spec_in(tmp_path)
    kind, sentence = AT_THE_START[manner]
    with pytest.raises(kind, match=sentence) as raised:
        await HarnessProcess.start(Misbehaving(manner), spec, initialize_timeout=0.4, scrub=str)
    assert raised.value.failure == ("start" if kind is StartError else "protocol")
    assert await gone(spec.home, within=0.5)


async def test_a_prompt_to_a_harness_that_died_between_turns_fails(tmp_path: Path) -> None:
    process = await HarnessProcess.start(Misbehaving("exits"), spec_in(tmp_path), scrub=str)
    try:
        await process.open(None)
        for _ in range(2):
            updates = [update async for update in process.prompt("go")]
            assert isinstance(updates[-1], Failed)
            assert updates[-1].failure == "exited"
    finally:
        await process.close(0)


async def test_what_it_wrote_to_stderr_is_kept_scrubbed_and_bounded(tmp_path: Path) -> None:
    def scrub(text: str) -> str:
        return text.replace("complaint", "[secret]")

    process = await HarnessProcess.start(Misbehaving("stderr"), spec_in(tmp_path), scrub=scrub)
    try:
        await process.open(None)
        [last] = [update async for update in process.prompt("go")]
        assert isinstance(last, Failed)
        assert last.message == "misbehaving ended by itself with status 4: [secret]."
        assert "complaint" not in process.stderr_tail
        assert 8 * 1024 < len(process.stderr_tail) <= 16 * 1024
    finally:
        await process.close(0)
