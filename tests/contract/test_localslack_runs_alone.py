"""`python -m bot.localslack` serves until it is told to stop, and says where and as whom."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from tests.contract.localslack_app import MANIFEST, manifest


async def test_it_prints_its_address_and_answers_there(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(json.dumps(MANIFEST))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.localslack", "--manifest", str(path), "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            lines = [(await process.stdout.readline()).decode().strip() for _ in range(4)]
        said = dict(line.split("=", 1) for line in lines[:3])
        client = AsyncWebClient(token=said["SLACK_BOT_TOKEN"], base_url=said["SLACK_API_URL"])
        assert (await client.auth_test())["team_id"] == "T0LOCAL"
        channel_id = lines[3].split()[-1]
        assert (await client.conversations_info(channel=channel_id))["channel"]["name"] == "general"
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            await process.communicate()
    assert process.returncode == 0


async def test_a_manifest_it_cannot_install_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text(json.dumps(manifest(without_scopes=("im:history",))))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.localslack", "--manifest", str(path), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(20):
        _, error = await process.communicate()
    assert process.returncode == 2
    assert error.decode().count("\n") == 1
    assert "im:history" in error.decode()
