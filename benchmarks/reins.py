"""A Reins in a directory of its own, on a local Slack, as the benchmarks start it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.children import Child, child
from bot.localslack import LocalSlack

READY_S = 60.0
SCRIPTED = """
[defaults]
agent = "demo"

[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "deny-all"

[limits]
max_running = {max_running}

[timeouts]
idle = {idle_s}
"""


def address_of(slack: LocalSlack) -> dict[str, str]:
    """What an app needs to connect."""
    return {
        "SLACK_API_URL": slack.api_url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
    }


def variables(home: Path, address: Mapping[str, str], settings: str) -> dict[str, str]:
    """Write ``home/reins.toml``; the environment of a Reins that reads it."""
    config = home / "reins.toml"
    config.write_text(settings, encoding="utf-8")
    return {**address, "REINS_HOME": str(home), "REINS_CONFIG": str(config), "REINS_LOG": str(home / "log")}


@asynccontextmanager
async def reins(environ: Mapping[str, str], module: str = "benchmarks.service") -> AsyncIterator[Child]:
    """A whole Reins that is ready. ``module`` is `benchmarks.service` or one that wraps it."""
    async with child(module, environ) as running:
        for expected in ("opening", "ready"):
            said = await running.hear(READY_S)
            assert said["said"] == expected, said
        yield running
