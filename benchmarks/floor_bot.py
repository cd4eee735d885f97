"""Child: a Bolt bot that runs the CLI once per mention and updates one message with what it says."""

import asyncio
import json
import os
import time
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

CLI = [os.environ["CLI"], "--output-format", "stream-json", "--verbose", "--include-partial-messages"]
SESSIONS: dict[str, str] = {}
app = AsyncApp(client=AsyncWebClient(os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"]))


@app.event("app_mention")
async def mentioned(event: dict[str, Any], client: AsyncWebClient) -> None:
    channel, thread = event["channel"], event.get("thread_ts", event["ts"])
    reply = await client.chat_postMessage(channel=channel, thread_ts=thread, text="Thinking…")
    argv = [*CLI, *(["--resume", SESSIONS[thread]] if thread in SESSIONS else []), "-p", event["text"]]
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, cwd=os.environ["WORK"], limit=1 << 24
    )
    said, shown_at = "", 0.0
    assert process.stdout is not None
    async for line in process.stdout:
        message = json.loads(line)
        said += message.get("event", {}).get("delta", {}).get("text", "")
        if said and time.monotonic() - shown_at >= 1:
            shown_at = time.monotonic()
            await client.chat_update(channel=channel, ts=reply["ts"], text=f"{said} …")
        if message["type"] == "result":
            SESSIONS[thread] = message["session_id"]
            await client.chat_update(channel=channel, ts=reply["ts"], text=message["result"])


@app.event("message")
async def said_besides() -> None: ...


async def main() -> None:
    await AsyncSocketModeHandler(app, os.environ["SLACK_APP_TOKEN"]).start_async()


asyncio.run(main())
