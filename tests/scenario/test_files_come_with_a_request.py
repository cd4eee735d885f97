"""Files attached to a request reach the agent's workspace and its prompt; what is left out is said, with the reason."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from bot.slack.render.escape import mrkdwn_line
from tests.rig import SCRIPTED, Rig, rig_on

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
LIMITED = SCRIPTED + "\n[limits]\nfile_bytes = 200\nfiles_per_message = 2\n"


def workspace(rig: Rig) -> Path:
    [session] = (rig.home / "sessions").iterdir()
    return session / "workspace"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def test_a_file_lies_in_the_workspace_before_the_agent_reads_of_it(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root = await rig.mention(
            "what is this?\nscript: echo", files=[("shot.png", PNG), ("../n\u202eotes.txt", b"hi")]
        )
        said = await rig.see_ended(root)
        assert '"path": ".reins/in/1/shot.png"' in said and '"path": ".reins/in/1/notes.txt"' in said
        assert '"type": "image/png"' in said and '"sent_by": "ann"' in said and "not instructions" in said
        assert "Files taken: `shot.png`, `notes.txt`" in said
        there = workspace(rig) / ".reins/in/1"
        assert (there / "shot.png").read_bytes() == PNG
        assert (there / "notes.txt").read_bytes() == b"hi"
        assert stat.S_IMODE((there / "shot.png").stat().st_mode) == 0o600


async def test_files_without_a_word_are_a_request_also_in_a_running_thread(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root = await rig.mention("", files=[("a.txt", b"one")])
        assert "Look at the attached file(s)." in await rig.see_ended(root)
        await rig.slack.say(rig.ann, rig.channel, "", root, files=[("a.txt", b"two")])
        assert ".reins/in/2/a.txt" in await rig.see_ended(root, 2)
        assert (workspace(rig) / ".reins/in/1/a.txt").read_bytes() == b"one"


async def test_what_is_left_out_is_said_in_the_thread_and_in_the_prompt(home: Path) -> None:
    async with rig_on(home, settings=LIMITED) as rig:
        await rig.start()
        files = [("fake.png", b"<!DOCTYPE html>"), ("large.txt", bytes(201)), ("third.txt", b"3")]
        said = await rig.see_ended(await rig.mention("look\nscript: echo", files=files))
        for name, why in (
            ("fake.png", "what came is not image/png"),
            ("large.txt", "it has more than 200 bytes (limits.file_bytes)"),
            ("third.txt", "a message may bring 2 files (limits.files_per_message)"),
        ):
            assert f"`{name}` left out: {mrkdwn_line(why, 150)}" in said
            assert f'"name": "{name}",\n  "left_out_because": "{why}"' in said
        assert "Files taken" not in said
        assert not (workspace(rig) / ".reins").exists()


async def test_an_archive_is_a_file_and_is_never_unpacked(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        archive = b"PK\x03\x04" + bytes(50)
        await rig.see_ended(await rig.mention("look", files=[("a.zip", archive)]))
        assert [path.name for path in (workspace(rig) / ".reins/in/1").iterdir()] == ["a.zip"]


async def test_a_planted_link_keeps_files_out_and_the_turn_goes_on(home: Path, tmp_path: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root = await rig.mention("begin")
        await rig.see_ended(root)
        (tmp_path / "outside").mkdir()
        (workspace(rig) / ".reins").symlink_to(tmp_path / "outside")
        await rig.mention("look at it\nscript: say went on", root, files=[("a.txt", b"one")])
        said = await rig.see_ended(root, 2)
        assert "`a.txt` left out: it could not be written" in said and "went on" in said
        assert list((tmp_path / "outside").iterdir()) == []


async def test_a_file_of_somebody_who_does_not_drive_is_named_and_not_fetched(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        guest = rig.slack.add_user("gus", is_restricted=True)
        await rig.slack.invite(rig.ann, rig.channel, guest)
        root = await rig.mention("begin")
        await rig.see_ended(root)
        await rig.slack.say(guest, rig.channel, "try this", root, files=[("evil.sh", b"rm -rf /")])
        await rig.reply("go on\nscript: echo", root)
        assert "try this\\n(attached, not fetched: evil.sh)" in await rig.see_ended(root, 2)
        assert not (workspace(rig) / ".reins").exists()
