"""The suite that anyone can run passes for the scripted harness, and fails for one that breaks the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from harnesses import catalog
from harnesses.profiles.scripted import Scripted
from harnesses.selfcheck import CHECKS, check
from tests.contract.bad_harnesses.profile import Misbehaving


@dataclass(frozen=True)
class Modest(Scripted):
    """It says that it cannot what it can."""

    cannot: dict[str, str] = field(default_factory=lambda: {"order of chunks": "It cannot count."})


@dataclass(frozen=True)
class Obedient(Scripted):
    """Its repository's configuration is obeyed: here, by writing the marker where the suite looks for it."""

    def hostile_repository(self, marker: Path) -> dict[str, str]:
        return {f"../{marker.name}": ""}


async def test_the_scripted_harness_passes_with_its_declared_exception(tmp_path: Path) -> None:
    scripted = catalog.get("scripted")
    results = await check(scripted, install_dir=tmp_path, provider=None, other_model="none-either")
    expected = [(name, None, scripted.cannot[name]) if name in scripted.cannot else (name, True, "") for name in CHECKS]
    assert [(r.name, r.ok, r.detail) for r in results] == expected


async def test_a_bad_harness_fails_with_reasons(tmp_path: Path) -> None:
    profile = Misbehaving("exits", cannot={"order of chunks": "It cannot count."})
    results = {r.name: r for r in await check(profile, install_dir=tmp_path, provider=None)}
    assert results.keys() == CHECKS.keys()
    assert results["initialize"].ok
    assert (results["order of chunks"].ok, results["order of chunks"].detail) == (None, "It cannot count.")
    for name in ("memory across prompts", "tool call", "permission denied", "resume after kill -9"):
        assert (results[name].ok, results[name].detail) == (False, "misbehaving ended by itself with status 3.")
    assert results["no orphans"].detail == "the turn was over before the program it was to run had started"
    # Without a controlled model, and without a second one.
    assert [results[name].ok for name in ("provider errors", "model per message")] == [None, None]


async def test_a_profile_that_says_it_cannot_what_it_can_is_wrong(tmp_path: Path) -> None:
    [result] = await check(Modest(), install_dir=tmp_path, provider=None, only=["order of chunks"])
    assert result.ok is False
    assert result.detail == "its profile says that it cannot (It cannot count.), and it can"


async def test_code_of_the_repository_that_ran_is_found(tmp_path: Path) -> None:
    [result] = await check(Obedient(), install_dir=tmp_path, provider=None, only=["hostile repository"])
    assert (result.ok, result.detail) == (False, "code of the repository was run")
