"""What is wrong with the settings, as a person can mend it.

::

    ValueError
    └── ConfigError    everything found wrong, all at once
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing to mend. ``file`` is None for the process environment, ``line`` (from 1) is None where no line can
    be named. Neither ``found`` nor ``expected`` ever holds the value of a secret."""

    found: str
    expected: str
    file: Path | None = None
    line: int | None = None

    def __str__(self) -> str:
        where = "environment" if self.file is None else str(self.file)
        if self.line is not None:
            where = f"{where}:{self.line}"
        return f"{where}: found {self.found}; expected {self.expected}"


class ConfigError(ValueError):
    """The settings cannot be used. Shown to the operator as it is: one line per problem, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        super().__init__("\n".join(str(problem) for problem in self.problems))
