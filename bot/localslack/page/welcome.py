"""What a newcomer is told, and what they can try with one click. Whoever starts the local Slack says what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``text`` is sent as typed when the button with ``title`` is pressed, e.g. "@reins hello"."""

    title: str
    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """``note`` stands in every channel: what answers here, and what does not."""

    note: str = ""
    suggestions: tuple[Suggestion, ...] = ()
