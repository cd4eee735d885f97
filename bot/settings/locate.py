"""Where in a TOML document each key stands; the standard library's parser does not say.

The document must already have been accepted by `tomllib`, so this scanner follows TOML 1.0's shapes without judging.
"""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_BASIC_LINES = re.compile(r'"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")')
_LITERAL_LINES = re.compile(r"'''[\s\S]*?'{3,5}(?!')")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def key_lines(document: str) -> dict[KeyPath, int]:
    """The line (from 1) on which every key, table and array item of ``document`` first stands.

    A path is the keys from the top; items of arrays, and of arrays of tables, count from 0.
    """
    return _Scanner(document).scan()


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of ``path``, or of the nearest table around it; None if the document names none of them."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


class _Scanner:
    def __init__(self, document: str) -> None:
        self._text = document
        self._at = 0
        self._counted_to = 0
        self._line = 1
        self._lines: dict[KeyPath, int] = {}
        self._arrays: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> KeyPath:
        start = self._at
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        keys = self._dotted_key()
        self._at += 2 if is_array else 1
        path: KeyPath = ()
        for key in keys[:-1]:
            path = self._current(self._record((*path, key), start))
        last = self._record((*path, keys[-1]), start)
        if not is_array:
            return last
        self._arrays[last] = self._arrays.get(last, -1) + 1
        return self._record(self._current(last), start)

    def _current(self, path: KeyPath) -> KeyPath:
        """Within an array of tables, a header speaks of its latest table."""
        return (*path, self._arrays[path]) if path in self._arrays else path

    def _assignment(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for key in self._dotted_key():
            path = self._record((*path, key), start)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _dotted_key(self) -> list[str]:
        keys = [self._key()]
        while self._text[self._at] == ".":
            self._at += 1
            keys.append(self._key())
        return keys

    def _key(self) -> str:
        self._skip(_SPACE)
        quote = self._text[self._at]
        raw = self._skip(_BASIC if quote == '"' else _LITERAL if quote == "'" else _BARE_KEY)
        self._skip(_SPACE)
        if quote == '"':
            return str(tomllib.loads(f"key = {raw}")["key"])
        return raw[1:-1] if quote == "'" else raw

    def _value(self, path: KeyPath) -> None:
        text, at = self._text, self._at
        if text.startswith('"""', at):
            self._skip(_BASIC_LINES)
        elif text.startswith("'''", at):
            self._skip(_LITERAL_LINES)
        elif text[at] == '"':
            self._skip(_BASIC)
        elif text[at] == "'":
            self._skip(_LITERAL)
        elif text[at] == "[":
            self._array(path)
        elif text[at] == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self._at += 1
        index = 0
        self._skip(_BLANK)
        while self._text[self._at] != "]":
            self._value(self._record((*path, index), self._at))
            index += 1
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "}":
            self._assignment(path)
            self._skip(_BLANK)
            if self._text[self._at] == ",":
                self._at += 1
                self._skip(_BLANK)
        self._at += 1

    def _record(self, path: KeyPath, at: int) -> KeyPath:
        self._line += self._text.count("\n", self._counted_to, at)
        self._counted_to = at
        self._lines.setdefault(path, self._line)
        return path

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not TOML at character {self._at}: parse the document with tomllib first")
        self._at = found.end()
        return found.group()
