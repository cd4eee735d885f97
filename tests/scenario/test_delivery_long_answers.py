"""An answer of any length arrives whole: in one message, in several, or as a file."""

from __future__ import annotations

from pathlib import Path

from bot.localslack import Message
from bot.slack.render import escape
from harnesses.scripted.scripts import DISCLAIMER
from tests.rig import SCRIPTED, rig_on
from tests.scenario.ledger import until_settled


def answer(chars: int) -> str:
    """What the scripted harness says first, and then for `script: long N`."""
    numbered = "".join(f"{n:06} the quick brown fox jumps over the lazy dog\n" for n in range(chars // 51 + 20))
    return f"{DISCLAIMER}\n\n{numbered[:chars]}"


async def test_a_long_answer_rolls_over_and_nothing_is_lost(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: long 60000")
        await until_settled(rig)
        shown = rig.answers(ts)
        assert 6 < len(shown) < 12
        assert prose(shown) == answer(60_000)
        assert files(shown) == []
        assert [len(footers(message)) for message in shown] == [0] * (len(shown) - 1) + [1]


async def test_past_the_bound_the_whole_answer_is_a_file(tmp_path: Path) -> None:
    settings = SCRIPTED + "\n[limits]\nturn_messages = 2\nmessage_chars = 6000\n"
    async with rig_on(tmp_path / "home", settings=settings) as rig:
        await rig.start()
        ts = await rig.mention("script: long 300000")
        await until_settled(rig)
        shown = rig.answers(ts)
        assert answer(300_000).startswith(prose(shown))
        [file_id] = files(shown)
        file = rig.slack.file(file_id)
        assert (file.name, file.content) == ("answer-turn-1.md", answer(300_000).encode())
        assert "the whole answer is attached as a file" in rig.said(ts)


async def test_an_upload_that_fails_for_a_while_still_happens_once(tmp_path: Path) -> None:
    settings = SCRIPTED + "\n[limits]\nturn_messages = 1\nmessage_chars = 6000\n"
    async with rig_on(tmp_path / "home", settings=settings) as rig:
        await rig.start()
        rig.slack.fail_next("files.getUploadURLExternal", status=429, retry_after=1, times=2)
        rig.slack.fail_next("files.completeUploadExternal", status=500)
        ts = await rig.mention("script: long 20000")
        await until_settled(rig)
        assert len(files(rig.answers(ts))) == 1
        assert rig.slack.call_counts["files.getUploadURLExternal"] == 4


async def test_an_upload_slack_never_takes_ends_the_turn_and_says_where_the_answer_is(tmp_path: Path) -> None:
    settings = SCRIPTED + "\n[limits]\nturn_messages = 1\nmessage_chars = 6000\n"
    async with rig_on(tmp_path / "home", settings=settings) as rig:
        await rig.start()
        rig.slack.fail_next("files.getUploadURLExternal", error="missing_scope", times=100)
        ts = await rig.mention("script: long 20000")
        await until_settled(rig)
        assert rig.slack.call_counts["files.getUploadURLExternal"] == 1
        said = rig.said(ts)
        assert "could not be attached (missing_scope)" in said and "reins session show" in said
        assert "is attached as a file" not in said


def prose(shown: list[Message]) -> str:
    texts = "".join(block["text"] for message in shown for block in message.blocks if block["type"] == "markdown")
    assert escape.markdown(texts) == texts
    return texts


def footers(message: Message) -> list[str]:
    said = [e["text"] for block in message.blocks if block["type"] == "context" for e in block["elements"]]
    return [text for text in said if " turn " in text]


def files(shown: list[Message]) -> list[str]:
    return [file for message in shown for file in message.files]
