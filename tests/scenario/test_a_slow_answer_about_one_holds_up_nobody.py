"""While Slack is slow to say who one person is, the threads of others go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.rig import rig_on


async def test_somebody_known_is_served_meanwhile(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        await rig.see_ended(await rig.mention("script: say hello"))
        rig.slack.fail_next("users.info", status=429, retry_after=8)
        unknown = await rig.mention("script: say me too", user=rig.bob)
        await rig.slack.wait_for(lambda slack: slack.call_counts["users.info"] >= 2, timeout=5)
        # Slack said when to ask again: for so long bob's thread waits.
        over = asyncio.get_running_loop().time() + 3
        while asyncio.get_running_loop().time() < over:
            await rig.see_ended(await rig.mention("script: say known"), timeout=3.5)
        assert rig.answers(unknown) == []
        assert "me too" in await rig.see_ended(unknown)
