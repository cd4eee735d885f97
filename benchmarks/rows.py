"""The tables that the benchmarks print."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, ...]


def row(*cells: str | bool) -> Row:
    """A cell that is a truth value says whether a goal was met."""
    return tuple(("yes" if cell else "**no**") if isinstance(cell, bool) else cell for cell in cells)


def markdown(rows: Sequence[Row]) -> str:
    """The first row is the heading."""
    heading, *others = (" | ".join(row) for row in rows)
    rule = " | ".join("---" for _ in rows[0])
    return "\n".join(f"| {line} |" for line in (heading, rule, *others))
