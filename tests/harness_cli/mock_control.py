"""The mock model as one that `harnesses.selfcheck` controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from harnesses.profile import Provider, Spec
from harnesses.prompts_for_checks import CONTENT, FOR_A_MODEL, MADE, SLEEP, Words
from tests.harness_cli.mock_model import MockModel


@dataclass(frozen=True)
class Tools:
    """The harness's own tools: names, and arguments from a path and a text, or a command."""

    write: str
    write_arguments: Callable[[str, str], dict[str, Any]]
    shell: str
    shell_arguments: Callable[[str], dict[str, Any]]


TOOLS = {
    "claude-code": Tools(
        "Write",
        lambda path, text: {"file_path": path, "content": text},
        "Bash",
        lambda command: {"command": command, "description": "Run it"},
    ),
    "opencode": Tools(
        "write",
        lambda path, text: {"filePath": path, "content": text},
        "bash",
        lambda command: {"command": command, "description": "Run it"},
    ),
}


class MockControl:
    def __init__(self, harness: str, model: MockModel, failing_provider: Provider) -> None:
        self._tools = TOOLS[harness]
        self._model = model
        self.failing_provider: Provider | None = failing_provider
        self.words: Words = replace(FOR_A_MODEL, fail="fail with {status}")

    async def prepare(self, spec: Spec, secret: str) -> None:
        model, words, tools = self._model, self.words, self._tools
        await model.forget()
        await model.text(words.count, " ".join(str(number) for number in range(1, 41)))
        await model.text(words.remember.format(secret=secret), "OK")
        # Only who sends the earlier prompts along is told.
        await model.text(words.recall, "I do not know it.", turn=0)
        await model.text(words.recall, secret)
        await model.text(words.long, "on and " * 3000, delay_ms=20)
        made = tools.write_arguments(str(spec.workspace / MADE), CONTENT)
        await model.tool(words.write, tools.write, made, "That was it.")
        await model.tool(words.sleep, tools.shell, tools.shell_arguments(SLEEP), "Slept.")
