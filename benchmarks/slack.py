"""Child: a local Slack in a process of its own, and the people who talk in it.

Says where it is and its tokens. Told ``mentions``, ``warm_up``, ``per_second``, ``seed`` and ``text``, it waits for
the app to connect, sends ``warm_up`` mentions that are not measured, lets the app settle, sends that many ``mentions``,
each the first message of a thread, and says how the acknowledgements went. The load is open: a mention is sent when it
is due, however the app is doing. Times between mentions are exponential, as those of people who do not know of each
other are; the seed fixes them.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest

PEOPLE = 20
CHANNELS = 10
CONNECT_S = 30.0
SETTLE_S = 2.0
LAST_ACKS_S = 10.0
"""After the last mention; what is not acknowledged then is lost, as far as this benchmark can see."""


async def main() -> None:
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=(3600.0,), log_size=1_000_000) as slack:
        people = [slack.add_user(f"person-{number}") for number in range(PEOPLE)]
        channels = [slack.add_channel(f"channel-{number}", people) for number in range(CHANNELS)]
        _say({"SLACK_API_URL": slack.api_url, "SLACK_BOT_TOKEN": slack.bot_token, "SLACK_APP_TOKEN": slack.app_token})
        while line := await asyncio.to_thread(sys.stdin.readline):
            await slack.wait_for(lambda s: s.sockets, CONNECT_S)
            _say(await _load(slack, people, channels, json.loads(line)))


async def _load(slack: LocalSlack, people: list[str], channels: list[str], wanted: dict[str, Any]) -> dict[str, Any]:
    rng = random.Random(wanted["seed"])
    text = f"<@{slack.bot_user_id}> {wanted['text']}"

    async def mentions(count: int) -> list[float]:
        """Send them; how many seconds after it was due each was sent, which says whether this process keeps up."""
        late = []
        due = time.perf_counter()
        for _ in range(count):
            due += rng.expovariate(wanted["per_second"])
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late.append(time.perf_counter() - due)
            await slack.say(rng.choice(people), rng.choice(channels), text)
        return late

    await mentions(wanted["warm_up"])
    await _last_acks(slack)
    await asyncio.sleep(SETTLE_S)
    before = len(slack.acks)
    used, start = time.process_time(), time.perf_counter()
    late = sorted(await mentions(wanted["mentions"]))
    took, busy = time.perf_counter() - start, time.process_time() - used
    await _last_acks(slack)
    acks = sorted(list(slack.acks.values())[before:])
    return {
        "mentions": wanted["mentions"] + wanted["warm_up"],
        "per_second": round(wanted["mentions"] / took, 1),
        "envelopes": len(slack.acks) + len(slack.unacked),
        "acked": len(slack.acks),
        "ack_ms": {name: round(1000 * at(acks, q), 3) for name, q in QUANTILES.items()},
        "late_ms": {name: round(1000 * at(late, q), 3) for name, q in QUANTILES.items()},
        "slack_cpu": round(busy / took, 3),
    }


QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}


def at(ordered: list[float], quantile: float) -> float:
    """The smallest value that is at least as large as this share of them (nearest rank); nan when there are none."""
    if not ordered:
        return float("nan")
    return ordered[max(0, -int(-quantile * len(ordered) // 1) - 1)]


async def _last_acks(slack: LocalSlack) -> None:
    try:
        await slack.wait_for(lambda s: not s.unacked, LAST_ACKS_S)
    except TimeoutError:
        sys.stderr.write(f"{len(slack.unacked)} envelopes were not acknowledged\n")


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
