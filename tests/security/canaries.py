"""Looking for a secret in every byte a run left behind."""

from __future__ import annotations

import base64
import gzip
import json
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from bot.localslack import LocalSlack


def forms(secret: str) -> Iterator[bytes]:
    """The secret as it is, and in the encodings something may have put it into."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield raw[::-1]
    yield urllib.parse.quote(secret, safe="").encode()
    for pad in range(3):
        encoded = base64.b64encode(b"\0" * pad + raw)
        yield encoded[4 if pad else 0 : -4]
        yield encoded.translate(bytes.maketrans(b"+/", b"-_"))[4 if pad else 0 : -4]


def files_with(secrets: Iterable[str], root: Path) -> list[str]:
    """``file: secret number`` for every file below ``root`` that holds one of the secrets, compressed ones too."""
    wanted = [(n, form) for n, secret in enumerate(secrets) for form in forms(secret)]
    found = []
    for path in root.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            found += [f"{path}: secret {n}" for n, form in wanted for content in _readings(data) if form in content]
    return found


def said_with(secrets: Iterable[str], slack: LocalSlack) -> list[str]:
    """Every Web API call of the app whose arguments hold one of the secrets (its bearer token is not an argument)."""
    wanted = [form for secret in secrets for form in forms(secret)]
    calls = [(call.method, json.dumps(call.args, default=str).encode()) for call in slack.calls]
    return [method for method, args in calls for form in wanted if form in args]


def _readings(data: bytes) -> Iterator[bytes]:
    yield data
    for read in (gzip.decompress, zlib.decompress):
        try:
            yield read(data)
        except (OSError, EOFError, zlib.error):
            continue
