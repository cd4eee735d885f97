"""Values from a harness made safe to keep: no lone surrogates, no endless nesting, sentences a person can read."""

from __future__ import annotations

import math
import re
from typing import Any

SENTENCE = 500  # characters of a message for a person
PIECE = 16 * 1024  # characters of one piece of text: at most 64 KiB in UTF-8
_DEPTH = 64
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text_of(value: str) -> str:
    """JSON can escape half of a surrogate pair, which no encoding can write."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def pieces(text: str) -> list[str]:
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def clean(value: Any, depth: int = 0) -> Any:
    """A JSON value with every string encodable; what is nested deeper than 64 levels becomes a string."""
    match value:
        case str():
            return text_of(value)
        case dict() | list() if depth >= _DEPTH:
            return "(nested too deeply)"
        case dict():
            return {text_of(str(key)): clean(item, depth + 1) for key, item in value.items()}
        case list():
            return [clean(item, depth + 1) for item in value]
        case float() if not math.isfinite(value):
            return None  # 1e999 is JSON to read, and infinity is none to write
        case _:
            return value


def sentence(text: str) -> str:
    """One line of at most 500 characters without control or invisible characters."""
    line = _CONTROL.sub(" ", text_of(text)).strip()
    return line if len(line) <= SENTENCE else line[: SENTENCE - 1] + "…"
