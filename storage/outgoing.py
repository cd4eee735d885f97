"""Copies of files on their way into a thread: each stands until Slack has it. Functions here block."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path


class Outgoing:
    """``<home>/outgoing/<turn id>/<number>``."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "outgoing"

    def of_turn(self, turn_id: str) -> Path:
        """The directory of a turn's copies; it need not exist."""
        return self._folder / turn_id

    def read(self, turn_id: str, number: int) -> bytes | None:
        """None when it was sent already."""
        try:
            return (self.of_turn(turn_id) / str(number)).read_bytes()
        except FileNotFoundError:
            return None

    def sent(self, turn_id: str, number: int) -> None:
        (self.of_turn(turn_id) / str(number)).unlink(missing_ok=True)

    def discard(self, turn_id: str) -> None:
        """Nothing more of this turn is to be sent."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.of_turn(turn_id))
