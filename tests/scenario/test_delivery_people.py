"""What people see and can do in a thread while turns wait, run and end."""

from __future__ import annotations

from pathlib import Path

from bot.core.gesture import STOP_ACTION
from bot.localslack import Message
from tests.rig import Rig, rig_on
from tests.scenario.ledger import until_settled, until_turns

HOSTILE = (
    "script: echo\n&lt;!channel&gt; &lt;!here&gt; &lt;!everyone&gt; &lt;@U0LOCAL002&gt; &lt;!subteam^S0LOCAL001&gt; "
    "&lt;https://evil.example|https://bank.example&gt; https://evil.example/?q=secret @channel "
    "&amp;lt;!channel&amp;gt; ```&lt;!channel&gt;``` [x](https://evil.example/) ![x](https://evil.example/x.png) "
    "&lt;#C0LOCAL001&gt;"
)


async def test_an_empty_mention_is_answered_privately_and_starts_nothing(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("")
        [notice] = await private(rig)
        assert notice.ephemeral_to == rig.ann and "Say what you would like done" in notice.text
        assert notice.thread_ts is None, "a thread nobody has opened yet would hide it"
        assert rig.answers(ts) == [] and rig.slack.call_counts["chat.postMessage"] == 0


async def test_stopping_nothing_is_answered_privately_in_the_thread(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say done")
        await rig.see_ended(ts)
        await rig.reply("!stop", ts, user=rig.bob)
        [notice] = await private(rig)
        assert (notice.ephemeral_to, notice.thread_ts) == (rig.bob, ts)
        assert notice.text == "Nothing is running in this thread."


async def test_hostile_text_pings_nobody_links_nothing_in_disguise_and_unfurls_nothing(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        rig.slack.add_usergroup("team", [rig.bob])
        ts = await rig.mention(HOSTILE)
        said = await rig.see_ended(ts)
        assert "&lt;!channel>" in said
        await rig.mention("script: provider-error &lt;!channel&gt;")
        await until_settled(rig, 2)
        assert list(rig.slack.pings) == []
        assert list(rig.slack.unfurled) == []
        assert {link.sequence.target.rstrip("/") for link in rig.slack.links} == {
            "https://evil.example",
            "https://evil.example/x.png",
        }, "Markdown's own links only, whose address can be seen"


async def test_the_stop_button_ends_the_turn_as_stopped(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say working\nscript: hang")
        await rig.see(ts, "working")
        await rig.slack.click(rig.bob, rig.channel, rig.answers(ts)[0].ts, STOP_ACTION)
        assert "*Stopped.*" in await rig.see_ended(ts)
        [row] = await until_settled(rig)
        assert row.outcome == "stopped"
        assert STOP_ACTION not in str(rig.answers(ts)[0].blocks)
        assert list(rig.slack.notices) == []


async def test_the_word_and_the_reaction_stop_too(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say one\nscript: hang")
        await rig.see(ts, "one\n")
        await rig.reply("!stop", ts)
        await rig.see_ended(ts)
        await rig.reply("script: say two\nscript: hang", ts)
        await rig.see(ts, "two\n")
        await rig.slack.react(rig.ann, rig.channel, rig.answers(ts)[1].ts, "x")
        await rig.see_ended(ts, 2)
        assert [row.outcome for row in await until_settled(rig, 2)] == ["stopped", "stopped"]


async def test_a_waiting_message_can_be_withdrawn_and_the_running_turn_goes_on(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say first\nscript: wait-for go\nscript: say went on")
        await rig.see(ts, "first")
        await rig.reply("script: say never", ts)
        await rig.see(ts, "Waiting to start · turn 2")
        await rig.slack.click(rig.ann, rig.channel, rig.answers(ts)[1].ts, STOP_ACTION)
        assert "It had not started." in await rig.see(ts, "*Stopped.*")
        [workspace] = (rig.home / "sessions").glob("*/workspace")
        (workspace / "go").touch()
        said = await rig.see_ended(ts, 2)
        assert "went on" in said and "never" not in said
        assert [row.outcome for row in await until_settled(rig, 2)] == ["completed", "stopped"]


async def test_clicking_stop_on_a_turn_that_ended_is_answered_privately(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say working\nscript: wait-for go")
        await rig.see(ts, "working")
        rig.slack.hold_deliveries()
        await rig.slack.click(rig.ann, rig.channel, rig.answers(ts)[0].ts, STOP_ACTION)
        [workspace] = (rig.home / "sessions").glob("*/workspace")
        (workspace / "go").touch()
        await until_turns(rig, lambda rows: rows[0].state == "ended")
        rig.slack.release_deliveries()
        [notice] = await private(rig)
        assert notice.text == "That turn has already ended."


async def test_a_message_that_arrives_after_a_newer_one_ran_is_labelled_late(tmp_path: Path) -> None:
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        ts = await rig.mention("script: say root")
        await rig.see_ended(ts)
        rig.slack.delay_deliveries(2)
        await rig.reply("script: say older", ts)
        rig.slack.delay_deliveries(0)
        await rig.reply("script: say newer", ts)
        await rig.see_ended(ts, 2)
        assert "late: this message reached me after a newer one" in await rig.see_ended(ts, 3)
        assert [row.late for row in await until_settled(rig, 3)] == [False, False, True]
        assert "late" not in str(rig.answers(ts)[1].blocks) and "late" in str(rig.answers(ts)[2].blocks)


async def private(rig: Rig) -> list[Message]:
    def notices() -> list[Message]:
        return [m for m in rig.slack.messages(rig.channel) if m.ephemeral_to is not None]

    await rig.slack.wait_for(lambda _: notices(), 10)
    return notices()
