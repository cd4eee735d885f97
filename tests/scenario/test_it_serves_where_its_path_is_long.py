"""REINS_HOME may be deeper than the address of a Unix socket is long."""

from __future__ import annotations

from pathlib import Path

from bot import control
from tests.rig import rig_on


async def test_the_service_runs_and_answers_on_its_control_socket(tmp_path: Path) -> None:
    home = tmp_path / ("d" * 60) / ("e" * 60)
    assert await control.ask(home, {"do": "health"}) is None
    async with rig_on(home) as rig:
        await rig.start()
        assert await control.ask(home, {"do": "health"}) == {"unwell": []}
        assert (home / "control.sock").stat().st_mode & 0o777 == 0o600
        await rig.stop()
        assert await control.ask(home, {"do": "health"}) is None
