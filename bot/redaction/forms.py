"""How one secret may be written in text."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

MIN_SECRET_CHARS = 8
"""Scrubbing anything shorter would mangle ordinary text."""

MIN_PART_CHARS = 16
"""A line or a member of a longer secret is a secret of its own from this length on."""


class SecretTooShort(ValueError):
    """Shown to the operator at boot. Says which one by its place, never what it is."""


def all_forms(secret: str) -> set[str]:
    """Every way of writing ``secret``, and each telling part of it, that is looked for."""
    return {form for part in (secret, *_parts(secret)) for form in _encoded(part) if len(form) >= MIN_SECRET_CHARS}


def _parts(secret: str) -> Iterator[str]:
    """The lines of a PEM block and the strings inside a JSON credential: each is telling when printed alone."""
    for line in secret.splitlines():
        if len(line.strip()) >= MIN_PART_CHARS and not line.startswith("-----"):
            yield line.strip()
    try:
        members = _strings(json.loads(secret))
    except (ValueError, RecursionError):  # most secrets are not JSON
        return
    for member in members:
        if len(member) >= MIN_PART_CHARS and "://" not in member and "@" not in member:
            yield member
            yield from (line for line in member.splitlines() if len(line) >= MIN_PART_CHARS and line[:5] != "-----")


def _strings(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for member in value.values() for text in _strings(member)]
        case list():
            return [text for member in value for text in _strings(member)]
        case _:
            return []


def _encoded(text: str) -> Iterator[str]:
    data = text.encode("utf-8", "surrogatepass")
    yield text
    yield from _base64(data)
    yield data.hex()
    yield data.hex().upper()
    for percent in (*(quote(data, safe=kept) for kept in _KEPT_IN_URLS), quote_plus(data)):
        yield percent
        yield _lower_escapes(percent)
    once = (
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
        json.dumps(text)[1:-1].replace("/", "\\/"),
    )
    yield from once
    yield from (json.dumps(form)[1:-1] for form in once)  # JSON inside JSON, as tool arguments travel
    yield repr(text)[1:-1]
    yield html.escape(text, quote=False)  # as Slack wants text escaped
    yield html.escape(text)


def _base64(data: bytes) -> Iterator[str]:
    """The characters that ``data`` alone decides, wherever it begins within the encoded three-byte groups, and the
    whole encoding with its padding."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + data)
        decided = encoded[-(-before * 8 // 6) : (before + len(data)) * 8 // 6].decode()
        yield decided
        yield decided.translate(_URLSAFE)
    yield base64.b64encode(data).decode()
    yield base64.urlsafe_b64encode(data).decode()


# Python's two ways, then JavaScript's encodeURIComponent and encodeURI.
_KEPT_IN_URLS = ("", "/", "!'()*", ";/?:@&=+$,#!'()*")

_URLSAFE = str.maketrans("+/", "-_")


def _lower_escapes(percent: str) -> str:
    """``%2F`` as ``%2f``, everything else as it is."""
    first, *escapes = percent.split("%")
    return first + "".join(f"%{escape[:2].lower()}{escape[2:]}" for escape in escapes)
