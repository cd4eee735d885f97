"""The bytes of a file in Slack: https://docs.slack.dev/reference/objects/file-object.

The bot's token goes to Slack's own hosts by https and to nobody else; with SLACK_API_URL set, to where that points too.
What a message says about a file comes from outside, its address included, so an address is looked at before it is
dialled and a redirect is not followed.
"""

from __future__ import annotations

import asyncio
import re
import ssl

import httpx
from pydantic import SecretStr

from bot.core.attachments import objection
from bot.core.gesture import SlackFile
from bot.engine.outlet import FileNotTaken

TIMEOUT_S = 60.0
"""For one whole file."""
_QUIET_S = 15.0
_HOSTS = re.compile(r"([a-z0-9-]+\.)+(slack|slack-files)\.com")
"""Nothing but letters, digits, dashes and dots: what else a name may hold, others read differently."""


class SlackFiles:
    def __init__(self, bot_token: SecretStr, api_url: str, timeout_s: float = TIMEOUT_S) -> None:
        self._token = bot_token
        self._api = _origin(httpx.URL(api_url))
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None

    async def fetch(self, file: SlackFile, most_bytes: int) -> bytes:
        """Raises `FileNotTaken` with the reason."""
        url = self._address(file.url)
        if file.size > most_bytes:
            raise FileNotTaken(_too_large(most_bytes))
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx.create_ssl_context)
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}", "Accept-Encoding": "identity"}
        # A proxy of the environment is used as for Slack's API, but never with plain http: that is this machine.
        proxied = url.scheme == "https"
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                httpx.AsyncClient(
                    verify=self._tls, follow_redirects=False, timeout=_QUIET_S, trust_env=proxied
                ) as client,
                client.stream("GET", url, headers=headers) as answer,
            ):
                content = await _content(answer, most_bytes)
        except TimeoutError as error:
            raise FileNotTaken("Slack did not send it in time") from error
        except (httpx.HTTPError, OSError) as error:
            raise FileNotTaken(f"Slack did not send it ({type(error).__name__})") from error
        problem = objection(file.mimetype, answer.headers.get("content-type", ""), content)
        if problem is not None:
            raise FileNotTaken(problem)
        return content

    def _address(self, url: str) -> httpx.URL:
        """Raises `FileNotTaken` for an address that must not get the token."""
        if not url:
            raise FileNotTaken("Slack does not offer it for download")
        try:
            address = httpx.URL(url)
            host = address.raw_host.decode()
        except (httpx.InvalidURL, ValueError) as error:
            raise FileNotTaken("its address cannot be read") from error
        of_slack = address.scheme == "https" and _HOSTS.fullmatch(host) is not None and address.port is None
        if address.userinfo or not (of_slack or _origin(address) == self._api):
            raise FileNotTaken("it is not kept by Slack")
        return address


async def _content(answer: httpx.Response, most_bytes: int) -> bytes:
    if answer.is_redirect:
        raise FileNotTaken("Slack sends elsewhere for it, which is not followed")
    if answer.status_code != httpx.codes.OK:
        raise FileNotTaken(f"Slack did not send it (HTTP {answer.status_code})")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise FileNotTaken("Slack sent it compressed, which was not asked for")
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > most_bytes:
            raise FileNotTaken(_too_large(most_bytes))
    return bytes(content)


def _too_large(most_bytes: int) -> str:
    return f"it has more than {most_bytes:,} bytes (limits.file_bytes)"


def _origin(url: httpx.URL) -> tuple[str, bytes, int | None]:
    return url.scheme, url.raw_host, url.port
