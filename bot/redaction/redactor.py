"""What the sinks use."""

from __future__ import annotations

from collections.abc import Iterable

from bot.redaction.forms import MIN_SECRET_CHARS, SecretTooShort, all_forms
from bot.redaction.known import KnownForms, KnownScrubber
from bot.redaction.shapes import ShapeScrubber

SHAPES_BYTES = 262_144
"""Looking for shapes takes about a second per MiB, during which others wait."""


class Redactor:
    """Replaces secrets by ``[redacted]``: every one it was given, in any common encoding, and whatever has the shape
    of a token or of a private key. Immutable, safe to share between threads.

    Cut text only after it was scrubbed: half a secret is not recognised.
    """

    __slots__ = ("_count", "_forms")

    def __init__(self, secrets: Iterable[str]) -> None:
        """`SecretTooShort` if one of them is shorter than `MIN_SECRET_CHARS` characters."""
        forms: set[str] = set()
        self._count = 0
        for self._count, secret in enumerate(secrets, start=1):
            if len(secret.strip()) < MIN_SECRET_CHARS:
                raise SecretTooShort(
                    f"Secret number {self._count} has fewer than {MIN_SECRET_CHARS} characters, so it cannot be kept "
                    "out of logs and Slack without mangling ordinary text. Replace it by a longer one."
                )
            forms |= all_forms(secret)
        self._forms = KnownForms(forms)

    def __repr__(self) -> str:
        return f"Redactor({self._count} secrets)"

    def scrub(self, text: str) -> str:
        """``text`` without its secrets."""
        stream = self.stream()
        return stream.feed(text) + stream.flush()

    def holds_secret(self, content: bytes) -> bool:
        """Whether a file holds a secret this was given; in text of up to `SHAPES_BYTES`, also whether it holds anything
        that has the shape of one."""
        if self._forms.stand_in(content):
            return True
        if len(content) > SHAPES_BYTES:
            return False
        text = content.decode(errors="replace")
        return self.scrub(text) != text

    def scrub_value(self, value: object) -> object:
        """A value as JSON knows them, with every string in it (keys too) scrubbed; other objects are returned as they
        are. To be used before serialising: scrubbing JSON text could cut one of its escapes in half."""
        match value:
            case str():
                return self.scrub(value)
            case dict():
                return {self.scrub_value(key): self.scrub_value(member) for key, member in value.items()}
            case list() | tuple():
                return [self.scrub_value(member) for member in value]
            case _:
                return value

    def stream(self) -> StreamScrubber:
        """A scrubber for text that arrives in pieces."""
        return StreamScrubber(self._forms)


class StreamScrubber:
    """Scrubs text that arrives in pieces, wherever it was cut: what `feed` and `flush` return, put together, is
    `Redactor.scrub` of the whole. Holds back only what may be the beginning of a secret. Not safe to share."""

    __slots__ = ("_known", "_shapes")

    def __init__(self, forms: KnownForms) -> None:
        self._known = KnownScrubber(forms)
        self._shapes = ShapeScrubber()

    def feed(self, text: str) -> str:
        """What may be shown so far; call `flush` after the last piece."""
        return self._shapes.feed(self._known.feed(text))

    def flush(self) -> str:
        """The rest. The scrubber is then as new."""
        return self._shapes.feed(self._known.flush()) + self._flush_shapes()

    def _flush_shapes(self) -> str:
        rest = self._shapes.flush()
        self._shapes = ShapeScrubber()
        return rest
