"""`reins harness list|install|check`."""

from __future__ import annotations

import asyncio
import os

import typer

from bot.cli import places
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
def check_harness(agent: str = typer.Argument(help="an agent of reins.toml")) -> None:
    """Run the contract checks against an agent's harness, with its own provider. Costs a few short prompts."""
    env = places.environment()
    settings = places.config(env)
    if agent not in settings.agents:
        raise typer.BadParameter(f"there is no agent {agent!r}; choose one of: {', '.join(sorted(settings.agents))}")
    chosen = settings.agents[agent]
    keys = settings.resolve_keys(os.environ)
    provider = None
    if chosen.provider is not None:
        named = settings.providers[chosen.provider]
        provider = Provider(named.api, named.base_url, keys[chosen.provider].get_secret_value())
    results = asyncio.run(
        selfcheck.run(chosen.harness, root=places.harness_root(env), provider=provider, model=chosen.model)
    )
    for result in results:
        typer.echo(f"{'ok  ' if result.ok else 'FAIL'} {result.name}: {result.detail}")
    if not all(result.ok for result in results):
        raise typer.Exit(1)
