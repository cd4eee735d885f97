"""What looks like a token is hidden though nobody told Reins about it; ordinary text is left alone."""

from __future__ import annotations

import pytest

from bot.redaction import Redactor

SHAPES_ONLY = Redactor(())
KEY = (
    "-----BEGIN {0}PRIVATE KEY-----{1}MIIEvQIBADANBgkqhkiG9w0BAQEFAASC{1}"
    "BKcwggSjAgEAAoIBAQ=={1}-----END {0}PRIVATE KEY-----"
)


@pytest.mark.parametrize(
    "token",
    [
        "xoxb-123456789012-1234567890123-abcdefghijklmnopqrstuvwx",
        "xoxp-123456789012-123456789012-abcdef",
        "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTAxMi0x",
        "xapp-1-A0123456789-1234567890123-0123456789abcdef0123456789abcdef",
        "sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-AA",
        "sk-proj-AbCdEfGhIjKlMnOpQrSt",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "github_pat_11AAAAAAA0abcdefghijkl_MNOPQRSTUVWXYZ",
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
        "AIzaSyA-0123456789abcdefghijklmnopqrstu",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        KEY.format("", "\n"),
        KEY.format("RSA ", "\r\n"),
        KEY.format("OPENSSH ", "\\n"),
        KEY.format("EC ", "\\\\n"),
    ],
)
@pytest.mark.parametrize(("before", "after"), [("", ""), ("token=", "\n"), ('"', '", "next": 1'), ("(", ") and on")])
def test_a_token_is_hidden_and_what_stands_around_it_stays(token: str, before: str, after: str) -> None:
    assert SHAPES_ONLY.scrub(before + token + after) == f"{before}[redacted]{after}"


def test_a_private_key_cut_off_before_its_end_is_hidden() -> None:
    cut = KEY.format("", "\n")[:60]
    assert SHAPES_ONLY.scrub(f"see {cut}") == "see [redacted]"
    assert SHAPES_ONLY.scrub(f'"{cut}", "next": 1') == '"[redacted]", "next": 1'


def test_what_follows_a_private_key_stays() -> None:
    assert SHAPES_ONLY.scrub(KEY.format("", "\n") + "\nand so on") == "[redacted]\nand so on"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The task-management-of-the-disk-usage-report took 3 s.",
        "sk-short, xoxb-, xapp-1, ghp_short, AKIA, eyJhbGciOi, -----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "3f2b8c1e-7a4d-4c5e-9b1a-2d3e4f5a6b7c",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
        "naïve café — “quotes” … \x00\x1b[31m 🙂 \ud800",
        "<@U012AB3CD> <https://example.com/a-very-long-path?x=1&y=2|label>",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert SHAPES_ONLY.scrub(text) == text
    assert Redactor(["an unrelated secret"]).scrub(text) == text


def test_a_stream_shows_ordinary_text_at_once() -> None:
    stream = Redactor(["an unrelated secret"]).stream()
    assert stream.feed("I will read the file, ") == "I will read the file, "
    assert stream.feed("then answer.") == "then answer."
    assert stream.flush() == ""


def test_a_token_of_any_length_is_swallowed_as_it_comes() -> None:
    stream = SHAPES_ONLY.stream()
    assert stream.feed("sk-ant-" + "a" * 100) == "[redacted]"
    assert "".join(stream.feed("b" * 1000) for _ in range(100)) == ""
    assert stream.feed("b. Next") + stream.flush() == ". Next"
