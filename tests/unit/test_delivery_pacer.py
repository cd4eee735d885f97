"""Slack is never asked more often than it takes, and what matters most never waits behind progress."""

from __future__ import annotations

import random
from typing import get_args

import pytest

from bot.localslack import ratelimit
from bot.slack.delivery.pacer import PER_CHANNEL, PROGRESS, RATES, Method, Pacer, Priority

TIERS: dict[Method, ratelimit.Tier] = {
    "chat.update": ratelimit.TIER_3,
    "chat.postMessage": ratelimit.POST_PER_TEAM,
    "chat.delete": ratelimit.TIER_3,
    "conversations.replies": ratelimit.TIER_3,
    "chat.postEphemeral": ratelimit.TIER_4,
    "users.info": ratelimit.TIER_4,
}


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_every_rate_is_under_slacks_tier() -> None:
    assert TIERS.keys() == RATES.keys() == set(get_args(Method))
    for method, rate in RATES.items():
        assert rate.per_minute <= TIERS[method].per_minute and rate.burst < TIERS[method].burst
    assert PER_CHANNEL.burst < ratelimit.POST_PER_CHANNEL.burst


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_window_of_60_seconds_holds_more_than_the_tier_whatever_is_asked(method: Method, seed: int) -> None:
    random_, time = random.Random(seed), Time()
    pacer, slack = Pacer(time), ratelimit.RateLimiter(time)
    made: list[float] = []
    while time.now < 1400:
        priority: Priority = random_.choice(get_args(Priority))
        channel = random_.choice(("C1", "C2", "C3", "C4", "C5", "C6"))
        if pacer.wait_s(method, channel, priority) == 0:
            pacer.take(method, channel, priority)
            assert slack.take(method, channel) is None, "the local Slack would have answered 429"
            made.append(time.now)
        else:
            time.now += random_.choice((0.01, 0.2, 1.0, 5.0, 20.0))
    assert len(made) > 200
    for at in made:
        assert sum(at <= other < at + 60 for other in made) <= RATES[method].per_minute


def test_a_wait_is_long_enough_and_no_longer() -> None:
    time = Time()
    pacer = Pacer(time)
    for _ in range(500):
        wait_s = pacer.wait_s("chat.update", "C", "progress")
        time.now += wait_s + 1e-9
        assert pacer.wait_s("chat.update", "C", "progress") == 0
        pacer.take("chat.update", "C", "progress")
    assert 500 / (time.now - 1000) * 60 > PROGRESS.per_minute - PROGRESS.burst - 1


def test_progress_leaves_a_fifth_to_what_ends_a_turn_and_a_burst_of_it_at_once() -> None:
    time = Time()
    pacer = Pacer(time)
    for _ in range(200):
        time.now += pacer.wait_s("chat.update", "C", "progress") + 1e-9
        pacer.take("chat.update", "C", "progress")
    finals = 0
    while pacer.wait_s("chat.update", "C", "final") == 0:
        pacer.take("chat.update", "C", "final")
        finals += 1
    assert finals >= RATES["chat.update"].per_minute // 5 - 1


def test_a_channel_gets_about_one_post_a_second_and_does_not_hold_up_another() -> None:
    time = Time()
    pacer = Pacer(time)
    for _ in range(PER_CHANNEL.burst):
        assert pacer.wait_s("chat.postMessage", "C1", "final") == 0
        pacer.take("chat.postMessage", "C1", "final")
    assert pacer.wait_s("chat.postMessage", "C1", "final") == pytest.approx(1.0)
    assert pacer.wait_s("chat.postMessage", "C2", "final") == 0


def test_a_429_closes_its_method_for_everyone_until_retry_after() -> None:
    time = Time()
    pacer = Pacer(time)
    pacer.close("chat.update", 30)
    pacer.close("chat.update", 10)
    for priority in get_args(Priority):
        assert pacer.wait_s("chat.update", "C", priority) == pytest.approx(30)
    assert pacer.wait_s("chat.postMessage", "C", "final") == 0
    time.now += 30
    assert pacer.wait_s("chat.update", "C", "final") == 0
