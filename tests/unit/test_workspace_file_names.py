"""A name from outside becomes one plain path component, whatever it was."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harnesses.workspace.names import NAME_BYTES, safe_name, unique_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (".bashrc", "bashrc"),
        ("a\nb\x00c\x1b[31m.txt", "a bc[31m.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("  two   words .txt", "two words.txt"),
        ("Bericht für Ännchen.txt", "Bericht für Ännchen.txt"),
        ("x" * 300 + ".tar.gz", "x" * (NAME_BYTES - 3) + ".gz"),
    ],
)
def test_what_a_name_becomes(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


@given(st.text(max_size=300))
def test_any_text_becomes_a_name_that_hides_nothing(text: str) -> None:
    name = safe_name(text)
    assert name and not name.startswith(".") and "/" not in name and "\\" not in name
    assert len(name.encode()) <= NAME_BYTES
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in name)


@given(st.lists(st.sampled_from(["a.png", "A.PNG", "a-2.png", "", "x" * 200]), max_size=12))
def test_names_of_one_message_never_meet_on_any_disk(names: list[str]) -> None:
    chosen: list[str] = []
    for name in names:
        chosen.append(unique_name(name, chosen))
    assert len({name.casefold() for name in chosen}) == len(names)
    assert all(len(name.encode()) <= NAME_BYTES for name in chosen)
