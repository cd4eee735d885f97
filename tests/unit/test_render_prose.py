"""A long answer is cut so that nothing is lost, nothing already shown moves, and every piece can be read on its own."""

from __future__ import annotations

import random

import pytest

from bot.slack.render import escape
from bot.slack.render.prose import cut, pieces
from tests.unit.hostile_text import as_commonmark_reads, hostile_strings

LINES = "".join(f"{n:06} the quick brown fox jumps over the lazy dog\n" for n in range(200_000))
CODE = "Before.\n\n```python\n" + "x = 1  # a line of code\n" * 300 + "```\n\nAfter, with `code`.\n"


@pytest.mark.parametrize("size", [0, 1, 199, 200, 201, 999, 1000, 1001, 5499, 9200, 100_000, 1_000_000])
def test_the_pieces_put_together_are_the_text(size: int) -> None:
    for text in (
        LINES[:size],
        "x" * size,
        ("word " * (size // 5 + 1))[:size],
        ("```\ncode\n```\n" * (size // 13 + 1))[:size],
    ):
        made = list(cut(text, 500, 1000))
        assert "".join(made) == text
        assert len(made[0]) <= 500 and all(0 < len(piece) <= 1000 for piece in made[1:])


def test_ten_megabytes_are_cut_without_loss() -> None:
    text = LINES[:10_000_000]
    made = list(pieces(text, 5500, 9200))
    assert "".join(made) == text


def test_hostile_text_is_cut_without_loss_within_the_limit_and_with_every_code_block_closed() -> None:
    for text in hostile_strings(3, 3_000, 400):
        escaped = escape.markdown(text)
        assert "".join(cut(escaped, 300, 600)) == escaped
        shown = list(pieces(escaped, 300, 600))
        assert len(shown[0]) <= 300 and all(len(piece) <= 600 for piece in shown[1:])
        for piece in shown:
            assert open_fence(piece) is None, ascii(piece)


def test_no_cut_goes_through_an_entity_so_each_piece_reads_as_its_part_of_the_text() -> None:
    for number, text in enumerate(hostile_strings(4, 1_000, 400)):
        text = "x" * (number % 50) + "<&lt;<" * 200 + text
        read = [as_commonmark_reads(piece) for piece in cut(escape.markdown(text), 300, 600)]
        assert "".join(read) == escape.sendable(text)


def test_a_full_piece_never_changes_while_the_answer_grows() -> None:
    random_ = random.Random(5)
    for text in hostile_strings(6, 60, 1200):
        shown: list[str] = []
        length = 0
        while length < len(text):
            length += random_.choice((1, 2, 3, 7, 40, 400))
            now = list(pieces(escape.markdown(text[:length]), 300, 600))
            assert now[: max(0, len(shown) - 1)] == shown[:-1]
            shown = now


def test_code_that_is_cut_stays_code_in_every_piece() -> None:
    shown = list(pieces(CODE, 500, 1000))
    assert len(shown) > 5
    for piece in shown[1:-1]:
        assert piece.startswith("```python\n") and piece.endswith("\n```")
    assert [line for piece in shown for line in piece.splitlines() if line.startswith("x = ")] == [
        "x = 1  # a line of code"
    ] * 300
    assert "After, with `code`." in shown[-1] and open_fence(shown[-1]) is None


@pytest.mark.parametrize("fence", ["~~~", "`````", "```"])
def test_a_fence_is_closed_and_opened_again_by_its_own_kind(fence: str) -> None:
    inner = "```\nnot a fence here\n~~\n" if fence != "```" else "~~~\nnot a fence here\n"
    shown = list(pieces(f"{fence}text\n" + inner * 100 + f"{fence}\ndone\n", 500, 500))
    assert all(piece.endswith(f"\n{fence}") for piece in shown[:-1])
    assert shown[-1].endswith("done\n")


def test_a_cut_prefers_a_paragraph_then_a_line_then_a_word() -> None:
    paragraphs = list(cut(("word " * 30 + "\n" + "word " * 30 + "\n\n") * 20, 400, 400))
    assert all(piece.endswith("\n\n") for piece in paragraphs[:-1])
    lines = list(cut(("word " * 20 + "\n") * 40, 400, 400))
    assert all(piece.endswith("\n") for piece in lines[:-1])
    words = list(cut("word " * 400, 400, 400))
    assert all(piece.endswith("word ") for piece in words)


def test_a_piece_too_small_for_its_fences_is_refused() -> None:
    with pytest.raises(ValueError, match="200 characters"):
        list(pieces("text", 199, 1000))


def open_fence(markdown: str) -> str | None:
    """The code fence that is still open at the end, by the rules of CommonMark, line by line."""
    fence = ""
    for line in markdown.split("\n"):
        stripped = line.lstrip(" ")
        if len(line) - len(stripped) > 3 or stripped[:3] not in ("```", "~~~"):
            continue
        run = stripped[: len(stripped) - len(stripped.lstrip(stripped[0]))]
        rest = stripped[len(run) :]
        if len(run) > 16:
            continue
        if not fence:
            fence = run if run[0] == "~" or "`" not in rest else ""
        elif run[0] == fence[0] and len(run) >= len(fence) and not rest.strip():
            fence = ""
    return fence or None
