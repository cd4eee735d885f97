"""What streaming costs in Slack API calls, and how old what Slack shows is: ``python -m benchmarks.chunks``.

A scripted harness says 1,000 chunks, 10, 50 or 200 a second, in one thread; then 20 do so at once, 50 a second each,
in `CHANNELS` channels. The local Slack keeps to Slack's rate limits and answers 429 past them. The harness writes down
when it said each chunk (`benchmarks.metronome`); the staleness of a chunk is from then until a message shows it.

Each case has a Slack and a Reins of its own, so that no case finds the rates used up by the one before. Calls are those
that write messages, from the first mention until the last thread shows its end; every other call (one look at who the
person is) stands in ``calls``.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.reins import SCRIPTED, address_of, reins, variables
from benchmarks.slack import at
from bot.localslack import LocalSlack, Message
from bot.localslack.changes import Change
from bot.slack.delivery.delivery import CADENCE_S
from bot.slack.surface.manifest import manifest

CHUNKS = 1_000
ROUNDS = 3
CHANNELS = 10
EXPECTED_CADENCE_S = 1.2
GOAL_RATIO = 1.2
LAST_S = 120.0
WRITES = ("chat.postMessage", "chat.update", "chat.delete")


@dataclass(frozen=True, slots=True)
class Case:
    threads: int
    per_second: int


CASES = (Case(1, 10), Case(1, 50), Case(1, 200), Case(20, 50))


class Watch:
    """What each thread shows of the chunks, and since when."""

    def __init__(self, slack: LocalSlack, chunks: int) -> None:
        self._slack = slack
        self._said = "".join(f"{number + 1} " for number in range(chunks))
        self._ends = list(itertools.accumulate(len(f"{number + 1} ") for number in range(chunks)))
        self.seen_at: dict[str, list[float]] = {}
        self.ended: dict[str, bool] = {}
        """A thread that shows its end → whether what it shows is exactly what was said."""

    def look(self, change: Change) -> None:
        if change.kind != "message":
            return
        message = self._slack.message(change.channel_id, change.ts)
        if message.user != self._slack.bot_user_id or message.thread_ts is None:
            return
        shown = _chunks_shown(message)
        seen_at = self.seen_at.setdefault(message.thread_ts, [])
        while len(seen_at) < len(self._ends) and self._ends[len(seen_at)] - 1 <= len(shown):
            seen_at.append(time.monotonic())
        if not any(block["type"] == "actions" for block in message.blocks):
            self.ended[message.thread_ts] = shown.rstrip() == self._said.rstrip()


def _chunks_shown(message: Message) -> str:
    """What the harness says besides comes before it, on other lines."""
    prose = "".join(block["text"] for block in message.blocks if block["type"] == "markdown")
    line = prose.rpartition("\n")[2]
    return line if line.startswith("1") else ""


async def measure(directory: Path, *, chunks: int = CHUNKS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything measured, as JSON values. ``directory`` is where the databases are made."""
    runs: dict[Case, list[dict[str, Any]]] = {case: [] for case in CASES}
    for _ in range(rounds):
        for case in CASES:
            with tempfile.TemporaryDirectory(dir=directory) as home:
                runs[case].append(await _one(case, chunks, Path(home)))
    return {
        "benchmark": "chunks",
        "rounds": rounds,
        "chunks": chunks,
        "cadence_s": CADENCE_S,
        "expected_cadence_s": EXPECTED_CADENCE_S,
        "goals": {"ratio": GOAL_RATIO, "refused": 0, "identical": True},
        "cases": [_summary(case, chunks, runs[case]) for case in CASES],
    }


def expected_calls(case: Case, chunks: int, cadence_s: float = EXPECTED_CADENCE_S) -> int:
    """In one thread and without rate limits: a post, an update at every step of the cadence, and the end."""
    return int(chunks / case.per_second / cadence_s) + 2


def _summary(case: Case, chunks: int, runs: list[dict[str, Any]]) -> dict[str, Any]:
    def median(name: str) -> float:
        return round(statistics.median(float(run[name]) for run in runs), 3)

    expected = expected_calls(case, chunks)
    return {
        "threads": case.threads,
        "per_second": case.per_second,
        "calls_per_thread": median("calls_per_thread"),
        "expected_calls": expected,
        "expected_at_our_cadence": expected_calls(case, chunks, CADENCE_S),
        "ratio": round(median("calls_per_thread") / expected, 2),
        "staleness_p50_s": median("staleness_p50_s"),
        "staleness_p95_s": median("staleness_p95_s"),
        "end_s": median("end_s"),
        "refused": sum(run["refused"] for run in runs),
        "identical": all(run["identical"] for run in runs),
        "runs": runs,
    }


async def _one(case: Case, chunks: int, home: Path) -> dict[str, Any]:
    async with LocalSlack(manifest(), redelivery_s=(3600.0,), log_size=1_000_000) as slack:
        ann = slack.add_user("ann")
        channels = [slack.add_channel(f"channel-{number}", [ann]) for number in range(CHANNELS)]
        watch = Watch(slack, chunks)
        slack.changes.subscribe(watch.look)
        settings = SCRIPTED.format(max_running=case.threads, idle_s=900)
        async with reins(variables(home, address_of(slack), settings), "benchmarks.streaming"):
            before = Counter(slack.call_counts)
            threads = [
                await slack.say(
                    ann,
                    channels[number % CHANNELS],
                    f"<@{slack.bot_user_id}>\nscript: clocked {chunks} {case.per_second} thread-{number}",
                )
                for number in range(case.threads)
            ]
            await slack.wait_for(
                lambda _: len(watch.ended) == case.threads, chunks / case.per_second * case.threads + LAST_S
            )
            all_seen_at = time.monotonic()
            counts = Counter(slack.call_counts) - before
        said_at = [_said_at(home, f"thread-{number}") for number in range(case.threads)]
    return {
        "calls": dict(counts),
        "calls_per_thread": sum(counts[method] for method in WRITES) / case.threads,
        "refused": sum(call.error == "ratelimited" for call in slack.calls),
        "identical": all(watch.ended.values()),
        "end_s": all_seen_at - max(times[-1] for times in said_at),
        "harness_per_s": round((chunks - 1) / statistics.median(times[-1] - times[0] for times in said_at), 1),
        **_staleness([(times, watch.seen_at[thread]) for times, thread in zip(said_at, threads, strict=True)]),
    }


def _said_at(home: Path, name: str) -> list[float]:
    (path,) = home.glob(f"sessions/*/workspace/{name}.json")
    times: list[float] = json.loads(path.read_text(encoding="utf-8"))
    return times


def _staleness(threads: Sequence[tuple[list[float], list[float]]]) -> dict[str, float]:
    ages = sorted(seen - said for times, seen_at in threads for said, seen in zip(times, seen_at, strict=True))
    return {f"staleness_{name}_s": round(at(ages, q), 3) for name, q in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))}


async def _main(chunks: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return await measure(Path(directory), chunks=chunks, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chunks", description="Slack API calls and staleness.")
    parser.add_argument("--chunks", type=int, default=CHUNKS, help="that each thread streams")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(_main(wanted.chunks, wanted.rounds)), indent=2))


if __name__ == "__main__":
    main()
