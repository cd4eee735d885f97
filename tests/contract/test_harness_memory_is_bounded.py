"""A harness cannot make the service grow: less than 64 MB, whatever it sends and however slowly it is read."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

LIMIT_MB = 64


async def run_client(*arguments: str) -> list[dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.contract.bad_harnesses.client",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
        limit=1024 * 1024,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize("manner", ["long-line", "flood", "stderr"])
async def test_growth_of_the_client(manner: str, tmp_path: Path) -> None:
    # The pause is long enough for the 80 MB of the flood to arrive if nothing held them back.
    *updates, growth = await run_client(str(tmp_path), manner, "go", "1")
    assert updates[-1]["kind"] == "failed"
    assert growth["mb"] < LIMIT_MB
    if manner == "flood":
        first_turn = next(i for i, u in enumerate(updates) if u["kind"] == "stopped") + 1
        texts = [int(u["text"]) for u in updates[first_turn:] if u["kind"] == "text"]
        assert texts == list(range(40_000))
