"""`reins init`, `reins manifest` and `reins doctor`: from nothing to saying hello in a channel."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot import control
from bot.cli import places
from bot.init_files import Answers, starter_files, write_starter_files
from bot.settings import Config, ConfigError, Environment
from bot.slack.client import SlackRefused, check_app_token, identify, make_client
from bot.slack.surface.manifest import create_app_link, render
from harnesses import catalog, install
from storage.database import Storage
from storage.errors import StorageError

Finding = tuple[bool, str]


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("manifest")(manifest)
    app.command("doctor")(doctor)


def init(
    folder: Annotated[Path, typer.Argument(help="where the two files are written")] = Path(),
    harness: Annotated[
        str,
        typer.Option(prompt=f"Which harness? ({', '.join(catalog.names())})", help="the program that runs the agent"),
    ] = "claude-code",
) -> None:
    """Write a commented reins.toml and a private reins.env, and say where the Slack app comes from."""
    apis = catalog.get(harness).apis
    for path in write_starter_files(folder, starter_files(Answers(harness, apis[0] if apis else None))):
        typer.echo(f"wrote {path}")
    typer.echo(f"\nCreate the Slack app from this link, then put its two tokens into reins.env:\n{create_app_link()}")
    typer.echo("\nThen:  set -a; . ./reins.env; set +a; reins doctor")


def manifest() -> None:
    """Print the Slack app's manifest."""
    typer.echo(render(), nl=False)


def doctor() -> None:
    """Check what a working Reins needs, one line each. Exit code 1 and a next step for whatever is missing."""
    sick = False
    for ok, line in asyncio.run(_examine()):
        sick = sick or not ok
        typer.echo(f"{'ok  ' if ok else 'TODO'} {line}")
    if sick:
        raise typer.Exit(1)
    typer.echo("\nAll is well. Invite the app to a channel and mention it to say hello.")


async def _examine() -> list[Finding]:
    env = places.environment()
    findings: list[Finding] = []
    try:
        settings = places.config(env)
        settings.resolve_keys(os.environ)
        findings.append((True, f"settings: {env.config_path}"))
        findings += _harnesses(env, settings)
    except ConfigError as error:
        findings.append((False, f"settings: {error}"))
    findings.append(await _service(env))
    findings += await _slack(env)
    return findings


def _harnesses(env: Environment, settings: Config) -> Iterator[Finding]:
    for name in sorted({agent.harness for agent in settings.agents.values()}):
        installed = install.installed(name, places.harness_root(env))
        yield installed, f"harness {name}" if installed else f"harness {name}: run `reins harness install {name}`"


async def _service(env: Environment) -> Finding:
    """The running service's own word, or whether one could start on this database."""
    try:
        health = await control.ask(env.REINS_HOME, {"do": "health"})
        if health is not None:
            return not health["unwell"], "service: running" + "".join(f"; {why}" for why in health["unwell"])
        if not await asyncio.to_thread((env.REINS_HOME / "reins.db").exists):
            return True, f"data: {env.REINS_HOME} (made at the first `reins run`)"
        reader = await Storage.open_read_only(env.REINS_HOME)
        await reader.close()
    except (control.ControlFailed, StorageError) as error:
        return False, f"data: {error}"
    return True, f"data: {env.REINS_HOME} (no service is running)"


async def _slack(env: Environment) -> list[Finding]:
    try:
        bot_token, app_token = env.slack_tokens()
        client = make_client(bot_token, env.SLACK_API_URL)
        who = await identify(client)
        await check_app_token(client, app_token)
    except (ConfigError, SlackRefused) as error:
        return [(False, f"Slack: {error}")]
    return [(True, f"Slack: {who.team} as {who.user}")]
