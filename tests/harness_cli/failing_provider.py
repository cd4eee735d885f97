"""A model provider that answers every request with an error, on loopback."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

_KINDS = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
_ASKED_FOR = re.compile(r"fail with (\d{3})")


@asynccontextmanager
async def failing_provider() -> AsyncIterator[str]:
    """Its base URL. The status is the one that the last "fail with STATUS" in the request asks for; harnesses that try
    again are told to do so at once."""

    async def fail(request: web.Request) -> web.Response:
        status = int(_ASKED_FOR.findall(await request.text())[-1])
        error = {"type": _KINDS.get(status, "api_error"), "message": "no"}
        headers = {"retry-after-ms": "10"} if status >= 429 else {}
        return web.json_response({"type": "error", "error": error}, status=status, headers=headers)

    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{path:.*}", fail)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
