"""Whatever address a message gives for its file, the bot's token goes to Slack alone, and only so much is taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.core.gesture import SlackFile
from bot.engine.outlet import FileNotTaken
from bot.slack.files import SlackFiles

TOKEN = "xoxb-1234567890"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address of a server on this machine."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]  # aiohttp gives it nowhere else
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def png_at(url: str, size: int = 108) -> SlackFile:
    return SlackFile(id="F1", name="a.png", mimetype="image/png", size=size, url=url)


def files_of(base: str, timeout_s: float = 10) -> SlackFiles:
    return SlackFiles(SecretStr(TOKEN), f"{base}/api/", timeout_s)


async def refusal(files: SlackFiles, file: SlackFile, most_bytes: int = 10_000) -> str:
    with pytest.raises(FileNotTaken) as refused:
        await files.fetch(file, most_bytes)
    return str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
        "http://files.slack.com/a",
        "https://files.slack.com:8443/a",
        "https://slack.com.evil.example/a",
        "https://evilslack.com/a",
        "https://files.slack.com.@evil.example/a",
        "https://user:pass@files.slack.com/a",
        "https://evil.example/files.slack.com",
        "https://evil.example#.slack.com",
        "https://evil.example\\.slack.com/a",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "https://[::1]/a",
        "https://files.slack.com%2eevil.example/a",
    ],
)
async def test_an_address_that_is_not_slacks_is_refused(url: str) -> None:
    files = SlackFiles(SecretStr(TOKEN), "https://slack.com/api/", timeout_s=0.001)
    assert await refusal(files, png_at(url)) in (
        "it is not kept by Slack",
        "its address cannot be read",
        "Slack does not offer it for download",
    )


async def test_a_foreign_host_is_not_even_dialled() -> None:
    dialled: list[str] = []

    async def foreign(request: web.Request) -> web.Response:
        dialled.append(request.path)
        return web.Response(body=PNG, content_type="image/png")

    async with serving(foreign) as slack, serving(foreign) as elsewhere:
        assert await refusal(files_of(slack), png_at(f"{elsewhere}/a.png")) == "it is not kept by Slack"
        assert await refusal(files_of(slack), png_at(slack.replace("127.0.0.1", "localhost"))) != ""
        assert dialled == []
        assert await files_of(slack).fetch(png_at(f"{slack}/a.png"), 10_000) == PNG
        assert dialled == ["/a.png"]


async def test_a_redirect_is_not_followed() -> None:
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response(body=PNG, content_type="image/png")

    async with serving(elsewhere) as target:

        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{target}/a.png"})

        async with serving(redirect) as slack:
            assert "not followed" in await refusal(files_of(slack), png_at(f"{slack}/a.png"))
    assert seen == []


async def test_a_hundred_megabytes_announced_as_a_kilobyte_are_cut_off() -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": "image/png"})
        await answer.prepare(request)
        for _ in range(1600):
            await answer.write(bytes(65_536))
            sent += 65_536
        return answer

    async with serving(endless) as slack:
        why = await refusal(files_of(slack), png_at(f"{slack}/a.png", size=1000), most_bytes=100_000)
    assert "more than 100,000 bytes" in why
    assert sent < 50_000_000


async def test_a_file_announced_as_too_large_is_not_asked_for() -> None:
    async def never(request: web.Request) -> web.Response:
        raise AssertionError("it was asked for")

    async with serving(never) as slack:
        assert "more than" in await refusal(files_of(slack), png_at(f"{slack}/a.png", size=10_001))


async def test_a_sign_in_page_is_not_a_picture() -> None:
    async def sign_in(request: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")

    async with serving(sign_in) as slack:
        assert await refusal(files_of(slack), png_at(f"{slack}/a.png")) == "what came is not image/png"


async def test_what_comes_compressed_unfolds_nowhere() -> None:
    async def compressed(request: web.Request) -> web.Response:
        assert request.headers["Accept-Encoding"] == "identity"
        return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip", "Content-Type": "image/png"})

    async with serving(compressed) as slack:
        assert "compressed" in await refusal(files_of(slack), png_at(f"{slack}/a.png"))


async def test_a_server_that_never_ends_is_given_up() -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b".")
            if request.transport is None or request.transport.is_closing():
                return answer

    async with serving(slow) as slack:
        why = await refusal(files_of(slack, timeout_s=0.2), png_at(f"{slack}/a.png"), most_bytes=10**9)
    assert why == "Slack did not send it in time"
