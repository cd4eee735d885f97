"""What the agent leaves in .reins/out is posted in the thread when the turn ends: once, and nothing that must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rig import Rig, rig_on


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def begin(rig: Rig) -> tuple[str, Path]:
    """A turn that waits for the file ``go``; its thread and the outbox."""
    root = await rig.mention("script: wait-for go")
    await rig.see(root, "Working")
    [session] = (rig.home / "sessions").iterdir()
    out = session / "workspace/.reins/out"
    out.mkdir(parents=True)
    return root, out


def let_go(out: Path) -> None:
    (out.parent.parent / "go").touch()


def posted(rig: Rig, root: str) -> list[tuple[str, bytes | None]]:
    files = [rig.slack.file(file) for message in rig.slack.messages(rig.channel, root) for file in message.files]
    return [(file.name, file.content) for file in files]


async def test_files_are_posted_and_put_away(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root, out = await begin(rig)
        (out / "report.md").write_text("# All well")
        (out / "chart.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        let_go(out)
        await rig.slack.wait_for(lambda _: len(posted(rig, root)) == 2, 15)
        assert posted(rig, root) == [("chart.png", b"\x89PNG\r\n\x1a\n"), ("report.md", b"# All well")]
        await rig.stop()
        assert sorted(file.name for file in (out.parent / "sent/1").iterdir()) == ["chart.png", "report.md"]
        assert list(out.iterdir()) == [] and list((home / "outgoing").iterdir()) == []
        await rig.start()
        await rig.reply("and now?", root)
        await rig.see_ended(root, 2)
        await rig.stop()
        assert len(posted(rig, root)) == 2


async def test_a_file_is_posted_also_when_the_turn_was_stopped(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root, out = await begin(rig)
        (out / "partial.txt").write_text("as far as I came")
        await rig.reply("!stop", root)
        await rig.slack.wait_for(lambda _: posted(rig, root) == [("partial.txt", b"as far as I came")], 15)


async def test_a_link_and_a_secret_stay_and_the_thread_says_so(home: Path, tmp_path: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root, out = await begin(rig)
        (tmp_path / "private").write_text("not yours")
        (out / "link.txt").symlink_to(tmp_path / "private")
        (out / "token.bin").write_bytes(b"\xff\x00" + rig.slack.bot_token.encode() + b"\xff")
        (out / "<!channel>.txt").write_text("fine")
        let_go(out)
        said = await rig.see_ended(root)
        assert "`link.txt` not sent: it is a symbolic link" in said
        assert "`token.bin` not sent: it holds a secret, or what looks like one" in said
        await rig.slack.wait_for(lambda _: posted(rig, root) == [("<!channel>.txt", b"fine")], 15)
        await rig.stop()
        assert len(posted(rig, root)) == 1


async def test_a_passing_failure_of_an_upload_costs_nothing_but_time(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root, out = await begin(rig)
        (out / "a.txt").write_text("first")
        (out / "b.txt").write_text("second")
        rig.slack.fail_next("files.getUploadURLExternal", status=500)
        let_go(out)
        await rig.slack.wait_for(lambda _: len(posted(rig, root)) == 2, 15)
        await rig.stop()
        assert posted(rig, root) == [("a.txt", b"first"), ("b.txt", b"second")]


async def test_a_file_slack_refuses_is_named_with_its_error_and_the_others_are_posted(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        root, out = await begin(rig)
        (out / "a.txt").write_text("first")
        (out / "b.txt").write_text("second")
        rig.slack.fail_next("files.getUploadURLExternal", error="file_uploads_disabled")
        let_go(out)
        await rig.see(root, "`a.txt` not sent: Slack refused it (file_uploads_disabled)")
        assert posted(rig, root) == [("b.txt", b"second")]


async def test_the_agent_is_told_where_to_leave_files(home: Path) -> None:
    async with rig_on(home) as rig:
        await rig.start()
        assert ".reins/out/" in await rig.see_ended(await rig.mention("script: instructions"))
