"""The whole service on a local Slack that also has what the service does not use yet, and redelivers sooner."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from tests.rig import Rig


@contextlib.asynccontextmanager
async def service(home: Path, redelivery_s: Sequence[float] = (1.0,) * 20) -> AsyncIterator[Rig]:
    """Started, on a Slack that sends it commands, submissions and events nobody asked for."""
    async with LocalSlack(generous_manifest(), rate_limits=False, redelivery_s=redelivery_s) as slack:
        rig = Rig(slack, home)
        try:
            await rig.start()
            yield rig
        finally:
            await rig.stop()


def generous_manifest() -> dict[str, Any]:
    app = manifest()
    app["features"]["slash_commands"] = [{"command": "/agent", "description": "not handled"}]
    app["oauth_config"]["scopes"]["bot"] += ["commands", "reactions:read"]
    app["settings"]["event_subscriptions"]["bot_events"] += [
        "app_home_opened",
        "channel_archive",
        "member_joined_channel",
        "reaction_removed",
    ]
    return app


async def until_acked(rig: Rig, envelopes: int, timeout: float = 10) -> None:
    """Wait until so many envelopes in all have been acknowledged, and none is under way."""
    await rig.slack.wait_for(lambda s: len(s.acks) >= envelopes and not s.unacked, timeout)
