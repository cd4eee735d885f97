"""Who somebody is, asked of Slack and remembered for a few minutes: https://docs.slack.dev/reference/methods/users.info."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from bot.core.standing import Standing
from bot.engine.outlet import Person, PersonUnknown
from bot.slack.delivery.paced import PacedSender
from bot.slack.delivery.sender import SendFailed

REMEMBER_S = 300.0
_PEOPLE = 10_000
_NO_SUCH_PERSON = frozenset({"user_not_found", "user_not_visible"})
"""Any other refusal is about us (a token, a scope), and makes nobody a stranger."""


class SlackPeople:
    """``now`` gives seconds on a clock that only goes forward."""

    def __init__(self, sender: PacedSender, now: Callable[[], float]) -> None:
        self._sender = sender
        self._now = now
        self._known: OrderedDict[tuple[str, str], tuple[float, Person]] = OrderedDict()

    def known(self, team_id: str, user_id: str) -> Person | None:
        until, person = self._known.get((team_id, user_id), (0.0, None))
        return person if until > self._now() else None

    async def look_up(self, team_id: str, user_id: str) -> Person:
        """Raises `PersonUnknown` when Slack does not say now. Whoever Slack does not know is a stranger."""
        known = self.known(team_id, user_id)
        if known is not None:
            return known
        key = (team_id, user_id)
        try:
            answer = await self._sender.read("users.info", "", "final", user=user_id)
            person = _person(answer["user"], team_id)
        except SendFailed as error:
            if error.error not in _NO_SUCH_PERSON:
                raise PersonUnknown(f"who {user_id} is could not be asked: {error}") from error
            person = Person("stranger", user_id)
        self._known[key] = (self._now() + REMEMBER_S, person)
        self._known.move_to_end(key)
        if len(self._known) > _PEOPLE:
            self._known.popitem(last=False)
        return person


def _person(user: dict[str, Any], team_id: str) -> Person:
    profile = user.get("profile") or {}
    name = profile.get("display_name") or user.get("real_name") or user.get("name") or user["id"]
    return Person(_standing(user, team_id), str(name))


def _standing(user: dict[str, Any], team_id: str) -> Standing:
    if user.get("is_bot"):
        return "bot"
    if user.get("is_stranger") or user.get("deleted") or user.get("team_id", team_id) != team_id:
        return "stranger"
    return "guest" if user.get("is_restricted") or user.get("is_ultra_restricted") else "member"
