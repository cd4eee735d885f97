"""Child: `benchmarks.service`, whose scripted harness is `benchmarks.metronome`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from benchmarks import service
from bot.app import spare_the_collector
from harnesses.profile import Launch, Spec
from harnesses.profiles.scripted import Scripted


class Metronome(Scripted):
    def launch(self, spec: Spec) -> Launch:
        return Launch(argv=(sys.executable, "-I", "-S", str(Path(__file__).with_name("metronome.py"))))


if __name__ == "__main__":
    spare_the_collector()
    asyncio.run(service.main(lambda _: Metronome()))
