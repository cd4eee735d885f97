"""The suite that anyone can run passes for the scripted harness, and fails for one that breaks the contract."""

from __future__ import annotations

from pathlib import Path

from harnesses import catalog
from harnesses.selfcheck import CHECKS, check
from tests.contract.bad_harnesses.profile import Misbehaving


async def test_the_scripted_harness_passes(tmp_path: Path) -> None:
    results = await check(catalog.get("scripted"), install_dir=tmp_path, provider=None)
    assert [(r.name, r.ok, r.detail) for r in results] == [(name, True, "") for name in CHECKS]


async def test_a_bad_harness_fails_with_reasons(tmp_path: Path) -> None:
    profile = Misbehaving("exits", cannot={"order of chunks": "It cannot count."})
    results = {r.name: r for r in await check(profile, install_dir=tmp_path, provider=None)}
    assert results.keys() == CHECKS.keys()
    assert results["initialize"].ok and results["no orphans"].ok
    assert (results["order of chunks"].ok, results["order of chunks"].detail) == (None, "It cannot count.")
    for name in ("memory across prompts", "permission allowed", "resume after kill -9"):
        assert (results[name].ok, results[name].detail) == (False, "misbehaving ended by itself with status 3.")
