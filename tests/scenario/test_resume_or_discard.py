"""A turn that was cut off offers Resume and Discard; one of them works, once, also after another restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.gesture import DISCARD_ACTION, RESUME_ACTION
from bot.localslack import GestureError
from tests.rig import SCRIPTED, Rig, rig_on

BRIEF = f"{SCRIPTED}\n[timeouts]\ndrain = 0.1\n"


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig_on(tmp_path / "home", settings=BRIEF) as rig:
        await rig.start()
        yield rig


async def cut_off(rig: Rig) -> str:
    """A thread whose first turn was interrupted by a stop of the service, which runs again."""
    thread = await rig.mention("script: say half of it\nscript: hang")
    await rig.see(thread, "half of it")
    await rig.stop()
    await rig.start()
    await rig.see(thread, "Resume lets the agent")
    return thread


async def test_resume_goes_on_in_the_same_session(rig: Rig) -> None:
    thread = await cut_off(rig)
    await rig.slack.click(rig.ann, rig.channel, rig.answers(thread)[0].ts, RESUME_ACTION)
    said = await rig.see_ended(thread, turns=2)
    assert "It was resumed." in said
    assert "This is prompt 2 of this session" in said and "You were cut off" in said
    with pytest.raises(GestureError):
        await rig.slack.click(rig.ann, rig.channel, rig.answers(thread)[0].ts, RESUME_ACTION)


async def test_discard_repeats_nothing(rig: Rig) -> None:
    thread = await cut_off(rig)
    await rig.slack.click(rig.bob, rig.channel, rig.answers(thread)[0].ts, DISCARD_ACTION)
    await rig.see(thread, "It was discarded; nothing was repeated.")
    await rig.stop()
    await rig.start()
    assert len(rig.answers(thread)) == 1


async def test_a_reply_passes_the_interruption_over(rig: Rig) -> None:
    thread = await cut_off(rig)
    await rig.reply("something else", thread)
    said = await rig.see_ended(thread, turns=2)
    assert "The thread went on with another request." in said
