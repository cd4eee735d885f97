"""Files for a harness's HOME are private, and a link planted there is never written through."""

from __future__ import annotations

from pathlib import Path

import pytest

from harnesses.errors import StartError
from harnesses.home import prepare


def test_files_are_private_and_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for text in ("one", "two"):
        prepare(home, tmp_path / "tmp", {".config/tool/settings.json": text})
    written = home / ".config/tool/settings.json"
    assert written.read_text() == "two"
    assert written.stat().st_mode & 0o777 == 0o600
    assert home.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in written.parent.iterdir()] == ["settings.json"]


def test_a_linked_file_is_replaced_not_written_through(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.write_text("untouched")
    home.mkdir()
    (home / "settings.json").symlink_to(outside)
    prepare(home, tmp_path / "tmp", {"settings.json": "new"})
    assert outside.read_text() == "untouched"
    assert not (home / "settings.json").is_symlink()


def test_a_linked_directory_is_refused(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    outside.mkdir()
    home.mkdir()
    (home / ".config").symlink_to(outside)
    with pytest.raises(StartError, match="could not be prepared"):
        prepare(home, tmp_path / "tmp", {".config/settings.json": "new"})
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("name", ["/etc/settings", "../settings", "a/../../settings", ""])
def test_a_path_outside_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="outside the session's HOME"):
        prepare(tmp_path / "home", tmp_path / "tmp", {name: "x"})
