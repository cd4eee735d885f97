"""A name for a file that came from outside: one path component that hides nothing and leads nowhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

NAME_BYTES = 120
"""In UTF-8; file systems take 255, and what people read in a thread is shorter."""
NAMELESS = "file"
_SUFFIX_BYTES = 16
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories that nobody sees: controls, formats (the bidirectional overrides too), surrogates, unassigned."""


def safe_name(name: str) -> str:
    """``name`` without path parts, leading dots and invisible characters, at most `NAME_BYTES` bytes; its suffix is
    kept. Never empty."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    visible = "".join(
        " " if c.isspace() else c for c in last if c.isspace() or unicodedata.category(c) not in _INVISIBLE
    )
    return _fit(" ".join(visible.split()).lstrip(". ") or NAMELESS, "")


def unique_name(name: str, taken: Iterable[str]) -> str:
    """A safe name like ``name`` that differs from all of ``taken`` by more than the case of its letters."""
    used = {other.casefold() for other in taken}
    candidate = plain = safe_name(name)
    number = 1
    while candidate.casefold() in used:
        number += 1
        candidate = _fit(plain, f"-{number}")
    return candidate


def _fit(name: str, mark: str) -> str:
    """``name`` with ``mark`` before its suffix, cut to `NAME_BYTES`."""
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > _SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix) if suffix else name
    room = NAME_BYTES - len(suffix.encode()) - len(mark)
    return stem.encode()[:room].decode(errors="ignore").rstrip() + mark + suffix
