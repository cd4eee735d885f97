"""Several people in several channels who talk, whether anybody listens or not."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random

from bot.localslack import LocalSlack

WORK_S = 0.3
"""How long the work of one message takes, for the scripted harness as for the plain Bolt listener."""
_PIECES = 5
_SCRIPTS = (
    f"script: stream {_PIECES} {round(WORK_S / _PIECES * 1000)}ms",
    f"script: tool 40\nscript: stream {_PIECES} {round(WORK_S / _PIECES * 1000)}ms",
    f"script: write note.txt done\nscript: stream {_PIECES} {round(WORK_S / _PIECES * 1000)}ms",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a person. ``marker`` is a word that no other message has; a whole answer has ``answer`` in it."""

    marker: str
    answer: str
    channel_id: str
    thread_ts: str
    ts: str


@dataclass
class People:
    """Six people, each at home in a channel of their own. ``said`` is everything, oldest first."""

    slack: LocalSlack
    random: Random
    said: list[Said] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._homes = []
        for name in ("ann", "bob", "cyd", "dee", "eli", "fay"):
            user_id = self.slack.add_user(name)
            self._homes.append((user_id, self.slack.add_channel(f"{name}s-place", [user_id])))

    @property
    def roots(self) -> list[Said]:
        return [said for said in self.said if said.ts == said.thread_ts]

    async def mention(self, who: int, script: str | None = None) -> Said:
        """Begin a thread."""
        return await self._say(who, None, script)

    async def reply(self, root: Said, script: str | None = None) -> Said:
        """Answer in a thread without a mention."""
        who = next(i for i, (_, channel_id) in enumerate(self._homes) if channel_id == root.channel_id)
        return await self._say(who, root.thread_ts, script)

    async def say_something(self) -> Said:
        """A new thread, or a reply in a recent one. One replies only where the app was heard to take the mention: a
        reply that overtakes its thread's mention is not for the app."""
        open_threads = [root for root in self.roots[-6:] if self.slack.acknowledged(root.ts)]
        if open_threads and self.random.random() < 0.6:
            return await self.reply(self.random.choice(open_threads))
        return await self.mention(self.random.randrange(len(self._homes)))

    @contextlib.asynccontextmanager
    async def talking(self, pause_s: float, at_most: int | None = None) -> AsyncIterator[None]:
        """Somebody says something every ``pause_s`` seconds on average, until the block ends or ``at_most`` things
        were said."""

        async def talk() -> None:
            for _ in itertools.count() if at_most is None else range(at_most):
                await self.say_something()
                await asyncio.sleep(self.random.uniform(0, 2 * pause_s))

        task = asyncio.create_task(talk(), name="people")
        try:
            yield
        finally:
            task.cancel()
            for outcome in await asyncio.gather(task, return_exceptions=True):
                if isinstance(outcome, Exception):
                    raise AssertionError("people stopped talking") from outcome

    async def _say(self, who: int, thread_ts: str | None, script: str | None) -> Said:
        user_id, channel_id = self._homes[who]
        marker = f"gesture{len(self.said):05}"
        mention = "" if thread_ts else f"<@{self.slack.bot_user_id}> "
        what = self.random.choice(_SCRIPTS) if script is None else script
        ts = await self.slack.say(user_id, channel_id, f"{mention}{marker}\n{what}", thread_ts)
        answer = "1 2 3 4 5" if "stream" in what else f"You wrote:\n\n> {marker}"
        said = Said(marker, answer, channel_id, thread_ts or ts, ts)
        self.said.append(said)
        return said
