"""What `harnesses.selfcheck` says to a harness, and the port to a model that is under its control.

A harness is told in words what to do, so a model has to be behind it that follows them. The scripted harness has
none; it has scripts of the same meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from harnesses.profile import Provider, Spec


@dataclass(frozen=True)
class Words:
    """``{secret}`` and ``{status}`` are filled in.

    write   asks, then writes `MADE` with the content `CONTENT`; a text follows whatever was decided
    sleep   asks, then runs a program for minutes once it has made the file `STARTED`
    fail    makes the provider answer with that HTTP status; None: no prompt can
    """

    count: str
    remember: str
    recall: str
    write: str
    long: str
    sleep: str
    fail: str | None = None


MADE = "made-by-tool.txt"
CONTENT = "made by a tool"
STARTED = "started"
SLEEP = f"touch {STARTED} && sleep 600"

FOR_A_MODEL = Words(
    count="Reply with the numbers from 1 to 40 separated by single spaces, and nothing else. Use no tool.",
    remember="The code word is {secret}. Reply with OK, and nothing else. Use no tool.",
    recall="What is the code word? Reply with the code word and nothing else. Use no tool.",
    write=f"Write a file named {MADE} with the content `{CONTENT}` in the current directory, with your file tool. "
    "Try once only. Then say in one sentence what happened.",
    long="Count from 1 to 2000 in words, one number per line. Use no tool.",
    sleep=f"Run exactly this command with your shell tool, in the foreground: {SLEEP}",
)
FOR_SCRIPTED = Words(
    count="script: stream 40 0ms",
    remember="The code word is {secret}.",
    recall="What was it?",
    write=f"script: permission {MADE} {CONTENT}",
    long="script: stream 2000 20ms",
    sleep=f"script: spawn 600\nscript: write {STARTED}\nscript: hang",
    fail="script: provider-error {status}",
)


class ControlledModel(Protocol):
    """A model that does as the suite says without understanding it."""

    @property
    def words(self) -> Words: ...

    @property
    def failing_provider(self) -> Provider | None:
        """A provider that answers `Words.fail` with the status in it; None: the one of the agent does."""

    async def prepare(self, spec: Spec, secret: str) -> None:
        """Called before a check: ``secret`` is the code word of its prompts, ``spec.workspace`` where it works."""


class Scripted:
    """The scripted harness is its own controlled model."""

    words = FOR_SCRIPTED
    failing_provider: Provider | None = None

    async def prepare(self, spec: Spec, secret: str) -> None:
        return
