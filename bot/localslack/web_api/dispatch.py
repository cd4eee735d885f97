"""One Web API call from request to answer: arguments, token, faults, rate limit, method, log."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.localslack.calls import Call, CallLog
from bot.localslack.changes import Change
from bot.localslack.errors import ApiError
from bot.localslack.faults import Fault, Faults
from bot.localslack.ratelimit import RateLimiter
from bot.localslack.sockets import reset
from bot.localslack.tokens import Tokens
from bot.localslack.web_api.args import Args
from bot.localslack.web_api.catalog import APP_TOKEN_METHODS, METHODS
from bot.localslack.web_api.context import Context

Json = dict[str, Any]


class WebApi:
    """``limiter`` None answers as fast as it can be asked."""

    def __init__(
        self, context: Context, tokens: Tokens, limiter: RateLimiter | None, faults: Faults, log: CallLog
    ) -> None:
        self._context = context
        self._tokens = tokens
        self._limiter = limiter
        self._faults = faults
        self._log = log

    async def handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await _arguments(request)
        token = bearer(request) or str(given.get("token", ""))
        given.pop("token", None)
        fault = self._faults.take(method)
        if fault is not None and fault.reset == "before":
            self._record(method, given, "reset", answered=False)
            return _cut(request)
        try:
            if fault is not None:
                _raise(fault)
            answer = {"ok": True, **self._call(method, token, Args(given))}
        except ApiError as error:
            return self._refuse(method, given, error)
        answered = fault is None or fault.reset is None
        self._record(method, given, None, answered=answered)
        if not answered:
            return _cut(request)
        return _json(answer, headers={"x-oauth-scopes": ",".join(sorted(self._context.state.manifest.scopes))})

    def _call(self, method: str, token: str, args: Args) -> Json:
        handler = METHODS.get(method)
        if handler is None:
            raise ApiError("unknown_method", req_method=method)
        self._check_token(method, token)
        if self._limiter is not None:
            wait = self._limiter.take(method, args.text("channel"))
            if wait is not None:
                raise ApiError("ratelimited", status=429, retry_after=wait)
        return handler(self._context, args)

    def _check_token(self, method: str, token: str) -> None:
        if not token:
            raise ApiError("not_authed")
        if token not in (self._tokens.bot, self._tokens.app):
            raise ApiError("invalid_auth")
        if self._context.state.revoked:
            raise ApiError("token_revoked")
        if (token == self._tokens.app) != (method in APP_TOKEN_METHODS):
            raise ApiError("not_allowed_token_type")

    def _refuse(self, method: str, given: Json, error: ApiError) -> web.Response:
        self._record(method, given, error.error)
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        if error.status >= 500:
            return web.Response(status=error.status, text="<html>Slack is having trouble</html>", headers=headers)
        return _json(error.body(), status=error.status, headers=headers)

    def _record(self, method: str, given: Json, error: str | None, *, answered: bool = True) -> None:
        at = self._context.state.clock()
        self._log.add(Call(method, given, error is None, error, at, answered))
        self._context.state.changes.publish(Change("call"))


def bearer(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


async def _arguments(request: web.Request) -> Json:
    given: Json = dict(request.query)
    if request.method != "POST":
        return given
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            body = {}
        if isinstance(body, dict):
            given |= body
    else:
        given |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return given


def _raise(fault: Fault) -> None:
    if fault.status is not None:
        error = "ratelimited" if fault.status == 429 else f"http_{fault.status}"
        raise ApiError(error, status=fault.status, retry_after=fault.retry_after)
    if fault.error is not None:
        status = 429 if fault.error == "ratelimited" else 200
        raise ApiError(fault.error, status=status, retry_after=fault.retry_after)


def _cut(request: web.Request) -> web.Response:
    reset(request.transport)
    return web.Response()


def _json(body: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=json.dumps(body, separators=(",", ":")).encode(),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )
