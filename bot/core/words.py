"""The words that steer a thread instead of prompting it: ``!status``, ``stop`` after a mention, and their like.

They are matched exactly, so that "stop the deploy" stays a prompt. ``!word`` always steers; a bare word only when the
bot was addressed. ``!model`` and ``!new`` take what follows them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Word = Literal["stop", "status", "queue", "model", "new"]

_ALONE = re.compile(r"(!?)(stop|status|queue|model|new)", re.IGNORECASE)
_WITH_REST = re.compile(r"!(model|new)\s+(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Steer:
    """``rest`` is what followed the word; empty unless the word takes something."""

    word: Word
    rest: str = ""


def steering(words: str, *, addressed: bool) -> Steer | None:
    """What ``words`` steer, or None when they are a prompt."""
    said = words.strip()
    if (alone := _ALONE.fullmatch(said)) and (alone[1] or addressed):
        return Steer(_word(alone[2]))
    if with_rest := _WITH_REST.fullmatch(said):
        return Steer(_word(with_rest[1]), with_rest[2].strip())
    return None


def _word(said: str) -> Word:
    match said.lower():
        case "stop" | "status" | "queue" | "model" | "new" as word:
            return word
        case _:
            raise ValueError(said)
