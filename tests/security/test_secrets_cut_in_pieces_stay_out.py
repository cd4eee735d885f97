"""A secret that a harness says in pieces is found, whatever it says in between."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.events import Fact, HarnessReported
from bot.core.view import TurnView
from bot.engine.recorder import Recorder
from bot.redaction import Redactor
from harnesses.updates import ModelServed, Notice, Plan, Text, Thought, Update, Usage

SECRET = "correct-horse-battery-staple"
BETWEEN = [
    ModelServed(model="a-model"),
    Usage(cost_usd=0.1),
    Plan(entries=()),
    Notice(text="by the way"),
    Thought(text="let me think"),
]


async def recorded(*updates: Update) -> list[Fact]:
    """What is on record of ``updates``, of which each is written before the next one comes."""
    facts: list[Fact] = []
    wrote = asyncio.Event()

    async def append(more: list[Fact]) -> None:
        facts.extend(more)
        wrote.set()

    async with Recorder(append, Redactor([SECRET])) as recorder:
        for update in updates:
            wrote.clear()
            await recorder.add(update)
            await wrote.wait()
        await recorder.finish()
    return facts


@pytest.mark.parametrize("between", BETWEEN, ids=lambda update: update.kind)
async def test_in_the_answer(between: Update) -> None:
    facts = await recorded(Text(text=f"the key is {SECRET[:14]}"), between, Text(text=f"{SECRET[14:]}, keep it."))
    view = TurnView()
    for fact in facts:
        view.apply(fact, 0)
    assert SECRET not in view.prose
    assert view.prose == "the key is [redacted], keep it."


async def test_in_what_it_thinks() -> None:
    facts = await recorded(
        Thought(text=f"the key is {SECRET[:14]}"), Text(text="hello"), Thought(text=f"{SECRET[14:]}, keep it.")
    )
    thoughts = [f.update.text for f in facts if isinstance(f, HarnessReported) and isinstance(f.update, Thought)]
    assert "".join(thoughts) == "the key is [redacted], keep it."
