"""A plain Bolt app as its tutorial has it, for comparison: the same work per message, and no inbox.

python -m tests.crash.bolt_listener
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.crash.people import WORK_S

client = AsyncWebClient(token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"])
app = AsyncApp(client=client)


@app.event("message")
async def answer(event: dict[str, Any], say: Any) -> None:
    if "bot_id" not in event and "subtype" not in event:
        await asyncio.sleep(WORK_S)
        await say(f"answer to {event['ts']}", thread_ts=event.get("thread_ts", event["ts"]))


@app.event("app_mention")
async def ignore() -> None:
    """The same message arrives as `message`."""


async def main() -> None:
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()


if __name__ == "__main__":
    asyncio.run(main())
