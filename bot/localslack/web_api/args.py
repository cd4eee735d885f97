"""The arguments of one call, wherever the client put them: query, form or JSON.

slack_sdk sends some writes as a POST with everything in the query, and structures as JSON text inside a form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.localslack.errors import ApiError


class Args:
    """Reads and converts; an argument of the wrong shape answers `invalid_arguments` and says which."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given = given

    def has(self, name: str) -> bool:
        return self.given.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        value = self.given.get(name)
        return default if value is None else str(value)

    def required(self, name: str, error: str | None = None) -> str:
        value = self.text(name)
        if not value:
            raise ApiError(error) if error else invalid(f"missing required field: {name}")
        return value

    def number(self, name: str, default: int) -> int:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise invalid(f"must be an integer: {name}") from None

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given.get(name)
        if value is None or value == "":
            return default
        return str(value).lower() in ("1", "true", "yes")

    def structure(self, name: str, error: str) -> Any:
        """A list or object, given as such or as JSON text. None when absent; ``error`` when it is not JSON."""
        value = self.given.get(name)
        if not isinstance(value, str):
            return value
        if value == "":
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(error) from None


def invalid(*messages: str) -> ApiError:
    return ApiError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {message}" for message in messages]})
