"""`reins run`."""

from __future__ import annotations

import asyncio
import os
import signal

import typer

from bot.app import Service, spare_the_collector
from bot.cli import places
from bot.logs import configure_logs, log_uncaught


def add_to(app: typer.Typer) -> None:
    app.command("run")(run)


def run() -> None:
    """Run the service until SIGTERM or Ctrl-C: then no new turn starts, running ones get time to finish."""
    env = places.environment()
    settings = places.config(env)
    keys = settings.resolve_keys(os.environ)
    redactor = places.redactor(env, settings)
    env.slack_tokens()
    configure_logs(redactor)
    log_uncaught()

    async def serve() -> None:
        service = Service(env, settings, keys, redactor)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, service.stop)
        await service.run()

    spare_the_collector()
    asyncio.run(serve())
