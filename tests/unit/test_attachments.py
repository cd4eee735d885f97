"""A file that is not what it was announced to be is refused, and so is a program."""

from __future__ import annotations

import pytest

from bot.core.attachments import objection

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("announced", "content_type", "content"),
    [
        ("image/png", "image/png", PNG),
        ("image/jpeg", "image/jpeg", b"\xff\xd8\xff\xe0"),
        ("image/gif", "image/gif", b"GIF89a"),
        ("image/webp", "image/webp", b"RIFF\0\0\0\0WEBPVP8 "),
        ("text/html", "text/html; charset=utf-8", b"<html>"),
        ("text/x-sh", "text/x-sh", b"#!/bin/sh\n"),
        ("text/plain", "text/plain", b"MZ is a pair of letters"),
        ("application/zip", "application/zip", b"PK\x03\x04"),
        ("", "application/octet-stream", b""),
    ],
)
def test_taken(announced: str, content_type: str, content: bytes) -> None:
    assert objection(announced, content_type, content) is None


@pytest.mark.parametrize(
    ("announced", "content_type", "content", "why"),
    [
        ("image/png", "text/html", b"<!DOCTYPE html>Sign in", "not image/png"),
        ("image/png", "image/png", b"<!DOCTYPE html>Sign in", "not image/png"),
        ("image/webp", "image/webp", b"RIFF\0\0\0\0WAVE", "not image/webp"),
        ("image/jpeg", "image/jpeg", PNG, "not image/jpeg"),
        ("text/plain", "text/html; charset=utf-8", b"Sign in", "web page"),
        ("", "Text/HTML", b"Sign in", "web page"),
        ("text/plain", "text/plain", b"\x7fELF\x02", "programs"),
        ("image/png", "image/png", b"MZ\x90\0\x03\0\0\0", "programs"),
        ("text/plain", "text/plain", b"\xcf\xfa\xed\xfe", "programs"),
    ],
)
def test_refused(announced: str, content_type: str, content: bytes, why: str) -> None:
    assert why in str(objection(announced, content_type, content))
