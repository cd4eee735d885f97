"""A long answer cut into message-sized pieces.

Cuts are made greedily from the start and depend only on the text up to a little past them, so that a full piece never
changes while the answer grows. Joined, the pieces are the text; only the fences that keep a cut code block readable
are added.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from bot.slack.render.escape import ENTITY_CHARS

_FENCE_CHARS = 16
"""A fence of more characters than this is not carried over a cut."""
_LANGUAGE_CHARS = 20
_FENCE_RESERVE = 2 * (_FENCE_CHARS + 1) + _LANGUAGE_CHARS
_FENCE_LINE = re.compile(r"\n {0,3}(`{3,16}(?!`)|~{3,16}(?!~))([^\n]*)")
_OPEN_ENTITY = re.compile(rf"&[#A-Za-z0-9]{{0,{ENTITY_CHARS - 2}}}\Z")
_STEPS_BACK = 64


def cut(text: str, first: int, rest: int) -> Iterator[str]:
    """Pieces of at most ``first``, then ``rest`` characters, at a paragraph, line or word end where one is near."""
    at, budget = 0, first
    while len(text) - at > budget:
        end = _cut_point(text, at, at + budget)
        yield text[at:end]
        at, budget = end, rest
    yield text[at:]


def pieces(text: str, first: int, rest: int) -> Iterator[str]:
    """`cut`, with a code fence that a cut leaves open closed at the end of a piece and opened again in the next.

    ``first`` and ``rest`` bound what is returned, fences included; both must be at least 200.
    """
    if min(first, rest) < 200:
        raise ValueError(f"a piece needs at least 200 characters, not {min(first, rest)}")
    open_: Fence | None = None
    for piece in cut(text, first - _FENCE_RESERVE, rest - _FENCE_RESERVE):
        start = f"{open_.run}{open_.language}\n" if open_ else ""
        open_ = _open_after(piece, open_)
        end = ("" if piece.endswith("\n") else "\n") + open_.run if open_ else ""
        yield f"{start}{piece}{end}"


class Fence(NamedTuple):
    run: str
    language: str


def _open_after(piece: str, open_: Fence | None) -> Fence | None:
    """The fence that is open after ``piece`` (https://spec.commonmark.org/0.31.2/#fenced-code-blocks)."""
    for match in _FENCE_LINE.finditer(f"\n{piece}"):
        run, rest = match[1], match[2].strip()
        if open_ is None:
            if run[0] == "~" or "`" not in rest:
                open_ = Fence(run, rest if len(rest) <= _LANGUAGE_CHARS and rest.isalnum() else "")
        elif run[0] == open_.run[0] and len(run) >= len(open_.run) and not rest:
            open_ = None
    return open_


def _cut_point(text: str, start: int, limit: int) -> int:
    earliest = start + (limit - start) * 2 // 3
    for mark in ("\n\n", "\n"):
        found = text.rfind(mark, earliest, limit)
        if found != -1:
            return found + len(mark)
    space = text.rfind(" ", earliest, limit)
    end = _before_marks(text, space + 1 if space != -1 else limit)
    entity = _OPEN_ENTITY.search(text, max(start, end - ENTITY_CHARS), end)
    return entity.start() if entity else end


def _before_marks(text: str, end: int) -> int:
    """A cut before which no run of fence characters begins: at the start of a piece it would open a code block."""
    earlier = end
    while text[earlier] in "`~ ":
        if end - earlier == _STEPS_BACK:
            return end
        earlier -= 1
    return earlier + 1 if text[earlier] == "\n" and earlier < end else earlier
