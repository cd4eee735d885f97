"""Whatever the settings say after a restart, an open session goes on with the harness it was opened with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harnesses import catalog
from harnesses.profile import Api, Launch, Profile, Spec
from harnesses.profiles.scripted import Scripted
from tests.rig import rig_on

BEFORE = """
[defaults]
agent = "coder"
[agents.coder]
harness = "claude-code"
sandbox = "none"
[providers.first]
api = "anthropic"
base_url = "https://api.anthropic.com"
key = "env:FIRST_KEY"
"""
AFTER = """
[defaults]
agent = "coder"
[agents.coder]
harness = "scripted"
sandbox = "none"
[providers.first]
api = "anthropic"
base_url = "https://api.anthropic.com"
key = "env:FIRST_KEY"
"""


@dataclass(frozen=True)
class Stand(Scripted):
    """The scripted harness in the place of one that needs a provider; says which it got."""

    name: str = "claude-code"
    apis: tuple[Api, ...] = ("anthropic",)

    def launch(self, spec: Spec) -> Launch:
        assert spec.provider is not None and spec.provider.key == "first-key-value"
        return super().launch(spec)


async def test_the_agent_runs_on_another_harness_now(tmp_path: Path) -> None:
    def profiles(name: str) -> Profile:
        return Stand() if name == "claude-code" else catalog.get(name)

    keys = {"FIRST_KEY": "first-key-value"}
    async with rig_on(tmp_path / "home", settings=BEFORE, environ=keys, profiles=profiles) as rig:
        await rig.start()
        thread = await rig.mention("hello")
        assert "*coder* · claude-code" in await rig.see_ended(thread)
        await rig.stop()
        rig.settings = AFTER
        await rig.start()
        await rig.reply("and again", thread)
        said = await rig.see_ended(thread, turns=2)
        assert "prompt 2 of this session" in said and "failed" not in said
        assert "*coder* · scripted" in await rig.see_ended(await rig.mention("a new one"))
