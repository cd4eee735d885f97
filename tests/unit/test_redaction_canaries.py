"""A secret Reins was given does not come through, however it is written and wherever the text was cut."""

from __future__ import annotations

import base64
import html
import json
import random
import re
import uuid
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from bot.redaction import Redactor, SecretTooShort

DICE = random.Random(20_26)
MARK = "[redacted]"


def pem(lines: int) -> str:
    body = "\n".join(base64.b64encode(DICE.randbytes(48)).decode() for _ in range(lines))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n"


def service_account() -> str:
    member = base64.b64encode(DICE.randbytes(30)).decode()
    return json.dumps(
        {"type": "service_account", "private_key": pem(3), "private_key_id": member, "n": [1, {"k": member[::-1]}]}
    )


def awkward() -> str:
    return "".join(DICE.choice("abcXYZ019 \"'\\/&<>%+=é€\t") for _ in range(24)) + "end"


CANARIES = [
    *(str(uuid.UUID(bytes=DICE.randbytes(16))) for _ in range(80)),
    *(base64.urlsafe_b64encode(DICE.randbytes(24)).decode() for _ in range(40)),
    *(awkward() for _ in range(40)),
    *(pem(DICE.randint(1, 5)) for _ in range(20)),
    *(service_account() for _ in range(20)),
]
REDACTOR = Redactor(CANARIES)


def identity(secret: str) -> str:
    return secret


def lower_percent(secret: str) -> str:
    return re.sub("%..", lambda escape: escape[0].lower(), quote(secret, safe=""))


def as_json(secret: str) -> str:
    return json.dumps(secret)[1:-1]


WHOLE: dict[str, Callable[[str], str]] = {
    "as it is": identity,
    "hex": lambda secret: secret.encode().hex(),
    "upper hex": lambda secret: secret.encode().hex().upper(),
    "url": lambda secret: quote(secret, safe=""),
    "url path": quote,
    "url form": quote_plus,
    "url component": lambda secret: quote(secret, safe="!'()*"),
    "lower url": lower_percent,
    "json": as_json,
    "json kept": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "json in json": lambda secret: as_json(as_json(secret)),
    "python": lambda secret: repr(secret)[1:-1],
    "slack": lambda secret: html.escape(secret, quote=False),
    "html": html.escape,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode(),
}


@pytest.mark.parametrize("writing", WHOLE)
def test_no_form_of_any_canary_comes_through(writing: str) -> None:
    for canary in CANARIES:
        assert REDACTOR.scrub(f"before «{WHOLE[writing](canary)}» after") == f"before «{MARK}» after"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", [b"u", b"us", b"use", b"user:"])
def test_no_canary_comes_through_inside_something_longer_in_base64(
    encode: Callable[[bytes], bytes], before: bytes
) -> None:
    for canary in CANARIES:
        scrubbed = REDACTOR.scrub(encode(before + canary.encode() + b":after").decode())
        head, mark, tail = scrubbed.partition(MARK)
        assert mark
        # What is left on either side are characters that mix a few bits of the secret with what stands beside it.
        assert len(head) <= -(-len(before) * 8 // 6)
        assert len(tail.rstrip("=")) <= -(-len(b":after") * 8 // 6) + 1


@pytest.mark.parametrize("kind", range(0, 200, 20))
def test_a_canary_cut_anywhere_does_not_come_through(kind: int) -> None:
    text = f"before {CANARIES[kind]} after"
    whole = REDACTOR.scrub(text)
    for cut in range(len(text) + 1):
        stream = REDACTOR.stream()
        assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.flush() == whole
    stream = REDACTOR.stream()
    assert "".join(map(stream.feed, text)) + stream.flush() == whole


def test_one_line_of_a_private_key_or_one_member_of_a_credential_is_a_secret_too() -> None:
    key, account = CANARIES[160], CANARIES[180]
    assert REDACTOR.scrub(f"line: {key.splitlines()[1]}") == f"line: {MARK}"
    members = json.loads(account)
    assert REDACTOR.scrub(members["private_key_id"]) == MARK
    assert REDACTOR.scrub(members["n"][1]["k"]) == MARK
    assert REDACTOR.scrub(members["private_key"].splitlines()[2]) == MARK


def test_overlapping_secrets_leave_nothing_of_either() -> None:
    redactor = Redactor(["alpha-beta-gamma", "gamma-delta-epsilon", "beta-gam"])
    assert redactor.scrub("x alpha-beta-gamma-delta-epsilon y") == f"x {MARK} y"


def test_the_longer_of_two_secrets_that_begin_alike_is_hidden_whole() -> None:
    redactor = Redactor(["password-1", "password-123456"])
    stream = redactor.stream()
    assert stream.feed("password-1") + stream.feed("23456!") + stream.flush() == f"{MARK}!"


def test_every_string_of_a_value_is_scrubbed_before_it_is_serialised() -> None:
    secret = CANARIES[0]
    value = {secret: [secret, {"deep": (f"a {secret}", 7, None, True)}]}
    assert REDACTOR.scrub_value(value) == {MARK: [MARK, {"deep": [f"a {MARK}", 7, None, True]}]}


@pytest.mark.parametrize("short", ["", "seven77", "  padded  "])
def test_a_secret_too_short_to_hide_is_refused_without_repeating_it(short: str) -> None:
    with pytest.raises(SecretTooShort) as error:
        Redactor(["long enough to hide", short])
    assert "Secret number 2" in str(error.value)
    assert not short.strip() or short.strip() not in str(error.value)


def test_nothing_shows_a_secret_in_its_repr() -> None:
    stream = REDACTOR.stream()
    stream.feed(CANARIES[0][:-1])
    for shown in (repr(REDACTOR), str(REDACTOR), repr(stream)):
        assert not any(canary[:8] in shown for canary in CANARIES)
