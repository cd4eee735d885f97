"""Every key of a settings file is found on the line it was written on."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings.locate import KeyPath, key_lines, line_of

DOCUMENT = """\
# a comment with a = "b" [c]
title = "one # not a comment"

[agents . "with.dot" . 'single']   # dotted and quoted
a.b = 1
a."c d" = { x = 1, y = [ { z = 2 }, 3 ] }
text = \"\"\"
[not.a.header]
key = 1 \\\"\"\"\"\"\"
raw = '''
''[x]'''
many = [
  1,   # ], "
  "]",
  [ 2,
    3 ],
]
after = 1979-05-27 07:32:00

[[steps]]
name = 1
[steps.sub]
deep = true
[[steps]]
name = 2
[steps.sub]
deep = false
"""

EXPECTED: dict[KeyPath, int] = {
    ("title",): 2,
    ("agents",): 4,
    ("agents", "with.dot", "single"): 4,
    ("agents", "with.dot", "single", "a", "b"): 5,
    ("agents", "with.dot", "single", "a", "c d"): 6,
    ("agents", "with.dot", "single", "a", "c d", "y", 0, "z"): 6,
    ("agents", "with.dot", "single", "text"): 7,
    ("agents", "with.dot", "single", "raw"): 10,
    ("agents", "with.dot", "single", "many", 1): 14,
    ("agents", "with.dot", "single", "many", 2, 1): 16,
    ("agents", "with.dot", "single", "after"): 18,
    ("steps", 0, "name"): 21,
    ("steps", 0, "sub", "deep"): 23,
    ("steps", 1): 24,
    ("steps", 1, "sub"): 26,
    ("steps", 1, "sub", "deep"): 27,
}


def paths(value: Any, at: KeyPath = ()) -> Iterator[KeyPath]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*at, key)
        yield from paths(member, (*at, key))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_each_shape_toml_has(newline: str) -> None:
    text = DOCUMENT.replace("\n", newline)
    lines = key_lines(text)
    assert {path: lines[path] for path in EXPECTED} == EXPECTED
    assert set(lines) == set(paths(tomllib.loads(text)))


def test_what_is_missing_is_told_at_the_table_it_is_missing_from() -> None:
    lines = key_lines("\n[a.b]\nc = 1\n")
    assert line_of(lines, ("a", "b", "missing", "deeper")) == 2
    assert line_of(lines, ("a",)) == 2
    assert line_of(lines, ("z", "y")) is None


CHARACTERS = st.sampled_from(
    ["a", "b", "-", "_", ".", " ", '"', "'", "#", "[", "]", "=", "{", "}", ",", "\\", "é", "\n", "1"]
)
NAMES = st.text(CHARACTERS, min_size=1, max_size=4)
SCALARS = st.one_of(st.integers(-99, 99), st.booleans(), st.text(CHARACTERS, max_size=8))
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)


def toml(value: Any, newline: str) -> str:
    """``value`` as TOML; ``newline`` between the items of arrays."""
    match value:
        case dict():
            return (
                "{ " + ", ".join(f"{toml(key, '')} = {toml(member, newline)}" for key, member in value.items()) + " }"
            )
        case list():
            return f"[{newline}" + "".join(f"{toml(member, newline)},{newline}" for member in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


@given(
    st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=3), max_size=3),
    st.sampled_from(["", "\n", " # c ]\n"]),
)
def test_any_document(document: dict[str, dict[str, Any]], newline: str) -> None:
    written: dict[KeyPath, int] = {}
    text = ""
    for table, members in document.items():
        written[(table,)] = text.count("\n") + 1
        text += f"[{toml(table, '')}]  # header\n\n"
        for key, value in members.items():
            written[(table, key)] = text.count("\n") + 1
            text += f"  {toml(key, '')}\t= {toml(value, newline)} # end\n"
    assert tomllib.loads(text) == document
    lines = key_lines(text)
    assert {path: line for path, line in lines.items() if path in written} == written
    assert set(lines) == set(paths(document))
