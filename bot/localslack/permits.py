"""What an interaction lets the app do for a short while: open one view, and answer at one address.

Sources: https://docs.slack.dev/interactivity/handling-user-interaction (a trigger lives 3 seconds and opens one view;
a response_url takes 5 answers in 30 minutes).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.localslack.errors import ApiError

TRIGGER_S = 3.0
RESPONSE_USES = 5
RESPONSE_S = 1800.0
_KEPT = 10_000


@dataclass(slots=True)
class Trigger:
    user_id: str
    expires_at: float
    used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """``message_ts`` is the message the interaction came from, None for a command; ``ephemeral`` whether that message
    is one."""

    user_id: str
    channel_id: str
    message_ts: str | None
    ephemeral: bool
    expires_at: float
    uses: int = 0


class Permits:
    """Both kinds, newest ``_KEPT`` of each. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._triggers: OrderedDict[str, Trigger] = OrderedDict()
        self._responses: OrderedDict[str, ResponseUrl] = OrderedDict()

    def new_trigger(self, trigger_id: str, user_id: str) -> None:
        self._triggers[trigger_id] = Trigger(user_id, self._clock() + TRIGGER_S)
        if len(self._triggers) > _KEPT:
            self._triggers.popitem(last=False)

    def use_trigger(self, trigger_id: str) -> str:
        """Exchange it, once; who set it off. Raises ApiError as `views.open` answers."""
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise ApiError("invalid_trigger_id")
        if trigger.used:
            raise ApiError("exchanged_trigger_id")
        if self._clock() > trigger.expires_at:
            raise ApiError("expired_trigger_id")
        trigger.used = True
        return trigger.user_id

    def new_response(self, response_id: str, user_id: str, channel_id: str, ts: str | None, ephemeral: bool) -> None:
        self._responses[response_id] = ResponseUrl(user_id, channel_id, ts, ephemeral, self._clock() + RESPONSE_S)
        if len(self._responses) > _KEPT:
            self._responses.popitem(last=False)

    def use_response(self, response_id: str) -> ResponseUrl:
        """Count one answer. Raises ApiError as the address answers."""
        response = self._responses.get(response_id)
        if response is None:
            raise ApiError("invalid_response_url", status=404)
        if self._clock() > response.expires_at:
            raise ApiError("expired_url", status=404)
        if response.uses >= RESPONSE_USES:
            raise ApiError("used_url", status=404)
        response.uses += 1
        return response
