"""`LocalSlack`: the team, its server and its people as the one object tests and the demo hold."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.localslack.calls import Call, CallLog
from bot.localslack.changes import Change
from bot.localslack.deliveries import Deliveries, Envelope
from bot.localslack.errors import GestureError
from bot.localslack.events import Events
from bot.localslack.faults import Faults
from bot.localslack.hooks import Hooks
from bot.localslack.interactions import Interactions, Notice
from bot.localslack.manifest import Manifest
from bot.localslack.page import Page, Welcome
from bot.localslack.people import People
from bot.localslack.permits import Permits
from bot.localslack.posting import Link, Ping, Posting, Unfurl
from bot.localslack.ratelimit import RateLimiter
from bot.localslack.server import Server
from bot.localslack.sight import Sight
from bot.localslack.sockets import SocketMode
from bot.localslack.state import State
from bot.localslack.tokens import Tokens
from bot.localslack.weather import Weather
from bot.localslack.web_api.context import Context
from bot.localslack.web_api.dispatch import WebApi

T = TypeVar("T")


class LocalSlack(People, Sight, Weather):
    """One Slack team with one installed app, on 127.0.0.1.

    ``manifest`` is the app's manifest as a dict; what it does not ask for, the app does not get. ``rate_limits`` False
    turns the tiers off. ``redelivery_s``: seconds without an ack before each further delivery of an event. ``clock``:
    seconds since the epoch. ``log_size`` bounds every log. ``port`` 0 takes a free one. ``welcome``: what the
    page tells a newcomer.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        team_id: str = "T0LOCAL",
        tokens: Tokens | None = None,
        port: int = 0,
        rate_limits: bool = True,
        redelivery_s: Sequence[float] = (3.0, 60.0, 300.0),
        log_size: int = 100_000,
        clock: Callable[[], float] = time.time,
        welcome: Welcome | None = None,
    ) -> None:
        self.state = State(Manifest.parse(manifest), team_id, clock)
        self.tokens = tokens or Tokens()
        self._port = port
        self._calm = None
        self._log = CallLog(log_size)
        self._faults = Faults()
        self._deliveries = Deliveries(self.state.changes, redelivery_s, log_size)
        self._events = Events(self.state, self._deliveries)
        self._posting = Posting(self.state, self._events, log_size)
        permits = Permits(clock)
        self._interactions = Interactions(self.state, self._deliveries, self._posting, permits, log_size)
        self._socket_mode = SocketMode(self._deliveries, self.state.app_id)
        context = Context(self.state, self._posting, permits, self._interactions, self._socket_mode)
        limiter = RateLimiter(clock) if rate_limits else None
        api = WebApi(context, self.tokens, limiter, self._faults, self._log)
        hooks = Hooks(self.state, self._posting, permits)
        self.welcome = welcome or Welcome()
        self._page = Page(self)
        self._server = Server(self.state, self.tokens, api, self._socket_mode, hooks, self._page)

    async def __aenter__(self) -> Self:
        self._port = await self._server.start(self._port)
        self.state.base_url = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._calm is not None:
            self._calm.cancel()
        self._deliveries.stop()
        await self._server.stop()

    async def wait_for(self, predicate: Callable[[Self], T], timeout: float) -> T:
        """The first truthy answer of ``predicate``, asked now and again on every change.

        Raises TimeoutError with the threads in words after ``timeout`` seconds; what the predicate raises is raised.
        """
        outcome: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look(_: Change) -> None:
            if outcome.done():
                return
            try:
                seen = predicate(self)
            except Exception as error:  # noqa: BLE001 - raised from `wait_for`, where whoever wrote the predicate is
                outcome.set_exception(error)
                return
            if seen:
                outcome.set_result(seen)

        stop = self.changes.subscribe(look)
        try:
            look(Change("message"))
            done, _ = await asyncio.wait((outcome,), timeout=timeout)
            if not done:
                raise TimeoutError(f"not seen within {timeout} s; this is what there is:\n{self.dump()}")
            return outcome.result()
        finally:
            stop()

    # where it is and who the app is

    @property
    def api_url(self) -> str:
        """The base for a Web API client; ends with "/api/"."""
        return f"{self.state.base_url}/api/"

    @property
    def page_address(self) -> str:
        """What a person opens in a browser. It carries the key to the page."""
        return self._page.address

    @property
    def team_id(self) -> str:
        return self.state.team_id

    @property
    def bot_token(self) -> str:
        return self.tokens.bot

    @property
    def app_token(self) -> str:
        return self.tokens.app

    @property
    def bot_user_id(self) -> str:
        return self.state.bot.id

    # setting the scene; nothing here sends an event

    def add_user(self, name: str, **flags: Any) -> str:
        """A person, or with ``is_bot`` another app's bot; the id. ``flags`` are those of `State.add_user`."""
        return self.state.add_user(name, **flags).id

    def add_channel(self, name: str, members: Iterable[str] = (), *, is_private: bool = False, bot: bool = True) -> str:
        """A channel with these people, and the bot unless ``bot`` is False; the id."""
        everyone = {*members, self.state.bot.id} if bot else set(members)
        return self.state.add_channel(name, "group" if is_private else "channel", everyone).id

    def open_dm(self, user_id: str) -> str:
        """The DM between this person and the bot; the id."""
        return self.state.direct_message(self.state.user(user_id).id).id

    def add_usergroup(self, handle: str, users: Iterable[str]) -> str:
        """A user group; the id, as in ``<!subteam^ID>``."""
        group_id = f"S0LOCAL{len(self.state.usergroups) + 1:03d}"
        members = tuple(users)
        if unknown := set(members) - self.state.users.keys():
            raise GestureError(f"nobody here has the id {sorted(unknown)}: add_user first")
        self.state.usergroups[group_id] = (handle, members)
        return group_id

    # what the app did

    @property
    def calls(self) -> deque[Call]:
        return self._log.calls

    @property
    def call_counts(self) -> Counter[str]:
        """How often each method was called, refused calls included."""
        return self._log.counts

    @property
    def unacked(self) -> Mapping[str, Envelope]:
        """Envelopes handed to a socket and not acknowledged yet."""
        return self._deliveries.unacked

    @property
    def acks(self) -> Mapping[str, float]:
        """Envelope id to the seconds from handing over to acknowledgement."""
        return self._deliveries.acks

    @property
    def ack_payloads(self) -> Mapping[str, dict[str, Any]]:
        return self._deliveries.ack_payloads

    @property
    def lost_events(self) -> Sequence[str]:
        """Ids of events given up after the last delivery went unacknowledged."""
        return self._deliveries.lost

    @property
    def sockets(self) -> int:
        """How many Socket Mode connections there are."""
        return len(self._socket_mode.sockets)

    @property
    def links_opened(self) -> int:
        """How many Socket Mode connections were ever accepted: a reconnect adds one."""
        return self._socket_mode.opened

    @property
    def notices(self) -> Sequence[Notice]:
        """Errors Slack itself showed to people because the app did not answer in time."""
        return self._interactions.notices

    @property
    def pings(self) -> Sequence[Ping]:
        """Who was notified by text of the app."""
        return self._posting.pings

    @property
    def links(self) -> Sequence[Link]:
        return self._posting.links

    @property
    def unfurled(self) -> Sequence[Unfurl]:
        """Addresses Slack fetched because the app let it."""
        return self._posting.unfurled
