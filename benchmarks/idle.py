"""What idle sessions keep of memory: ``python -m benchmarks.idle``.

*Sessions*: a Reins that starts with 100,000 idle sessions in its database, each with its thread, beside one that
starts with none. *Threads*: what a thread keeps after its turn, in warm harness processes until the reaper ends them,
and then.

Memory is PSS of `/proc/PID/smaps_rollup`: what processes share, a warm one's interpreter say, counts once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import claude_code, history
from benchmarks.children import child
from benchmarks.reins import SCRIPTED, address_of, reins, variables
from benchmarks.shown import Thread
from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest

SESSIONS = 100_000
ROUNDS = 5
GOAL_BYTES = 1_024
THREADS = 4
SETTLE_S = 3.0
START_S = 60.0
TURN_S = 60.0
REAP_S = 60.0
WARM_S = {"scripted": 5, "claude-code": 15}
"""`timeouts.idle`: long enough for the last thread to end before the first is reaped."""
PROMPT = "script: say that was it"
ANSWER = "that was it"


async def measure(directory: Path, *, sessions: int = SESSIONS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything measured, as JSON values. Needs about 1 KB per session in ``directory``, twice."""
    of_threads = {"scripted": await threads(directory)}
    if claude_code.installed():
        async with claude_code.mock_model() as model:
            await model.text(PROMPT, ANSWER)
            of_threads["claude-code"] = await threads(directory, model.base_url)
    return {
        "benchmark": "idle",
        "rounds": rounds,
        "goals": {"bytes_per_session": GOAL_BYTES, "reaped_mib_per_thread": 0},
        "sessions": await _sessions(directory, sessions, rounds),
        "threads": of_threads,
    }


async def _sessions(directory: Path, sessions: int, rounds: int) -> dict[str, Any]:
    # Both exist before: making a database loads what migrates it.
    homes = {number: directory / f"idle-{number}" for number in (0, sessions)}
    for number, home in homes.items():
        await history.build(home, number, number, interrupted=0)
    with_none: list[float] = []
    with_all: list[float] = []
    for _ in range(rounds):
        for pss_mb, built in ((with_none, homes[0]), (with_all, homes[sessions])):
            with tempfile.TemporaryDirectory(dir=directory) as copy:
                shutil.copy(built / "reins.db", copy)
                pss_mb.append(await _started(Path(copy)))
    growth = [2**20 * (some - none) / sessions for some, none in zip(with_all, with_none, strict=True)]
    return {
        "sessions": sessions,
        "with_none_mib": round(statistics.median(with_none), 2),
        "with_all_mib": round(statistics.median(with_all), 2),
        "bytes_per_session": round(statistics.median(growth)),
        "bytes_per_session_rounds": [round(one) for one in growth],
    }


async def _started(home: Path) -> float:
    """PSS in MiB of a Reins that has started and has nothing to do."""
    async with child("benchmarks.slack") as slack:
        address = await slack.hear(START_S)
        async with reins(variables(home, address, SCRIPTED.format(max_running=1, idle_s=900))) as running:
            await asyncio.sleep(SETTLE_S)
            return running.pss_mb()


async def threads(directory: Path, model_url: str | None = None, count: int = THREADS) -> dict[str, Any]:
    """``count`` threads of Claude Code (``model_url``) or of the scripted harness (None), each after one turn."""
    harness = "scripted" if model_url is None else "claude-code"
    template = SCRIPTED if model_url is None else claude_code.SETTINGS
    settings = template.format(max_running=count, idle_s=WARM_S[harness], base_url=model_url)
    with tempfile.TemporaryDirectory(dir=directory) as name:
        home = Path(name)
        more = claude_code.give_to(home) if model_url is not None else {}
        async with LocalSlack(manifest(), rate_limits=False) as slack:
            ann = slack.add_user("ann")
            of_each = [Thread(slack, ann, slack.add_channel(f"channel-{n}", [ann])) for n in range(count)]
            async with reins({**variables(home, address_of(slack), settings), **more}) as running:
                # What the first turn loads for good is not kept by a thread.
                await of_each[0].turn(PROMPT, ANSWER, TURN_S)
                await _until(lambda: running.below().started == 0, REAP_S)
                before = running.pss_mb()
                await asyncio.gather(*(thread.turn(PROMPT, ANSWER, TURN_S) for thread in of_each))
                warm = running.below()
                assert warm.started == count, f"{warm.started} warm processes, not {count}: WARM_S is too short"
                await _until(lambda: running.below().started == 0, REAP_S)
                await asyncio.sleep(SETTLE_S)
                after = running.below()
                return {
                    "threads": count,
                    "warm_mib_per_thread": round(warm.pss_mb / count, 1),
                    "reaped_mib_per_thread": round(after.pss_mb / count, 1),
                    "reins_growth_mib": round(running.pss_mb() - before, 2),
                }


async def _until(true: Callable[[], bool], timeout_s: float) -> None:
    """Of other processes nobody tells, so they are looked at again and again."""
    deadline = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s:g} s")
        await asyncio.sleep(0.1)


async def _main(sessions: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return await measure(Path(directory), sessions=sessions, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.idle", description="Memory of idle sessions.")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(_main(wanted.sessions, wanted.rounds)), indent=2))


if __name__ == "__main__":
    main()
