"""How long Slack waits for an acknowledgement: a whole Reins beside a plain Bolt app: ``python -m benchmarks.ack``.

Each round talks to both in turn, each in its own process on a fresh local Slack in another. 500 people's mentions a
second reach them as Slack sends them, `message` and `app_mention`: 1,000 envelopes a second. Every mention is a new
thread, so Reins commits it, opens a session, queues a turn and writes both to the event log; `MAX_RUNNING` turns are
running in scripted harnesses that say nothing, and all others wait. So this measures intake with the engine and the
writer at work behind it, not harnesses.

The time of an acknowledgement is taken at the Slack, from handing an envelope to the socket until the ack is read.
After the last one Reins is killed with SIGKILL, and what it acknowledged is looked for in its inbox.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Literal

from benchmarks.children import Child, child

PER_SECOND = 500
WARM_UP = 500
"""Mentions before those that are measured, so that what a process does once in its life (imports at the first turn,
statements that are compiled, harnesses that start) is not counted against every mention."""
SECONDS = 60
ROUNDS = 5
SEED = 20_260
MAX_RUNNING = 2
GOAL_P99_MS = 50.0
GOAL_P50_RATIO = 2.0
START_S = 30.0
PROMPT = "script: hang\nThe nightly build is red again: find out why, fix it, and tell us what it was."
SETTINGS = f"""
[defaults]
agent = "demo"

[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "deny-all"

[limits]
max_running = {MAX_RUNNING}
"""
App = Literal["reins", "plain_bolt"]


async def measure(directory: Path, *, seconds: float = SECONDS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything measured, as JSON values. ``directory`` is where the databases are made."""
    sides: dict[App, list[dict[str, Any]]] = {"plain_bolt": [], "reins": []}
    for number in range(rounds):
        for app in sides if number % 2 == 0 else reversed(sides):
            with tempfile.TemporaryDirectory(dir=directory) as home:
                sides[app].append(await _one(app, Path(home), seconds, SEED + number))
    pairs = zip(sides["reins"], sides["plain_bolt"], strict=True)
    p50_ratios = [reins["ack_ms"]["p50"] / plain["ack_ms"]["p50"] for reins, plain in pairs]
    return {
        "benchmark": "ack",
        "rounds": rounds,
        "seconds": seconds,
        "mentions_per_s": PER_SECOND,
        "seed": SEED,
        "goals": {"p99_ms": GOAL_P99_MS, "p50_ratio": GOAL_P50_RATIO, "lost": 0},
        "p50_ratio": round(statistics.median(p50_ratios), 2),
        "p50_ratios": [round(ratio, 2) for ratio in p50_ratios],
        "lost": sum(one["lost"] for one in sides["reins"]),
        **{app: _summary(runs) for app, runs in sides.items()},
        "runs": sides,
    }


def _summary(runs: list[dict[str, Any]]) -> dict[str, float]:
    names = runs[0]["ack_ms"]
    return {f"{name}_ms": round(statistics.median(run["ack_ms"][name] for run in runs), 3) for name in names}


async def _one(app: App, home: Path, seconds: float, seed: int) -> dict[str, Any]:
    async with child("benchmarks.slack") as slack:
        address = await slack.hear(START_S)
        async with _app(app, home, address) as running:
            await slack.tell(
                {
                    "mentions": round(PER_SECOND * seconds),
                    "per_second": PER_SECOND,
                    "warm_up": WARM_UP,
                    "seed": seed,
                    "text": PROMPT,
                }
            )
            said = await slack.hear(seconds * 3 + START_S)
            said["app_cpu_s"] = round(running.cpu_s(), 2)
            await running.kill()
    unacked = said["envelopes"] - said["acked"]
    said["lost"] = unacked + (said["mentions"] - _committed(home / "reins.db") if app == "reins" else 0)
    return said


@asynccontextmanager
async def _app(app: App, home: Path, address: dict[str, str]) -> AsyncIterator[Child]:
    if app == "plain_bolt":
        async with child("benchmarks.plain_bolt", address) as running:
            yield running
        return
    config = home / "reins.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    places = {"REINS_HOME": str(home), "REINS_CONFIG": str(config), "REINS_LOG": str(home / "log")}
    async with child("benchmarks.service", {**address, **places}) as running:
        for expected in ("opening", "ready"):
            said = await running.hear(START_S)
            assert said["said"] == expected, said
        yield running


def _committed(path: Path) -> int:
    with closing(sqlite3.connect(path)) as driver:
        (count,) = driver.execute("SELECT count(*) FROM inbox WHERE kind = 'message'").fetchone()
        return int(count)


async def _main(seconds: float, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return await measure(Path(directory), seconds=seconds, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ack", description="Time to acknowledgement.")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of load on each side of each round")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(_main(wanted.seconds, wanted.rounds)), indent=2))


if __name__ == "__main__":
    main()
