"""The demo: the whole service on a Slack of its own, in one process, for a person with a browser.

    DemoError      it cannot start; the message says what to do about it

The local Slack lives in memory. What Reins keeps about it is worth nothing afterwards (the threads it names are gone),
so by default its home is a new temporary directory that goes too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from bot.app import Service
from bot.localslack import LocalSlack, Suggestion, Welcome
from bot.logs import configure_logs
from bot.redaction import Redactor
from bot.settings import Config, Environment, load_config
from bot.slack.surface.manifest import manifest
from harnesses import catalog, install

PEOPLE = ("ann", "bob")
CHANNELS = ("general", "random")
LOG_NAME = "demo.log"
_READY_S = 30.0
_DRAIN_S = 2.0

_SCRIPTED_NOTE = (
    "No model is behind this demo agent: it follows the script a prompt names. Everything else is the real Reins."
)
_SCRIPTED = (
    (
        "Watch it work",
        "A plan, tool calls, one that fails, and an answer that streams in",
        "fix the flaky test",
        "story",
    ),
    ("Just talk", "Answers at once and remembers the thread: reply in it", "hello, what can you do?", ""),
    (
        "Stop it",
        "Counts for a minute: press Stop, react with a cross, or reply !stop",
        "count to 300",
        "stream 300 200ms",
    ),
    (
        "See it fail",
        "The provider refuses: the thread says why and what to do",
        "ask a busy provider",
        "provider-error 529",
    ),
    ("A long answer", "More than one message holds: it rolls over, nothing is lost", "list everything", "long 14000"),
    ("A file", "Too long for messages: the whole answer comes as a file", "list far too much", "long 60000"),
)
_REAL = (
    ("Say hello", "A short question first", "hello! In one sentence: what can you do here?"),
    ("Look around", "It works in a directory of its own", "which directory are you in, and what is in it?"),
    (
        "Write something",
        "Watch the steps it takes",
        "write a small Python script that prints the next three leap years, and run it",
    ),
)

SETTINGS = """\
[defaults]
agent = "demo"

[agents.demo]
harness = "scripted"
sandbox = "none"      # the scripted harness only does what its scripts say
policy = "allow-all"

[limits]
turn_messages = 3     # so that a file comes soon
"""


class DemoError(Exception):
    """The demo cannot start. Shown as it is."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Which agent answers, by whose settings. ``harness_root``: where its harness is installed."""

    name: str
    config: Config
    keys: Mapping[str, SecretStr]
    harness_root: Path


def scripted_agent(home: Path) -> Agent:
    """The agent without a model. Its settings are a file in ``home`` like any other, to look at while it runs."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / "reins.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    apis = {name: catalog.get(name).apis for name in catalog.names()}
    return Agent("demo", load_config(path, harness_apis=apis), {}, home / "harnesses")


def welcome(agent: Agent, app: str) -> Welcome:
    harness = agent.config.agents[agent.name].harness
    if harness == "scripted":
        tries = (
            Suggestion(title, about, f"@{app} {asked}" + (f"\nscript: {script}" if script else ""))
            for title, about, asked, script in _SCRIPTED
        )
        return Welcome(_SCRIPTED_NOTE, tuple(tries))
    note = (
        f"The agent {agent.name} ({harness}) answers here for real: "
        "it may act on this machine and spend at its provider."
    )
    return Welcome(note, tuple(Suggestion(title, about, f"@{app} {asked}") for title, about, asked in _REAL))


@contextlib.asynccontextmanager
async def running(agent: Agent, home: Path, *, port: int) -> AsyncIterator[tuple[LocalSlack, asyncio.Task[None]]]:
    """A seeded local Slack with the service connected to it, and the service's task, which ends early only if the
    service failed. ``home`` must hold no database yet. Raises `DemoError`."""
    await asyncio.to_thread(_prepare, home, agent)
    app = manifest()["features"]["bot_user"]["display_name"]
    try:
        slack = await LocalSlack(manifest(), port=port, welcome=welcome(agent, app)).__aenter__()
    except OSError as error:
        raise DemoError(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.") from error
    keys = (key.get_secret_value() for key in agent.keys.values())
    redactor = Redactor([slack.bot_token, slack.app_token, *keys])
    log = await asyncio.to_thread((home / LOG_NAME).open, "w", encoding="utf-8")
    try:
        people = [slack.add_user(name) for name in PEOPLE]
        for name in CHANNELS:
            slack.add_channel(name, people)
        configure_logs(redactor, log)
        service = Service(_environment(slack, home), _for_the_demo(agent), agent.keys, redactor)
        task = asyncio.create_task(service.run(), name="service")
        try:
            await _ready(service, task)
            yield slack, task
        finally:
            service.stop()
            await asyncio.wait((task,))
        task.result()
    finally:
        await slack.__aexit__(None, None, None)
        configure_logs(redactor)
        log.close()


def _prepare(home: Path, agent: Agent) -> None:
    home.mkdir(parents=True, exist_ok=True)
    if (home / "reins.db").exists():
        raise DemoError(f"{home} already holds a database of Reins. The demo starts fresh: give it an empty directory.")
    harness = agent.config.agents[agent.name].harness
    if not install.installed(harness, agent.harness_root):
        raise DemoError(f"The harness {harness} is not installed. Run `reins harness install {harness}`.")
    if agent.harness_root != home / "harnesses" and agent.harness_root.exists():
        (home / "harnesses").symlink_to(agent.harness_root)


def _environment(slack: LocalSlack, home: Path) -> Environment:
    return Environment.model_validate(
        {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "REINS_HOME": str(home),
        }
    )


def _for_the_demo(agent: Agent) -> Config:
    """The settings with this agent answering everywhere, and an end that does not keep a person waiting."""
    config = agent.config
    return config.model_copy(
        update={
            "defaults": config.defaults.model_copy(update={"agent": agent.name}),
            "channels": {},
            "timeouts": config.timeouts.model_copy(update={"drain": min(_DRAIN_S, config.timeouts.drain)}),
        }
    )


async def _ready(service: Service, task: asyncio.Task[None]) -> None:
    ready = asyncio.create_task(service.ready.wait())
    done, _ = await asyncio.wait((task, ready), timeout=_READY_S, return_when=asyncio.FIRST_COMPLETED)
    if ready in done:
        return
    ready.cancel()
    if task in done:
        task.result()
    raise DemoError(
        f"The service did not become ready within {_READY_S:.0f} seconds; {LOG_NAME} in its home says more."
    )
