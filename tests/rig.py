"""A whole Reins on a local Slack: what scenario tests drive. Everything in it is the real thing but Slack's servers."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import Service
from bot.localslack import LocalSlack, Message
from bot.logs import configure_logs
from bot.redaction import Redactor
from bot.settings import Environment, load_config
from bot.slack.surface.manifest import manifest
from harnesses import catalog
from harnesses.profile import Profile

SCRIPTED = """
[defaults]
agent = "demo"

[agents.demo]
harness = "scripted"
sandbox = "none"
policy = "allow-all"
"""


@dataclass
class Rig:
    """``settings`` is the text of reins.toml. `start` and `stop` may alternate: the home stays."""

    slack: LocalSlack
    home: Path
    settings: str = SCRIPTED
    environ: Mapping[str, str] = field(default_factory=dict)
    profiles: Callable[[str], Profile] = catalog.get
    logs: io.StringIO = field(default_factory=io.StringIO)
    service: Service | None = None
    _running: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.ann = self.slack.add_user("ann")
        self.bob = self.slack.add_user("bob")
        self.channel = self.slack.add_channel("general", [self.ann, self.bob])

    async def start(self, timeout: float = 20) -> None:
        config_path = self.home / "reins.toml"
        await asyncio.to_thread(self.home.mkdir, parents=True, exist_ok=True)
        await asyncio.to_thread(config_path.write_text, self.settings)
        environment = Environment.model_validate(self.variables())
        config = load_config(config_path, harness_apis={name: catalog.get(name).apis for name in catalog.names()})
        keys = config.resolve_keys(self.environ)
        redactor = Redactor(
            [*(key.get_secret_value() for key in keys.values()), self.slack.bot_token, self.slack.app_token]
        )
        configure_logs(redactor, self.logs)
        self.service = Service(environment, config, keys, redactor, self.profiles)
        self._running = asyncio.create_task(self.service.run())
        ready = asyncio.create_task(self.service.ready.wait())
        done, _ = await asyncio.wait((self._running, ready), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if ready not in done:
            ready.cancel()
            if self._running in done:
                self._running.result()
            raise TimeoutError("the service did not become ready:\n" + self.logs.getvalue())

    async def stop(self) -> None:
        if self.service is not None and self._running is not None:
            self.service.stop()
            await self._running
            self.service = self._running = None

    def variables(self) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "REINS_HOME": str(self.home),
            **self.environ,
        }

    async def mention(
        self,
        text: str,
        thread_ts: str | None = None,
        user: str | None = None,
        files: Sequence[tuple[str, bytes]] = (),
    ) -> str:
        """Ann (or ``user``) mentions the bot; the ts of her message. ``files`` are (name, content)."""
        words = f"<@{self.slack.bot_user_id}> {text}"
        return await self.slack.say(user or self.ann, self.channel, words, thread_ts, files)

    async def reply(self, text: str, thread_ts: str, user: str | None = None) -> str:
        return await self.slack.say(user or self.ann, self.channel, text, thread_ts)

    def answers(self, thread_ts: str) -> list[Message]:
        """The bot's messages in a thread that everybody sees, oldest first."""
        said = self.slack.messages(self.channel, thread_ts)
        return [m for m in said if m.user == self.slack.bot_user_id and not m.ephemeral_to]

    async def see(self, thread_ts: str, what: Callable[[str], bool] | str, timeout: float = 15) -> str:
        """Wait until what the bot says in the thread contains (or satisfies) ``what``; returns it."""
        wanted = what if callable(what) else lambda said: what in said
        await self.slack.wait_for(lambda _: wanted(self.said(thread_ts)), timeout)
        return self.said(thread_ts)

    async def see_ended(self, thread_ts: str, turns: int = 1, timeout: float = 20) -> str:
        """Wait until ``turns`` turns of the thread are shown as ended."""
        return await self.see(thread_ts, lambda said: ended_turns(said) >= turns, timeout)

    def said(self, thread_ts: str) -> str:
        """Everything the bot's messages in the thread show, as text."""
        return "\n".join(shown_text(m) for m in self.answers(thread_ts))


def shown_text(message: Message) -> str:
    return "\n".join(_strings(message.blocks or [])) or message.text


def ended_turns(said: str) -> int:
    """How many footers of ended turns the text has."""
    return sum(
        " turn " in line and not line.startswith(("Working", "Waiting", "Stopping"))
        for line in (f" {line}" if line.startswith("turn ") else line for line in said.splitlines())
        if line.rsplit("turn ", 1)[-1].isdigit()
    )


def _strings(value: object) -> list[str]:
    match value:
        case {"type": "button"}:
            return []
        case dict():
            return [
                s
                for key, v in value.items()
                if key in ("text", "title", "elements", "tasks", "details", "output")
                for s in _strings(v)
            ]
        case list() | tuple():
            return [s for v in value for s in _strings(v)]
        case str():
            return [value]
        case _:
            return []


@contextlib.asynccontextmanager
async def rig_on(home: Path, *, rate_limits: bool = False, **options: Any) -> AsyncIterator[Rig]:
    """A local Slack and a Rig on it; the service is started by the test."""
    async with LocalSlack(manifest(), rate_limits=rate_limits) as slack:
        rig = Rig(slack, home, **options)
        try:
            yield rig
        finally:
            await rig.stop()
