"""How long a restart takes with 10,000 sessions, at 10,000 and at 1,000,000 events: ``python -m benchmarks.boot``.

Both databases are made once and copied for every round, since a start changes them: the turns that a crash cut off are
ended. Sides alternate. Two times are taken: from just before the process is made until it says that gestures can
arrive, which is what an operator waits for; and the part of it after storage begins to open, which is the part that
history could make longer. The databases were just written, so the machine has them in its page cache.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import history
from benchmarks.ack import SETTINGS
from benchmarks.children import child

ROUNDS = 5
SESSIONS = 10_000
SMALL, LARGE = 10_000, 1_000_000
GOAL_READY_S = 2.0
GOAL_RATIO = 1.2
START_S = 60.0


async def measure(directory: Path, *, large: int = LARGE, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything measured, as JSON values. Needs about 1 KB per event in ``directory``, twice."""
    sides: dict[int, dict[str, Any]] = {}
    for wanted in (SMALL, large):
        home = directory / f"history-{wanted}"
        events = await history.build(home, SESSIONS, wanted)
        sides[wanted] = {"events": events, "database_mb": round((home / "reins.db").stat().st_size / 1e6), "runs": []}
    for number in range(rounds):
        for wanted in sides if number % 2 == 0 else reversed(sides):
            with tempfile.TemporaryDirectory(dir=directory) as copy:
                shutil.copy(directory / f"history-{wanted}" / "reins.db", copy)
                sides[wanted]["runs"].append(await _start(Path(copy)))
    for side in sides.values():
        for name in ("process_s", "open_s"):
            side[name] = round(statistics.median(run[name] for run in side["runs"]), 3)
    small, big = sides[SMALL], sides[large]
    return {
        "benchmark": "boot",
        "rounds": rounds,
        "sessions": SESSIONS,
        "interrupted_turns": history.INTERRUPTED,
        "goals": {"ready_s": GOAL_READY_S, "ratio": GOAL_RATIO},
        "ratio_process": round(big["process_s"] / small["process_s"], 2),
        "ratio_open": round(big["open_s"] / small["open_s"], 2),
        "small": small,
        "large": big,
    }


async def _start(home: Path) -> dict[str, float]:
    config = home / "reins.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    places = {"REINS_HOME": str(home), "REINS_CONFIG": str(config), "REINS_LOG": str(home / "log")}
    async with child("benchmarks.slack") as slack:
        address = await slack.hear(START_S)
        async with child("benchmarks.service", {**address, **places}) as service:
            await service.hear(START_S)
            opening = time.perf_counter()
            await service.hear(START_S)
            ready = time.perf_counter()
            return {"process_s": round(ready - service.started_at, 4), "open_s": round(ready - opening, 4)}


async def _main(large: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        return await measure(Path(directory), large=large, rounds=rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.boot", description="Time to a ready service.")
    parser.add_argument("--large", type=int, default=LARGE, help="events in the larger database")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    wanted = parser.parse_args()
    print(json.dumps(asyncio.run(_main(wanted.large, wanted.rounds)), indent=2))


if __name__ == "__main__":
    main()
