"""Whatever a harness does, the thread says that the turn failed and why, and the service goes on."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from tests.contract.bad_harnesses.processes import gone
from tests.contract.bad_harnesses.profile import Misbehaving
from tests.rig import SCRIPTED, rig_on

IMPATIENT = f"""{SCRIPTED}
[timeouts]
initialize = 0.5
silence = 0.5
"""
LIMIT_MB = 64
WHAT_THE_THREAD_SAYS = {
    "exits": "ended by itself with status 3",
    "exits-at-once": "ended by itself with status 3",
    "killed": "was ended by signal 9",
    "hangs": "said nothing for 0.5 s",
    "garbage": "not ACP",
    "bad-utf8": "not ACP",
    "non-object": "not ACP",
    "long-line": "a line longer than 8 MiB",
    "stderr": "ended by itself with status 4",
    "closed-stdout": "closed its output",
    "zombies": "ended by itself with status 6",
    "silent-initialize": "did not answer initialize",
}


@pytest.mark.parametrize("manner", WHAT_THE_THREAD_SAYS)
async def test_the_turn_ends_with_a_reason_in_the_thread(manner: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with rig_on(home, settings=IMPATIENT, profiles=lambda name: Misbehaving(manner)) as rig:
        await rig.start()
        before = psutil.Process().memory_info().rss
        thread = await rig.mention("go")
        said = await rig.see_ended(thread)
        assert "This turn failed." in said
        assert WHAT_THE_THREAD_SAYS[manner] in said
        assert len(rig.answers(thread)) == 1
        assert (psutil.Process().memory_info().rss - before) / 2**20 < LIMIT_MB

        await rig.reply("go again", thread)
        assert (await rig.see_ended(thread, turns=2)).count("This turn failed.") == 2
    assert await gone(home)


async def test_a_flood_is_cut_off_and_kept_as_a_file(tmp_path: Path) -> None:
    limited = f"{IMPATIENT}\n[limits]\nanswer_chars = 1000000\nturn_messages = 3"
    async with rig_on(tmp_path / "home", settings=limited, profiles=lambda name: Misbehaving("flood")) as rig:
        await rig.start()
        before = psutil.Process().memory_info().rss
        thread = await rig.mention("go")
        said = await rig.see_ended(thread, timeout=40)
        assert "more than 1,000,000 characters, the limit for one turn" in said
        assert "the whole answer is attached as a file" in said
        assert (psutil.Process().memory_info().rss - before) / 2**20 < LIMIT_MB
