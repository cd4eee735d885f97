"""When Slack refuses to say who somebody is, what they asked for waits until it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rig import rig_on


@pytest.mark.parametrize("error", ["missing_scope", "invalid_auth", "some_error_of_next_year"])
async def test_a_mention_is_worked_on_once_slack_says_who_wrote_it(tmp_path: Path, error: str) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        rig.slack.fail_next("users.info", error=error)
        thread = await rig.mention("script: say hello")
        assert "hello" in await rig.see_ended(thread)
        assert error in rig.logs.getvalue()
        assert rig.slack.call_counts["chat.postEphemeral"] == 0
