"""A turn that cannot be started ends with a reason, and so do those that wait behind it in vain."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from harnesses.profile import Launch, Profile, Spec
from harnesses.profiles.scripted import Scripted
from tests.rig import rig_on
from tests.scenario.ledger import until_settled, until_turns


async def test_the_sessions_directories_cannot_be_made(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with rig_on(home) as rig:
        await rig.start()
        (home / "sessions").write_text("in the way")
        thread = await rig.mention("script: say hello")
        assert "directories could not be made" in await rig.see(thread, "failed")
        [row] = await until_settled(rig)
        assert (row.state, row.outcome) == ("ended", "failed")


@dataclass(frozen=True)
class Defective(Scripted):
    def launch(self, spec: Spec) -> Launch:
        raise RuntimeError("a mistake of ours")


async def test_reins_itself_makes_a_mistake(tmp_path: Path) -> None:
    def profiles(name: str) -> Profile:
        return Defective()

    async with rig_on(tmp_path / "home", profiles=profiles) as rig:
        await rig.start()
        thread = await rig.mention("script: say hello")
        assert "Reins itself failed" in await rig.see(thread, "failed")
        assert "a mistake of ours" in rig.logs.getvalue()


async def test_turns_that_wait_in_a_session_that_is_lost_end_with_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with rig_on(home) as rig:
        await rig.start()
        thread = await rig.mention("script: say hello")
        await rig.see_ended(thread)
        await rig.stop()
        [session] = (home / "sessions").iterdir()
        shutil.rmtree(session / "home")
        rig.settings = rig.settings + "\n[limits]\nmax_running = 1\n"
        await rig.start()
        other = await rig.mention("script: wait-for go")
        await rig.see(other, "Working")
        for words in ("first", "second", "third"):
            await rig.reply(words, thread)
        await until_turns(rig, lambda rows: len(rows) == 5)
        [busy] = [path for path in (home / "sessions").iterdir() if path != session]
        (busy / "workspace" / "go").touch()
        rows = await until_settled(rig, 5)
        assert sorted(str(row.outcome) for row in rows) == ["completed", "completed", "failed", "failed", "failed"]
        assert "mention me again" in await rig.see_ended(thread, turns=4)
        again = await rig.mention("script: say anew", thread)
        assert "anew" in await rig.see(thread, "anew"), again
