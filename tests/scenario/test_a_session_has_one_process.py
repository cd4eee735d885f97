"""A session's next process starts once the one before it is gone: they use the same directories."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.contract.bad_harnesses.profile import Misbehaving
from tests.rig import SCRIPTED, rig_on

IDLE = SCRIPTED + "[timeouts]\nidle = 0.2\n"


async def test_a_reply_while_the_idle_process_is_being_ended(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home", settings=IDLE, profiles=lambda name: Misbehaving("lingers")) as rig:
        await rig.start()
        thread = await rig.mention("go")
        await rig.see_ended(thread)
        [session] = (rig.home / "sessions").iterdir()
        async with asyncio.timeout(5):
            while not (session / "workspace" / "lingering").exists():  # noqa: ASYNC110 - a harness tells by a file
                await asyncio.sleep(0.01)
        await rig.reply("go on", thread)
        said = await rig.see_ended(thread, turns=2)
        assert "in company" not in said and said.count("alone") == 2
