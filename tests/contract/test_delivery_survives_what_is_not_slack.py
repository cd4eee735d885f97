"""A page of a proxy where Slack's answer would be is a failed call like any other: nothing ends because of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.slack.client import SlackRefused, identify, make_client
from bot.slack.delivery.sender import RateLimited, Sender, Uncertain

PAGE = "<html><body>Please log in to the network.</body></html>"
BODIES = [
    (200, PAGE, "text/html"),
    (200, PAGE, "text/plain"),
    (200, PAGE, "application/json"),
    (200, "[1]", "application/json"),
    (200, "", "application/json"),
    (404, PAGE, "text/html"),
    (407, PAGE, "text/plain"),
    (502, PAGE, "text/html"),
]


@asynccontextmanager
async def answering(handle: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/api/{method}", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(("status", "body", "content_type"), BODIES)
async def test_it_is_uncertain_and_at_start_a_sentence(status: int, body: str, content_type: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=content_type)

    async with answering(handle) as url:
        client = make_client(SecretStr("xoxb-test-token"), url)
        with pytest.raises(Uncertain):
            await Sender(client).write("chat.postMessage", channel="C1", text="hello")
        with pytest.raises(SlackRefused, match="SLACK_API_URL"):
            await identify(client)


async def test_a_retry_after_that_is_no_number_is_waited_for_all_the_same() -> None:
    async def handle(request: web.Request) -> web.Response:
        later = {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}
        return web.Response(status=429, text=PAGE, content_type="text/html", headers=later)

    async with answering(handle) as url:
        with pytest.raises(RateLimited) as limited:
            await Sender(make_client(SecretStr("xoxb-test-token"), url)).write("chat.postMessage", channel="C1")
    assert limited.value.retry_after_s > 0
