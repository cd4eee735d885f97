"""python -m tests.contract.bad_harnesses.client DIRECTORY HARNESS PROMPT [PAUSE]

Like the service: it runs one turn and prints one JSON line per update, then one with its peak memory growth in MB.
HARNESS is a manner of `misbehave`, or ``scripted``. PAUSE: seconds to stop taking updates after the first text.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path

from harnesses import catalog
from harnesses.process import HarnessProcess
from harnesses.profile import Profile
from tests.contract.bad_harnesses.profile import Misbehaving, spec_in


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def turn(directory: Path, profile: Profile, prompt: str, pause: float = 0.0) -> None:
    process = await HarnessProcess.start(profile, spec_in(directory), silence_timeout=30, scrub=str)
    await process.open(None)
    async for update in process.prompt(prompt):
        print(json.dumps({"kind": update.kind, "text": getattr(update, "text", "")[:200]}), flush=True)
        if update.kind == "text" and pause:
            await asyncio.sleep(pause)
            pause = 0.0
    await process.close()


async def main(directory: Path, harness: str, prompt: str, pause: float) -> None:
    await turn(directory / "warm", catalog.get("scripted"), "hello")
    before = peak_mb()
    profile = catalog.get("scripted") if harness == "scripted" else Misbehaving(harness)
    await turn(directory / "turn", profile, prompt, pause)
    print(json.dumps({"kind": "growth", "mb": peak_mb() - before}), flush=True)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]) if len(sys.argv) > 4 else 0.0))
