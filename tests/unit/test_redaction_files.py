"""A file with a secret in it is known as such, whatever else is in it."""

from __future__ import annotations

import base64

import pytest

from bot.redaction import Redactor
from bot.redaction.redactor import SHAPES_BYTES

KEY = "swordfish-swordfish-1"
TOKEN = b"ghp_" + b"a1B2" * 9


@pytest.mark.parametrize(
    "content",
    [
        KEY.encode(),
        b"\xff\x00" + KEY.encode() + b"\x00",
        base64.b64encode(b"user:" + KEY.encode()),
        bytes(1_000_000) + KEY.encode(),
        b"token = " + TOKEN,
    ],
)
def test_a_secret_is_found(content: bytes) -> None:
    assert Redactor([KEY]).holds_secret(content)


@pytest.mark.parametrize("content", [b"", b"words", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 100])
def test_other_content_is_let_through(content: bytes) -> None:
    assert not Redactor([KEY]).holds_secret(content)


def test_shapes_are_looked_for_in_short_files_only() -> None:
    assert not Redactor([KEY]).holds_secret(TOKEN + b"\n" * SHAPES_BYTES)
