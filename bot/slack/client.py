"""The Web API client of this app, who it is, and whether Slack accepts its tokens.

SlackRefused    Slack does not accept a token, or does not answer; the message says what to do next
"""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

CALL_TIMEOUT_S = 30
_REMEDY = {
    "auth.test": (
        "SLACK_BOT_TOKEN: copy the Bot User OAuth Token from OAuth & Permissions, and reinstall the app if its scopes "
        "changed"
    ),
    "apps.connections.open": (
        "SLACK_APP_TOKEN: copy or make an App-Level Token with connections:write in Basic Information, and see that "
        "Socket Mode is on"
    ),
}


class SlackRefused(RuntimeError):
    """Shown to the operator as it is."""


@dataclass(frozen=True, slots=True)
class BotIdentity:
    team: str
    user: str
    user_id: str


def make_client(bot_token: SecretStr, api_url: str) -> AsyncWebClient:
    """A client that never repeats a request by itself: its default retry after a broken connection doubles posts."""
    token = bot_token.get_secret_value()
    return AsyncWebClient(token=token, base_url=api_url, timeout=CALL_TIMEOUT_S, retry_handlers=[])


async def identify(client: AsyncWebClient) -> BotIdentity:
    """Who the bot token belongs to. Raises `SlackRefused`."""
    try:
        answer = await client.auth_test()
    except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError, AttributeError) as error:
        raise _refused("auth.test", client, error) from error
    return BotIdentity(str(answer["team"]), str(answer["user"]), str(answer["user_id"]))


def said_no(failure: SlackApiError) -> tuple[int, str | None]:
    """The HTTP status of a failed call, and the error Slack named; None when what answered was not Slack but, say, a
    proxy's page: the client then hands over a text, or an aiohttp response, where Slack's answer would be."""
    response = failure.response
    if not isinstance(response, AsyncSlackResponse):
        return int(getattr(response, "status", 0)), None
    error = response.data.get("error") if isinstance(response.data, dict) else None
    return response.status_code, error if isinstance(error, str) else None


async def check_app_token(client: AsyncWebClient, app_token: SecretStr) -> None:
    """Raises `SlackRefused` when no Socket Mode connection could be asked for."""
    try:
        await client.apps_connections_open(app_token=app_token.get_secret_value())
    except (SlackApiError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise _refused("apps.connections.open", client, error) from error


def _refused(method: str, client: AsyncWebClient, error: Exception) -> SlackRefused:
    if isinstance(error, SlackApiError):
        status, said = said_no(error)
        if said is None:
            return SlackRefused(
                f"What answers at {client.base_url} is not Slack (HTTP {status}). Check SLACK_API_URL and the network."
            )
        return SlackRefused(f"Slack refused ({said}) {_REMEDY[method]}.")
    return SlackRefused(
        f"{client.base_url} did not answer ({type(error).__name__}). Check SLACK_API_URL and the network."
    )
