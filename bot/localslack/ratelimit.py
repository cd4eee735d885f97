"""Slack's rate tiers: per method and team, and for posts per channel.

Source: https://docs.slack.dev/apis/web-api/rate-limits. Slack names the sustained rates ("50+ per minute") and says
that bursts are tolerated without saying how large; the bursts here are this project's choice, on the small side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tier:
    """``per_minute`` calls sustained; at most ``burst`` at once after a quiet time."""

    per_minute: float
    burst: int


TIER_1 = Tier(1, 10)
TIER_2 = Tier(20, 10)
TIER_3 = Tier(50, 20)
TIER_4 = Tier(100, 50)
POST_PER_CHANNEL = Tier(60, 4)
POST_PER_TEAM = Tier(300, 100)
SPECIAL = Tier(600, 100)

TIERS: Mapping[str, Tier] = {
    "apps.connections.open": TIER_1,
    "assistant.threads.setStatus": SPECIAL,
    "auth.test": SPECIAL,
    "blocks.validate": TIER_4,
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": SPECIAL,
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": POST_PER_TEAM,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.join": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "files.completeUploadExternal": TIER_4,
    "files.getUploadURLExternal": TIER_4,
    "files.info": TIER_4,
    "reactions.add": TIER_3,
    "reactions.get": TIER_3,
    "reactions.remove": TIER_2,
    "team.info": TIER_3,
    "usergroups.users.list": TIER_2,
    "users.info": TIER_4,
    "users.list": TIER_2,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


class RateLimiter:
    """Token buckets, one per method, and one per channel for posts. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, method: str, channel_id: str = "") -> int | None:
        """Count one call. None: allowed. Otherwise the whole seconds to wait, for `Retry-After`; nothing is counted."""
        wanted = [((method, ""), TIERS[method])]
        if method == "chat.postMessage" and channel_id:
            wanted.append(((method, channel_id), POST_PER_CHANNEL))
        now = self._clock()
        levels = [(key, self._level(key, tier, now), tier) for key, tier in wanted]
        waits = [(1.0 - level) * 60.0 / tier.per_minute for _, level, tier in levels if level < 1.0]
        if waits:
            return max(1, math.ceil(max(waits)))
        for key, level, _ in levels:
            self._buckets[key] = (level - 1.0, now)
        return None

    def _level(self, key: tuple[str, str], tier: Tier, now: float) -> float:
        level, at = self._buckets.get(key, (float(tier.burst), now))
        return min(float(tier.burst), level + max(0.0, now - at) * tier.per_minute / 60.0)
