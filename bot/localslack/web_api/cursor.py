"""Slack's cursor pagination. Source: https://docs.slack.dev/apis/web-api/pagination"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar

from bot.localslack.errors import ApiError
from bot.localslack.web_api.args import Args

T = TypeVar("T")


def page(items: Sequence[T], args: Args, *, default: int = 100, most: int = 1000) -> tuple[Sequence[T], dict[str, Any]]:
    """One page, and the fields that lead to the next. A cursor names the position after the last item shown."""
    limit = args.number("limit", default) or default
    if not 1 <= limit <= most:
        raise ApiError("invalid_limit")
    start = _position(args.text("cursor"))
    shown = items[start : start + limit]
    more = start + limit < len(items)
    following = base64.b64encode(f"next:{start + limit}".encode()).decode() if more else ""
    return shown, {"response_metadata": {"next_cursor": following}, "has_more": more}


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).removeprefix(b"next:"))
    except (binascii.Error, ValueError):
        raise ApiError("invalid_cursor") from None
