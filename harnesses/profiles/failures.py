"""The failure class of a provider's error, from its HTTP status."""

from __future__ import annotations

import re

from harnesses.updates import FailureClass

_STATUS = re.compile(r"(?:\b(?:API Error|status(?: code)?|HTTP|error)\b[\s:=(]*)([1-5]\d\d)\b", re.IGNORECASE)


def status_in(text: str) -> int | None:
    """The HTTP status an error text names, e.g. ``API Error: 401 …``; None if it names none."""
    found = _STATUS.search(text)
    return int(found.group(1)) if found else None


def by_status(status: int | None) -> FailureClass:
    match status:
        case 401 | 403:
            return "provider_auth"
        case 429:
            return "provider_rate"
        case _:
            return "provider_error"


def sentence_for(failure: FailureClass, status: int | None, detail: str) -> str:
    """What happened and what to do, to stand after the harness's name."""
    known = f" (HTTP {status})" if status is not None else ""
    match failure:
        case "provider_auth":
            advice = f"was refused by the model provider{known}. Check the provider's key"
        case "provider_rate":
            advice = f"is being rate-limited by the model provider{known}. Wait a little and ask again"
        case _:
            advice = f"got an error from the model provider{known}"
    return f"{advice}: {detail}" if detail else advice
