"""`reins demo`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import places
from bot.demo import LOG_NAME, Agent, running, scripted_agent


def add_to(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option(help="of the page, on 127.0.0.1; 0 takes a free one")] = 0,
    agent: Annotated[
        str | None, typer.Option(help="an agent of reins.toml, to run for real; else a scripted one, without a model")
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="an empty directory to keep what is recorded; else a temporary one")
    ] = None,
    browser: Annotated[bool, typer.Option(help="open the page when there is a display")] = True,
) -> None:
    """Try Reins without a Slack account: the whole service on a Slack of its own, in your browser. Ctrl-C ends it."""
    with _home(home) as place:
        chosen = scripted_agent(place) if agent is None else _of_settings(agent)
        asyncio.run(_serve(chosen, place, port, browser=browser))


@contextlib.contextmanager
def _home(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given.expanduser().absolute()
        return
    with tempfile.TemporaryDirectory(prefix="reins-demo-", ignore_cleanup_errors=True) as place:
        yield Path(place)


def _of_settings(name: str) -> Agent:
    env = places.environment()
    settings = places.config(env)
    if name not in settings.agents:
        known = ", ".join(sorted(settings.agents))
        raise typer.BadParameter(f"there is no agent {name!r} in {env.config_path}; choose one of: {known}")
    provider = settings.agents[name].provider
    only = settings.model_copy(
        update={
            "agents": {name: settings.agents[name]},
            "providers": {} if provider is None else {provider: settings.providers[provider]},
        }
    )
    return Agent(name, only, only.resolve_keys(os.environ), places.harness_root(env))


async def _serve(agent: Agent, home: Path, port: int, *, browser: bool) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with running(agent, home, port=port) as (slack, service):
        typer.echo(
            "Reins is running on a Slack of its own. Open this address; it is for you alone:\n\n"
            f"  {slack.page_address}\n"
        )
        typer.echo(f"Its log is {home / LOG_NAME}. Ctrl-C ends it.")
        sys.stdout.flush()
        if browser and _has_display():
            await asyncio.to_thread(webbrowser.open, slack.page_address)
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait((waiting, service), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    typer.echo(
        "\nThe demo has ended." + ("" if home.name.startswith("reins-demo-") else f" What it recorded is in {home}.")
    )


def _has_display() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
