"""The hash chain over events: what is hashed, byte for byte.

``body_hash = SHA-256(salt ‖ body)`` and ``digest = SHA-256(prev ‖ JSON)``, where ``JSON`` is the array
``[n, team_id, session_id, turn_id, kind, version, at, hex(body_hash)]`` in RFC 8785 form (UTF-8, no spaces) and
``prev`` is the digest of event ``n - 1``. The salt keeps an erased body from being guessed out of its hash.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

GENESIS = bytes(32)
"""``prev`` of the first event."""
SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a chain. Written ``n:digest-hex``, which is what an operator keeps elsewhere."""

    n: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.n}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """Raises ValueError when `text` is not ``n:digest-hex``."""
        n, colon, digest = text.strip().partition(":")
        try:
            head = cls(int(n), bytes.fromhex(digest))
        except ValueError:
            colon = ""
        if not colon or len(head.digest) != 32 or head.n < 0:
            raise ValueError(f"{text!r} is not a chain head: it looks like 17:9f86d0…, a number and 64 hex digits")
        return head


EMPTY = Head(0, GENESIS)
"""The head of a chain without events."""


def body_hash(salt: bytes, body: bytes) -> bytes:
    return sha256(salt + body).digest()


def event_digest(
    prev: bytes,
    n: int,
    team_id: str,
    session_id: str | None,
    turn_id: str | None,
    kind: str,
    version: int,
    at: int,
    hashed_body: bytes,
) -> bytes:
    """Raises TypeError or ValueError for a value of another type, and UnicodeEncodeError for a lone surrogate, which
    neither UTF-8 nor SQLite can hold."""
    row = (
        f"[{n},{_string(team_id)},{_string_or_null(session_id)},{_string_or_null(turn_id)},{_string(kind)}"
        f',{version:d},{at:d},"{hashed_body.hex()}"]'
    )
    return sha256(prev + row.encode()).digest()


# Ids and kinds repeat, so both the check and the encoding are done once for most rows.


@lru_cache(maxsize=8192)
def _string(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"an event's team_id and kind are strings, and its other ids strings or None, not {text!r}")
    return json.dumps(text, ensure_ascii=False)


def _string_or_null(text: str | None) -> str:
    return "null" if text is None else _string(text)
