"""A mock model server (npm `@copilotkit/aimock`) with the APIs of Anthropic, OpenAI and Gemini, on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

START_TIMEOUT = 20.0  # seconds
USAGE = {"input_tokens": 1000, "output_tokens": 500}  # what every answer says it took
_LISTENING = b"listening on "


class MockModel:
    """``async with MockModel(ensure_mock()) as model``: the server runs inside the block.

    Rules are tried in the order they were added; the first whose words are in the last user message answers. Claude
    Code adds a request of its own to title a session: it holds the prompt, so the rule for the prompt answers it too.
    ``base_url`` is what `Provider.base_url` wants for the APIs anthropic and openai."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._process: asyncio.subprocess.Process | None = None
        self._log: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient(timeout=10)
        self._directory = tempfile.TemporaryDirectory(prefix="mock-model-")
        self.base_url = ""

    async def text(
        self, words: str, answer: str, *, chunk_size: int = 20, delay_ms: int = 0, turn: int | None = None
    ) -> None:
        """Answer prompts that contain ``words`` with a text, streamed in chunks of ``chunk_size`` characters with
        ``delay_ms`` between them. ``turn``: only when the request holds that many earlier answers."""
        match = {"userMessage": words} | ({} if turn is None else {"turnIndex": turn})
        response = {"content": answer, "usage": USAGE}
        await self.add({"match": match, "response": response, "chunkSize": chunk_size, "latency": delay_ms})

    async def tool(self, words: str, name: str, arguments: Mapping[str, Any], then: str) -> None:
        """Answer with a call of the tool ``name``, and once it has a result, with the text ``then``."""
        call = {"name": name, "arguments": json.dumps(arguments)}
        await self.add(
            {
                "match": {"userMessage": words, "hasToolResult": False},
                "response": {"toolCalls": [call], "usage": USAGE},
            },
            {"match": {"userMessage": words, "hasToolResult": True}, "response": {"content": then, "usage": USAGE}},
        )

    async def error(self, words: str, status: int, message: str, kind: str = "api_error") -> None:
        """Answer with an HTTP error of that status."""
        response = {"error": {"message": message, "type": kind}, "status": status}
        await self.add({"match": {"userMessage": words}, "response": response})

    async def add(self, *rules: Mapping[str, Any]) -> None:
        """Rules in aimock's own fixture format."""
        answer = await self._client.post(f"{self.base_url}/__aimock/fixtures", json={"fixtures": list(rules)})
        assert answer.is_success, answer.text

    async def forget(self) -> None:
        """Drop all rules and the requests so far."""
        answer = await self._client.post(f"{self.base_url}/__aimock/reset")
        assert answer.is_success, answer.text

    async def requests(self) -> list[dict[str, Any]]:
        """What it was asked so far. Long bodies are cut by the server."""
        answer = await self._client.get(f"{self.base_url}/__aimock/journal")
        entries: list[dict[str, Any]] = answer.raise_for_status().json()
        return entries

    async def __aenter__(self) -> Self:
        rules = Path(self._directory.name) / "rules.json"
        never = {"match": {"userMessage": "no prompt says this"}, "response": {"content": "?"}}
        await asyncio.to_thread(rules.write_text, json.dumps({"fixtures": [never]}))
        node = shutil.which("node")
        assert node is not None, "the mock model server needs Node.js"
        self._process = await asyncio.create_subprocess_exec(
            *(node, str(self._program), "--port", "0", "--host", "127.0.0.1", "--fixtures", str(rules)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": self._directory.name,
                "AIMOCK_STRICT_TURN_INDEX": "1",  # otherwise the nearest rule answers
            },
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_TIMEOUT):
                self.base_url = await self._address(self._process.stdout)
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        self._log = asyncio.create_task(_discard(self._process.stdout), name="mock model's log")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()
        if self._log is not None:
            await self._log
        await self._client.aclose()
        self._directory.cleanup()

    async def _address(self, output: asyncio.StreamReader) -> str:
        async for line in output:
            if _LISTENING in line:
                return line.rpartition(_LISTENING)[2].decode().strip()
        raise RuntimeError("the mock model server ended before it listened")


async def _discard(output: asyncio.StreamReader) -> None:
    while await output.read(65536):
        pass
