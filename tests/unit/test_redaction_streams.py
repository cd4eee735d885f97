"""A stream cut anywhere gives exactly what scrubbing the whole gives, and never the secret."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from bot.redaction import Redactor

SECRETS = [
    "hunter2-hunter2",
    "2-hunter2-hunt",
    "aaaaaaaa",
    "aaaaaaaaaaaab",
    "line one\nline two and more\n",
    "sk-looks-like/a+token==",
]
REDACTOR = Redactor(SECRETS)
PIECES = st.one_of(
    st.sampled_from(
        [
            *SECRETS,
            *(secret.encode().hex() for secret in SECRETS),
            "hunter2-",
            "aaa",
            "xoxb-",
            "xox",
            "sk-",
            "1234567890",
            "A" * 30,
            "AKIA",
            "gh",
            "p_",
            "eyJ",
            ".eyJ",
            "-----",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "-----END ",
            "\\n",
            " ",
            "\n",
            ".",
        ]
    ),
    st.text(max_size=5),
)


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(st.integers(0, 300), max_size=12))
@example("-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY----- and on", [27, 40, 58])
@example("a" * 40, [1, 9, 17, 39])
@example("hunter2-hunter2-hunter2-hunter2", [15, 16])
def test_a_stream_is_the_same_as_the_whole(text: str, cuts: list[int]) -> None:
    stream = REDACTOR.stream()
    out, at = "", 0
    for cut in [*sorted(cuts), len(text)]:
        out += stream.feed(text[at:cut])
        at = max(at, min(cut, len(text)))
    assert out + stream.flush() == REDACTOR.scrub(text)


@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_secret_comes_through(text: str) -> None:
    scrubbed = REDACTOR.scrub(text)
    assert not any(secret in scrubbed for secret in SECRETS)


@given(st.lists(PIECES, max_size=10).map("".join), st.integers(0, 200))
def test_a_scrubber_is_as_new_after_its_flush(text: str, cut: int) -> None:
    stream = REDACTOR.stream()
    stream.feed(text[:cut])
    stream.flush()
    assert stream.feed(text) + stream.flush() == REDACTOR.scrub(text)
