"""Every harness of the catalog can be installed from a complete lock file, and what is missing is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harnesses import catalog
from harnesses.errors import InstallError, UnknownHarness
from harnesses.install import directory, install, installed

MOCK = Path(__file__).parent.parent / "harness_cli" / "mock"
LOCKS = [lock for name in catalog.names() if (lock := catalog.get(name).lock) is not None]


@pytest.mark.parametrize("lock", [*LOCKS, MOCK], ids=lambda lock: lock.name)
def test_a_lock_file_pins_everything_and_names_no_registry(lock: Path) -> None:
    wanted = json.loads((lock / "package.json").read_text())
    assert all(version[0].isdigit() for version in wanted["dependencies"].values())
    text = (lock / "package-lock.json").read_text()
    assert '"resolved"' not in text
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())


async def test_the_scripted_harness_needs_no_install(tmp_path: Path) -> None:
    root = tmp_path / "harnesses"
    assert installed("scripted", root)
    await install("scripted", root)
    assert not root.exists()


async def test_an_install_from_another_lock_file_does_not_count(tmp_path: Path) -> None:
    assert not installed("claude-code", tmp_path)
    directory("claude-code", tmp_path).mkdir()
    (directory("claude-code", tmp_path) / ".reins-lock").write_text("0" * 64)
    assert not installed("claude-code", tmp_path)


async def test_without_npm_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallError, match="Install Node"):
        await install("claude-code", tmp_path)


async def test_a_failed_install_leaves_nothing_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "bin" / "npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\necho 'npm error network unreachable' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}:/usr/bin:/bin")
    root = tmp_path / "harnesses"
    with pytest.raises(InstallError, match="network unreachable"):
        await install("claude-code", root)
    assert list(root.iterdir()) == []


def test_an_unknown_harness_lists_the_choices() -> None:
    with pytest.raises(UnknownHarness, match=r"Choose one of: claude-code, .*scripted\."):
        catalog.get("clod")
