"""One Web API call, and what its failure means for the message.

    SendFailed
    ├── Refused        Slack will not take this payload: send a plainer one
    ├── Gone           the place or the right to write there is gone: do not try again
    ├── RateLimited    429: try again after ``retry_after_s``
    └── Uncertain      no answer of Slack's, or a 5xx: Slack may have done it; look before repeating a post

The client's own retries are off: its default handler repeats a request after a broken connection, which doubles posts.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import said_no
from bot.slack.delivery.pacer import Method

CALL_TIMEOUT_S = 30.0
_RETRY_AFTER_S = 30.0
_NOT_SLACK = "not from Slack: is a proxy in between?"

_GONE = frozenset(
    {
        "account_inactive", "app_missing_action_url", "cant_update_message", "channel_is_archived", "channel_not_found",
        "ekm_access_denied", "invalid_auth", "is_archived", "is_inactive", "message_not_found", "missing_scope",
        "no_permission", "not_allowed_token_type", "not_authed", "not_in_channel", "org_login_required",
        "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_locked",
        "team_access_not_granted", "thread_not_found", "token_expired", "token_revoked", "user_is_bot",
        "user_not_in_channel",
    }
)  # fmt: skip
_UNCERTAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})


class SendFailed(Exception):
    def __init__(self, method: str, error: str) -> None:
        super().__init__(f"{method}: {error}")
        self.method = method
        self.error = error


class Refused(SendFailed):
    pass


class Gone(SendFailed):
    pass


class RateLimited(SendFailed):
    def __init__(self, method: str, retry_after_s: float) -> None:
        super().__init__(method, "ratelimited")
        self.retry_after_s = retry_after_s


class Uncertain(SendFailed):
    pass


class Sender:
    """``client`` must have been made with ``retry_handlers=[]``; ``timeout_s`` bounds each call."""

    def __init__(self, client: AsyncWebClient, timeout_s: float = CALL_TIMEOUT_S) -> None:
        self._client = client
        self._timeout_s = timeout_s

    async def write(self, method: Method, **arguments: Any) -> dict[str, Any]:
        """A method that takes JSON. Slack's answer with ``ok: true``. Raises one of the `SendFailed`."""
        return await self._call(method, "POST", json=arguments)

    async def read(self, method: Method, **arguments: Any) -> dict[str, Any]:
        """A method that takes a query; Slack's reading methods do not read JSON. As `write` otherwise."""
        return await self._call(method, "GET", params=arguments)

    async def upload(self, channel_id: str, thread_ts: str, filename: str, content: str | bytes) -> None:
        """Upload a file into a thread: three requests, of which the last makes it visible."""
        try:
            async with asyncio.timeout(4 * self._timeout_s):
                await self._client.files_upload_v2(
                    channel=channel_id, thread_ts=thread_ts, filename=filename, title=filename, content=content
                )
        except SlackApiError as failure:
            raise _meaning("files.upload", failure) from failure
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            raise Uncertain("files.upload", f"no answer ({type(failure).__name__})") from failure

    async def _call(self, method: Method, verb: str, **content: Any) -> dict[str, Any]:
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.api_call(method, http_verb=verb, **content)
        except SlackApiError as failure:
            raise _meaning(method, failure) from failure
        except (aiohttp.ClientError, OSError, TimeoutError) as failure:
            raise Uncertain(method, f"no answer ({type(failure).__name__})") from failure
        except AttributeError as failure:  # the client asks a text, or a list, whether it is "ok"
            raise Uncertain(method, _NOT_SLACK) from failure
        return cast(dict[str, Any], response.data)


def _retry_after_s(failure: SlackApiError) -> float:
    said = str(failure.response.headers.get("Retry-After", ""))
    return float(said) if said.isdecimal() else _RETRY_AFTER_S


def _meaning(method: str, failure: SlackApiError) -> SendFailed:
    status, error = said_no(failure)
    if status == 429:
        return RateLimited(method, _retry_after_s(failure))
    if status >= 500:
        return Uncertain(method, f"HTTP {status}")
    if error is None:
        return Uncertain(method, f"HTTP {status}, {_NOT_SLACK}")
    if error == "ratelimited":
        return RateLimited(method, _RETRY_AFTER_S)
    if error in _GONE:
        return Gone(method, error)
    if error in _UNCERTAIN:
        return Uncertain(method, error)
    return Refused(method, error)
