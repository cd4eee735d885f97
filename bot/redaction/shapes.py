"""What looks like a token or a private key, whether Reins was told of it or not.

A shape is *confirmed* by a bounded beginning; from there on everything that could belong to it is swallowed, however
long it is. So a stream holds back only what may be the beginning of one: under 300 characters, and usually none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.redaction.known import MARK

_LONGEST_BEGINNING = 300
_LONGEST_PEM_END = 80

_Piece = tuple[str, int, int]
"""A character class, and how many of it at least and at most."""


@dataclass(frozen=True)
class _Shape:
    """``beginning`` confirms, and its first piece is one literal character; ``swallow`` matches the characters that
    go on belonging to it; none of ``not_after`` may stand before it."""

    name: str
    beginning: Sequence[_Piece]
    swallow: str
    not_after: str = "A-Za-z0-9"


def _literal(text: str) -> list[_Piece]:
    return [(re.escape(character), 1, 1) for character in text]


_WORD = "[A-Za-z0-9_-]"
_PEM_BODY = r"[A-Za-z0-9+/=\s\\:,-]"
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}-----")
_NOT_PEM = re.compile(_PEM_BODY.replace("[", "[^", 1))

_SHAPES = (
    # https://docs.slack.dev/authentication/tokens: xoxb, xoxp, xoxa, xoxr, xoxs, ..., and rotated ones xoxe.xoxp-
    _Shape("slack", [*_literal("xox"), ("[a-z]", 1, 1), ("[.-]", 1, 1), ("[A-Za-z0-9.%-]", 10, 10)], "[A-Za-z0-9.%_-]"),
    _Shape("slack_app", [*_literal("xapp-"), ("[A-Za-z0-9-]", 10, 10)], _WORD),
    _Shape("sk", [*_literal("sk-"), (_WORD, 20, 20)], _WORD),  # Anthropic (sk-ant-), OpenAI and others
    # GitHub: ghp_, gho_, ghu_, ghs_, ghr_ and fine-grained github_pat_
    _Shape("github", [*_literal("gh"), ("[pousr]", 1, 1), ("_", 1, 1), ("[A-Za-z0-9]", 20, 20)], "[A-Za-z0-9_]"),
    _Shape("github_fine", [*_literal("github_pat_"), ("[A-Za-z0-9_]", 20, 20)], "[A-Za-z0-9_]"),
    _Shape("aws", [*_literal("A"), ("[KS]", 1, 1), *_literal("IA"), ("[A-Z0-9]", 16, 16)], "[A-Z0-9]"),
    _Shape("google", [*_literal("AIza"), (_WORD, 30, 30)], _WORD),
    # RFC 7519: two base64url objects, both of which begin with {" and so with eyJ
    _Shape("jwt", [*_literal("eyJ"), (_WORD, 8, 250), *_literal(".eyJ")], "[A-Za-z0-9_.-]"),
    # RFC 7468
    _Shape(
        "pem",
        [*_literal("-----BEGIN "), ("[A-Z0-9 ]", 0, 40), *_literal("PRIVATE KEY-----")],
        _PEM_BODY,
        not_after="",
    ),
)


def _confirming(shape: _Shape) -> str:
    pieces = "".join(f"{piece}{{{least},{most}}}" for piece, least, most in shape.beginning[1:])
    return f"{_first(shape)}(?P<{shape.name}>{pieces})"


def _unfinished(shape: _Shape) -> str:
    """Matches where the text ends inside the beginning of the shape."""
    pattern = "(?!)"
    for piece, least, most in reversed(shape.beginning[1:]):
        pattern = rf"(?:{piece}{{0,{most}}}\Z|{piece}{{{least},{most}}}{pattern})"
    return _first(shape) + pattern


def _first(shape: _Shape) -> str:
    """The first character, then what must not stand before it: in this order `re` skips to it without trying more."""
    first = shape.beginning[0][0]
    return f"{first}(?<![{shape.not_after}]{first})" if shape.not_after else first


_CONFIRMING = re.compile("|".join(_confirming(shape) for shape in _SHAPES))
_UNFINISHED = re.compile("|".join(_unfinished(shape) for shape in _SHAPES))
_SWALLOW = {shape.name: re.compile(f"{shape.swallow}*") for shape in _SHAPES}


class ShapeScrubber:
    """Replaces every token or private key by one mark."""

    __slots__ = ("_at", "_held", "_swallowing")

    def __init__(self) -> None:
        self._held = ""  # one character of context, then what is undecided
        self._at = 0  # where the undecided begins
        self._swallowing: str | None = None

    def feed(self, text: str) -> str:
        return self._pass_on(text, final=False)

    def flush(self) -> str:
        return self._pass_on("", final=True)

    def _pass_on(self, more: str, *, final: bool) -> str:
        text, at = self._held + more, self._at
        unfinished = len(text) if final else self._first_unfinished(text, at)
        out: list[str] = []
        while at < len(text):
            if self._swallowing is not None:
                at, done = self._swallow(self._swallowing, text, at, final=final)
                if not done:
                    break
                self._swallowing = None
                if not final:
                    unfinished = self._first_unfinished(text, at)
            confirmed = _CONFIRMING.search(text, at)
            if confirmed is None or confirmed.start() >= unfinished:
                out.append(text[at:unfinished])
                at = max(at, unfinished)
                break
            out += (text[at : confirmed.start()], MARK)
            at = confirmed.end()
            self._swallowing = confirmed.lastgroup
        context = max(0, at - 1)
        self._held, self._at = text[context:], at - context
        return "".join(out)

    @staticmethod
    def _first_unfinished(text: str, at: int) -> int:
        found = _UNFINISHED.search(text, max(at, len(text) - _LONGEST_BEGINNING))
        return len(text) if found is None else found.start()

    @staticmethod
    def _swallow(name: str, text: str, at: int, *, final: bool) -> tuple[int, bool]:
        """Where what belongs to the shape ends, and whether that is known yet."""
        if name != "pem":
            run = _SWALLOW[name].match(text, at)
            end = at if run is None else run.end()
            return end, end < len(text)
        end_line, foreign = _PEM_END.search(text, at), _NOT_PEM.search(text, at)
        if end_line is not None and (foreign is None or end_line.end() <= foreign.start()):
            return end_line.end(), True
        if foreign is not None:
            return foreign.start(), True
        return (len(text), True) if final else (max(at, len(text) - _LONGEST_PEM_END), False)
