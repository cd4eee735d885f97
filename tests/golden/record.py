"""Record the event logs of this version, or write down anew how all of them are rendered.

python -m tests.golden.record          for a new version: adds its logs; existing ones are refused, not changed
python -m tests.golden.record shown    after a wanted change of the rendering: rewrites the *.shown.json
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from bot.core.gesture import RESUME_ACTION
from storage.connections import connect_reader
from tests.golden import logs
from tests.rig import SCRIPTED, Rig, rig_on

Scene = Callable[[Rig], Awaitable[None]]


def _saying(prompt: str) -> Scene:
    async def scene(rig: Rig) -> None:
        await rig.see_ended(await rig.mention(prompt))

    return scene


async def _conversation(rig: Rig) -> None:
    root = await rig.mention("remember <https://example.com|this> & *that*")
    await rig.see_ended(root)
    await rig.reply("what was it?\nscript: think hm\nscript: usage 1200 34 0.0125\nscript: say this and that", root)
    await rig.see_ended(root, 2)


async def _stopped(rig: Rig) -> None:
    root = await rig.mention("go\nscript: tool\nscript: say working\nscript: hang")
    await rig.see(root, "working")
    await rig.reply("!stop", root)
    await rig.see_ended(root)


async def _interrupted(rig: Rig) -> None:
    root = await rig.mention("go\nscript: plan\nscript: say working\nscript: hang")
    await rig.see(root, "working")
    await rig.stop()


async def _interruption_settled(rig: Rig) -> None:
    root = await rig.mention("go\nscript: say working\nscript: hang")
    await rig.see(root, "working")
    await rig.stop()
    await rig.start()
    await rig.see(root, "Resume lets")
    await rig.slack.click(rig.ann, rig.channel, rig.answers(root)[0].ts, RESUME_ACTION)
    await rig.see_ended(root, 2)


async def _session_lost(rig: Rig) -> None:
    root = await rig.mention("remember me")
    await rig.see_ended(root)
    await rig.stop()
    for journals in (rig.home / "sessions").glob("*/home/.scripted"):
        await asyncio.to_thread(shutil.rmtree, journals)
    await rig.start()
    await rig.reply("who am I?", root)
    await rig.see_ended(root, 2)


async def _steered(rig: Rig) -> None:
    """Everything people do in a thread beside prompting: edit what waits, choose a model, talk as a guest."""
    guest = rig.slack.add_user("gus", is_restricted=True)
    await rig.slack.invite(rig.ann, rig.channel, guest)
    root = await rig.mention("script: wait-for go")
    await rig.see(root, "Working")
    waiting = await rig.reply("first words", root)
    await rig.see(root, "Waiting to start")
    await rig.slack.edit(rig.ann, rig.channel, waiting, "second words")
    await rig.reply("a word from the side", root, user=guest)
    await rig.reply("!model none-either", root)
    await rig.reply("and then this", root, user=rig.bob)
    await rig.see(root, "turn 3")
    [session] = (rig.home / "sessions").iterdir()
    await asyncio.to_thread((session / "workspace" / "go").touch)
    await rig.see_ended(root, 3)


async def _files(rig: Rig) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    files = [("shot.png", picture), ("fake.png", b"<html>"), ("notes.txt", b"a note")]
    root = await rig.mention("look\nscript: wait-for go", files=files)
    await rig.see(root, "Working")
    [session] = (rig.home / "sessions").iterdir()
    outbox = session / "workspace" / ".reins" / "out"
    await asyncio.to_thread(outbox.mkdir)
    await asyncio.to_thread((outbox / "report.txt").write_text, "all is well")
    await asyncio.to_thread((outbox / "link").symlink_to, "report.txt")
    await asyncio.to_thread((session / "workspace" / "go").touch)
    await rig.see_ended(root)


DENYING = SCRIPTED.replace("allow-all", "deny-all")
BRIEF = SCRIPTED + "\n[timeouts]\ndrain = 0.1\n"
SCENES: dict[str, tuple[str, Scene]] = {
    "completed": (SCRIPTED, _conversation),
    "tool_calls": (
        SCRIPTED,
        _saying(
            "fix it\nscript: say First a look.\nscript: plan\nscript: tool 60\nscript: write a.txt A\nscript: say Done."
        ),
    ),
    "permission_allowed": (SCRIPTED, _saying("write it\nscript: permission a.txt some text")),
    "permission_denied": (DENYING, _saying("write it\nscript: permission a.txt some text")),
    "failed_provider": (SCRIPTED, _saying("go\nscript: say so far\nscript: provider-error 429")),
    "failed_exited": (SCRIPTED, _saying("go\nscript: tool\nscript: stderr 40\nscript: exit 3")),
    "stopped": (SCRIPTED, _stopped),
    "interrupted": (BRIEF, _interrupted),
    "steered": (SCRIPTED, _steered),
    "interruption_settled": (BRIEF, _interruption_settled),
    "files": (SCRIPTED, _files),
    "session_lost": (SCRIPTED, _session_lost),
    "long": (SCRIPTED, _saying("tell me all\nscript: long 22000")),
    "too_long": (SCRIPTED, _saying("tell me more\nscript: long 45000")),
}


async def record(version: str) -> None:
    for name, (settings, scene) in SCENES.items():
        with tempfile.TemporaryDirectory() as directory:
            home = Path(directory) / "home"
            async with rig_on(home, settings=settings) as rig:
                await rig.start()
                await scene(rig)
            with closing(connect_reader(home / "reins.db")) as database:
                logs.write(logs.FOLDER / version / f"{name}.jsonl", logs.taken_from(database))


if __name__ == "__main__":
    if sys.argv[1:] != ["shown"]:
        project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
        asyncio.run(record(project["version"]))
    logs.render_all()
