"""`reins harness list|install|check`."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import typer

from bot.cli import places
from bot.settings import Config
from harnesses import catalog, install, selfcheck
from harnesses.profile import Provider

harness = typer.Typer(help="The programs that run agents.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.add_typer(harness, name="harness")


@harness.command("list")
def list_harnesses() -> None:
    """The harnesses Reins knows, and whether each is installed."""
    root = places.harness_root(places.environment())
    for name in catalog.names():
        profile = catalog.get(name)
        state = "installed" if install.installed(name, root) else f"not installed: reins harness install {name}"
        apis = " or ".join(profile.apis) or "no provider needed"
        typer.echo(f"{name:<14} {apis:<20} {state}")
        for sentence in profile.unasked:
            typer.echo(f"{'':<14} without asking: {sentence}")


@harness.command("install")
def install_harness(name: str) -> None:
    """Install a harness at its locked version. Needs npm."""
    root = places.harness_root(places.environment())
    asyncio.run(install.install(name, root))
    typer.echo(f"{name} is installed in {install.directory(name, root)}.")


@harness.command("check")
def check_harness(agent: Annotated[str, typer.Argument(help="an agent of reins.toml")]) -> None:
    """Run the contract checks against an agent's harness, with its own provider. Costs a few short prompts."""
    env = places.environment()
    settings = places.config(env)
    if agent not in settings.agents:
        raise typer.BadParameter(f"there is no agent {agent!r}; choose one of: {', '.join(sorted(settings.agents))}")
    results = asyncio.run(
        selfcheck.check(
            catalog.get(settings.agents[agent].harness),
            install_dir=install.directory(settings.agents[agent].harness, places.harness_root(env)),
            provider=_provider(settings, agent),
            model=settings.agents[agent].model,
            scrub=places.redactor(env, settings).scrub,
        )
    )
    verdicts = {True: "ok  ", False: "FAIL", None: "skip"}
    for result in results:
        typer.echo(f"{verdicts[result.ok]} {result.name}{': ' if result.detail else ''}{result.detail}")
    if any(result.ok is False for result in results):
        raise typer.Exit(1)


def _provider(settings: Config, agent: str) -> Provider | None:
    name = settings.agents[agent].provider
    if name is None:
        return None
    chosen = settings.providers[name]
    return Provider(chosen.api, chosen.base_url, settings.resolve_keys(os.environ)[name].get_secret_value())
