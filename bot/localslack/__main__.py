"""Run a local Slack on its own: `python -m bot.localslack --manifest manifest.yml --port 0`.

Prints the address and the two tokens as lines of NAME=value, then one line per person and channel and the address of
the page, and serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import yaml

from bot.localslack import LocalSlack, LocalSlackError

PEOPLE = ("alice", "bob")
CHANNEL = "general"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.localslack", description="An embedded Slack on 127.0.0.1.")
    parser.add_argument("--manifest", type=Path, default=Path("manifest.yml"), help="the app's manifest, YAML or JSON")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--no-rate-limits", action="store_true", help="answer as fast as asked")
    given = parser.parse_args()
    try:
        manifest = yaml.safe_load(given.manifest.read_text(encoding="utf-8"))
        return asyncio.run(_serve(manifest, given.port, rate_limits=not given.no_rate_limits))
    except (OSError, yaml.YAMLError, LocalSlackError) as error:
        sys.stderr.write(f"cannot start: {error}\n")
        return 2


async def _serve(manifest: dict[str, Any], port: int, *, rate_limits: bool) -> int:
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with LocalSlack(manifest, port=port, rate_limits=rate_limits) as slack:
        people = {name: slack.add_user(name) for name in PEOPLE}
        channel_id = slack.add_channel(CHANNEL, list(people.values()))
        lines = [
            f"SLACK_API_URL={slack.api_url}",
            f"SLACK_BOT_TOKEN={slack.bot_token}",
            f"SLACK_APP_TOKEN={slack.app_token}",
            f"# channel #{CHANNEL} {channel_id}",
            *(f"# person {name} {user_id}" for name, user_id in people.items()),
            f"# page {slack.page_address}",
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await stopped.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
