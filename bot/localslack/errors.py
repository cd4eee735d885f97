"""What can go wrong at the local Slack.

LocalSlackError
├── ManifestError   the app's manifest could not be installed
├── GestureError    a person could not have done this in Slack either
└── ApiError        one Web API call is answered ``ok: false``; it never leaves the server
"""

from __future__ import annotations

from typing import Any


class LocalSlackError(Exception):
    """Base of everything this package raises on purpose."""


class ManifestError(LocalSlackError):
    """The manifest contradicts itself. Correct the manifest; the message names the line to change."""


class GestureError(LocalSlackError):
    """A test or the page asked a person to do what Slack's own client would not offer them."""


class ApiError(LocalSlackError):
    """``error`` is Slack's code; ``details`` are further fields of the answer; ``status`` its HTTP status."""

    def __init__(self, error: str, *, status: int = 200, retry_after: int | None = None, **details: Any) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.retry_after = retry_after
        self.details = details

    def body(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error, **self.details}
