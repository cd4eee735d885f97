"""Which agent, harness and model a message asks for, and which of several wishes wins.

Words like ``agent:reviewer harness:opencode model:sonnet`` count only at the beginning of a message, so that prose and
code that contain a colon stay prose. Precedence, most specific first: message, thread (``!model``), channel, the
agent's own settings, the harness's default. What is unknown is never guessed: it is refused with near matches.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_CHOICE = re.compile(r"(agent|harness|model):(\S+)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choices:
    """What a message asked for; None where it did not say."""

    agent: str | None = None
    harness: str | None = None
    model: str | None = None


class Contradiction(ValueError):
    """A message that asks for two different things. The message is for the person who wrote it."""


def split_choices(words: str) -> tuple[Choices, str]:
    """The choices at the beginning of ``words``, and the rest. Raises `Contradiction`."""
    choices = Choices()
    at = 0
    while match := _CHOICE.match(words, at):
        name, value = match[1].lower(), match[2]
        before = getattr(choices, name)
        if before is not None and before != value:
            raise Contradiction(f"You asked for {name}:{before} and {name}:{value}. Say it once.")
        choices = replace(choices, **{name: value})
        at = match.end()
    return choices, words[at:].strip()


def unknown(kind: str, asked: str, known: Iterable[str]) -> str:
    """The sentence for a name that does not exist, with what may have been meant."""
    names = sorted(known)
    near = difflib.get_close_matches(asked, names, n=3, cutoff=0.5)
    meant = f"Did you mean {_or(near)}?" if near else f"There is {_or(names)}."
    return f"I know no {kind} `{asked}`. {meant} Nothing was started."


def first_set(*wishes: str | None) -> str | None:
    """The first wish that was made: the precedence, written once."""
    return next((wish for wish in wishes if wish is not None), None)


def _or(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
