"""Whatever a model writes, nobody is mentioned by it, nothing in it is read as Slack's syntax, and nothing is changed
for whoever reads it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest

from bot.localslack import markup
from bot.slack.render import escape
from tests.unit.hostile_text import as_commonmark_reads, hostile_strings

COUNT = 100_000
_TOKEN = re.compile(r"<[^<>]*>")


def test_no_text_carries_a_live_control_sequence_and_every_text_reads_as_it_was_written() -> None:
    for text in hostile_strings(1, COUNT, 14):
        sent = escape.sendable(text)
        for escaped, read in (
            (escape.mrkdwn(text), html.unescape),
            (escape.markdown(text), as_commonmark_reads),
        ):
            assert list(markup.control_sequences(escaped)) == [], ascii(text)
            assert not _TOKEN.search(escaped), ascii(text)
            assert read(escaped) == sent, ascii(text)
            assert json.loads(json.dumps(escaped).encode()) == escaped
            escaped.encode()


def test_one_line_and_mrkdwn_line_keep_their_limit_and_never_halve_an_entity() -> None:
    for number, text in enumerate(hostile_strings(2, 20_000, 14)):
        limit = 20 + number % 60
        line = escape.mrkdwn_line(text, limit)
        assert len(line) <= limit and len(escape.one_line(text, limit)) <= limit
        assert len(line.splitlines()) <= 1
        assert list(markup.control_sequences(line)) == []
        assert re.sub(r"&(?:amp|lt|gt);", "", line).count("&") == 0, ascii(text)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a < b && c > d", "a &lt; b && c > d"),
        ("<!channel> &lt;!channel&gt;", "&lt;!channel> &amp;lt;!channel&amp;gt;"),
        ("https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("nul \x00 and half a pair \ud800", "nul \ufffd and half a pair \ufffd"),
        ("> quoted\n- *item*\n`code`", "> quoted\n- *item*\n`code`"),
    ],
)
def test_markdown_changes_only_what_would_be_read_as_something_else(text: str, sent: str) -> None:
    assert escape.markdown(text) == sent


@pytest.mark.parametrize("shorten", [escape.one_line, escape.mrkdwn_line])
def test_a_cut_shows_as_an_ellipsis(shorten: Callable[[str, int], str]) -> None:
    assert shorten("a  b\n c", 10) == "a b c"
    assert shorten("abcdef", 5) == "abcd…"
    assert shorten(" " * 10_000 + "late", 5).endswith("…")
