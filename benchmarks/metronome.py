"""Harness: the scripted one with one script more, which says numbers at a steady rate and when it said each.

    clocked COUNT RATE NAME   "1 ", "2 ", ... COUNT, RATE a second; then NAME.json in the workspace has the times

Times are seconds of the machine's monotonic clock, which every process of the machine reads the same.
"""

import json
import sys
import time
from pathlib import Path

if not __package__:
    sys.path.insert(0, str(Path(__file__).parent.parent))

from harnesses.scripted.agent import Agent
from harnesses.scripted.scripts import SCRIPTS
from harnesses.scripted.session import Session


def _clocked(session: Session, arguments: str) -> None:
    count, rate, name = arguments.split()
    start = time.monotonic()
    said_at = []
    for number in range(int(count)):
        session.pause(max(0.0, start + number / float(rate) - time.monotonic()))
        said_at.append(time.monotonic())
        session.say(f"{number + 1} ")
    (Path(session.cwd) / f"{name}.json").write_text(json.dumps(said_at), encoding="utf-8")


if __name__ == "__main__":
    SCRIPTS["clocked"] = _clocked
    sys.exit(Agent().run())
