"""A stop counts from the moment the turn is shown as running, also while its harness is still being set up."""

from __future__ import annotations

from pathlib import Path

from tests.contract.bad_harnesses.profile import Misbehaving
from tests.rig import rig_on
from tests.scenario.ledger import until, until_settled


async def test_while_the_model_is_being_chosen(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home", profiles=lambda name: Misbehaving("slow-model")) as rig:
        await rig.start()
        thread = await rig.mention("model:other go")
        await rig.see(thread, "Working")
        await rig.reply("!stop", thread)
        await until(rig, "SELECT 1 FROM event WHERE kind = 'turn.stop_requested'")
        [session] = (rig.home / "sessions").iterdir()
        (session / "workspace" / "go").touch()
        said = await rig.see_ended(thread)
        assert "*Stopped.*" in said and "it was prompted" not in said
        assert [row.outcome for row in await until_settled(rig)] == ["stopped"]
