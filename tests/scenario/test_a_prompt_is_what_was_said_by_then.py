"""What is sent to a harness is what the thread says when it is sent, however long the turn waited before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import control
from tests.rig import SCRIPTED, Rig, rig_on
from tests.scenario.ledger import read, until, until_settled


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_on(tmp_path / "home", settings=SCRIPTED + "[limits]\nmax_running = 1\n") as rig:
        await rig.start()
        yield rig


async def waiting(rig: Rig, words: str) -> tuple[str, Path]:
    """A thread whose turn waits for a place, until the returned file exists."""
    other = await rig.mention("script: wait-for go")
    await rig.see(other, "Working")
    [session] = (rig.home / "sessions").iterdir()
    thread = await rig.mention(words)
    await rig.see(thread, "Waiting")
    return thread, session / "workspace" / "go"


async def test_what_others_write_while_it_waits_goes_along(rig: Rig) -> None:
    guest = rig.slack.add_user("gus", is_restricted=True)
    await rig.slack.invite(rig.ann, rig.channel, guest)
    thread, go = await waiting(rig, "script: echo")
    await rig.reply("mind the gap", thread, user=guest)
    await until(rig, "SELECT 1 FROM event WHERE kind = 'session.context'")
    go.touch()
    assert "mind the gap" in await rig.see_ended(thread)


async def test_words_that_were_erased_while_it_waits_are_not_sent(rig: Rig) -> None:
    thread, go = await waiting(rig, "script: say the secret plan")
    [(session_id,)] = await read(rig, "SELECT session_id FROM turn WHERE state = 'queued'")
    answer = await control.ask(rig.home, {"do": "erase", "session_id": session_id, "reason": "asked for"})
    assert answer is not None and "recorded_n" in answer
    go.touch()
    rows = await until_settled(rig, 2)
    assert sorted(str(row.outcome) for row in rows) == ["completed", "stopped"]
    assert "secret plan" not in "".join(m.text + str(m.blocks) for m in rig.answers(thread))
