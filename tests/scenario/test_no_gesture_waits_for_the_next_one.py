"""A gesture that arrives just as its thread goes idle is handled then, not when somebody says something more."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from bot.localslack import LocalSlack
from storage import inbox
from storage.database import Storage
from tests.rig import rig_on

ROUNDS = 120


async def test_a_gesture_at_any_moment_after_another_is_handled(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        thread = await rig.mention("script: say 0")
        await rig.see_ended(thread)
        reader = await Storage.open_read_only(rig.home)
        try:
            for number in range(1, ROUNDS + 1):
                await rig.reply("!status", thread)
                await asyncio.sleep(number % 40 / 4000)
                last = await rig.reply("!status", thread)
                await rig.slack.wait_for(partial(LocalSlack.acknowledged, ts=last), timeout=5)
                async with asyncio.timeout(5):
                    waiting = True
                    while waiting:
                        async with reader.connect() as conn:
                            waiting = bool(await conn.run_sync(inbox.pending_threads))
        finally:
            await reader.close()
