"""Nothing a harness plants in its workspace makes Reins write, read or send anything outside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harnesses.workspace.files import MOST_SKIPPED, NotInside, Outbox, look_out, put, put_away


def looked_out(workspace: Path, copies: Path, most_files: int = 6, most_bytes: int = 1000) -> Outbox:
    return look_out(workspace, copies, most_files=most_files, most_bytes=most_bytes, objection=lambda _: None)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace").mkdir()
    (tmp_path / "outside").mkdir()
    return tmp_path / "workspace"


@pytest.mark.parametrize("planted", [".reins", ".reins/in", ".reins/in/1"])
def test_no_file_is_written_through_a_planted_directory_link(workspace: Path, planted: str) -> None:
    link = workspace / planted
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(workspace.parent / "outside")
    with pytest.raises(NotInside):
        put(workspace, 1, "a.txt", b"mine")
    assert list((workspace.parent / "outside").rglob("*")) == []


def test_a_planted_link_of_the_same_name_is_replaced_and_not_followed(workspace: Path) -> None:
    victim = workspace.parent / "outside" / "victim"
    victim.write_text("as it was")
    (workspace / ".reins/in/1").mkdir(parents=True)
    (workspace / ".reins/in/1/a.txt").symlink_to(victim)
    path = workspace / put(workspace, 1, "a.txt", b"mine")
    assert victim.read_text() == "as it was"
    assert (path.is_symlink(), path.read_bytes(), path.stat().st_mode & 0o777) == (False, b"mine", 0o600)


@pytest.mark.parametrize("planted", [".reins", ".reins/out"])
def test_nothing_is_read_through_a_planted_directory_link(workspace: Path, planted: str) -> None:
    outside = workspace.parent / "outside"
    (outside / "out").mkdir()
    for place in (outside, outside / "out"):
        (place / "key").write_text("not yours")
    link = workspace / planted
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    with pytest.raises(NotInside):
        looked_out(workspace, workspace.parent / "copies")
    assert not (workspace.parent / "copies").exists()


def test_only_regular_files_leave_and_the_rest_is_named(workspace: Path) -> None:
    out = workspace / ".reins/out"
    out.mkdir(parents=True)
    (workspace.parent / "outside/key").write_text("not yours")
    (out / "a-link").symlink_to(workspace.parent / "outside/key")
    os.mkfifo(out / "b-pipe")
    (out / "c-folder").mkdir()
    (out / "d-empty").touch()
    (out / "e-large").write_bytes(bytes(1001))
    (out / "f-good").write_bytes(b"good")
    copies = workspace.parent / "copies"
    outbox = looked_out(workspace, copies)
    assert [file.name for file in outbox.offered] == ["f-good"]
    assert {file.name: file.reason for file in outbox.skipped} == {
        "a-link": "it is a symbolic link",
        "b-pipe": "it is not a regular file",
        "c-folder": "it is not a regular file",
        "d-empty": "it is empty",
        "e-large": "it has more than 1,000 bytes",
    }
    assert [copy.read_bytes() for copy in copies.iterdir()] == [b"good"]
    put_away(workspace, 3, outbox)
    assert list(out.iterdir()) == []
    assert (workspace / ".reins/sent/3/f-good").read_bytes() == b"good"
    assert (workspace / ".reins/skipped/3/a-link").is_symlink()


def test_a_hundred_thousand_entries_are_not_all_looked_at(workspace: Path) -> None:
    out = workspace / ".reins/out"
    out.mkdir(parents=True)
    for number in range(2000):
        (out / f"{number:06}").symlink_to("nowhere")
    outbox = looked_out(workspace, workspace.parent / "copies")
    assert (len(outbox.skipped), outbox.waiting) == (MOST_SKIPPED, 2000 - MOST_SKIPPED)


def test_files_over_the_number_wait_for_the_next_turn(workspace: Path) -> None:
    out = workspace / ".reins/out"
    out.mkdir(parents=True)
    for name in "abcd":
        (out / name).write_text(name)
    outbox = looked_out(workspace, workspace.parent / "copies", most_files=3)
    put_away(workspace, 1, outbox)
    assert outbox.waiting == 1
    assert [file.name for file in looked_out(workspace, workspace.parent / "copies").offered] == ["d"]


def test_a_file_put_away_never_replaces_one(workspace: Path) -> None:
    out, sent = workspace / ".reins/out", workspace / ".reins/sent/1"
    for place, text in ((out, "new"), (sent, "old")):
        place.mkdir(parents=True)
        (place / "a").write_text(text)
    put_away(workspace, 1, looked_out(workspace, workspace.parent / "copies"))
    assert sorted(file.read_text() for file in sent.iterdir()) == ["new", "old"]
