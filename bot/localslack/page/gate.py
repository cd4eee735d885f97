"""Who may talk to the page.

The Host must be this machine's (no DNS rebinding), the Origin must be the page's own (no other site's script, no other
local server's), and the browser must hold the key of the address that was printed at the start (no other account of
this machine). A gesture or a socket without an Origin is refused too: a browser always sends one there.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_UNKNOWN = "Open the address that was printed when this was started: it carries the key to this page.\n"


class Gate:
    def __init__(self) -> None:
        self.key = secrets.token_urlsafe(18)

    def address(self, base_url: str) -> str:
        """What a person opens first; the browser keeps the key as a cookie from then on."""
        return f"{base_url}/?key={self.key}"

    def admit(self, request: web.Request) -> web.Response | None:
        """The answer that opens the page with the key of its address, or None when that is not being asked."""
        if "key" not in request.query:
            return None
        self._check_place(request, needs_origin=False)
        if not secrets.compare_digest(request.query["key"].encode(), self.key.encode()):
            raise web.HTTPForbidden(text=_UNKNOWN)
        answer = web.Response(status=303, headers={"Location": "/"})
        answer.set_cookie(_cookie(request), self.key, httponly=True, samesite="Strict", path="/")
        return answer

    def guard(self, handler: Handler, *, needs_origin: bool = False) -> Handler:
        """``handler``, behind the gate and with the page's headers."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            self._check_place(request, needs_origin=needs_origin)
            if not secrets.compare_digest(request.cookies.get(_cookie(request), "").encode(), self.key.encode()):
                raise web.HTTPForbidden(text=_UNKNOWN)
            response = await handler(request)
            if not response.prepared:
                response.headers.update(headers(request))
            return response

        return guarded

    def _check_place(self, request: web.Request, *, needs_origin: bool) -> None:
        host = request.headers.get("Host", "")
        origin = request.headers.get("Origin")
        if urlsplit(f"//{host}").hostname not in _LOOPBACK:
            raise web.HTTPForbidden(text=f"The page answers only to this machine, not to Host: {host}\n")
        if origin != f"http://{host}" and (needs_origin or origin is not None):
            raise web.HTTPForbidden(text=f"Only the page itself may ask for this, not Origin: {origin}\n")


def headers(request: web.Request) -> dict[str, str]:
    """Nothing but what this server sends may run, be loaded or be asked; nobody may frame the page."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"connect-src 'self' ws://{request.headers['Host']}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _cookie(request: web.Request) -> str:
    """Cookies do not know ports: two demos on one machine must not take each other's."""
    return f"localslack_{urlsplit('//' + request.headers['Host']).port}"
