"""Child: a whole Reins, as `bot.app` composes it. Says ``opening`` before storage is opened, ``ready`` when gestures
can arrive; logs go to the file REINS_LOG."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from bot.app import Service, spare_the_collector
from bot.logs import configure_logs
from bot.redaction import Redactor
from bot.settings import load_config, load_environment
from harnesses import catalog
from harnesses.profile import Profile


async def main(profiles: Callable[[str], Profile] = catalog.get) -> None:
    environment = load_environment()
    config = load_config(environment.config_path, harness_apis={n: catalog.get(n).apis for n in catalog.names()})
    keys = config.resolve_keys(os.environ)
    secrets = [*keys.values(), *environment.slack_tokens()]
    redactor = Redactor([secret.get_secret_value() for secret in secrets])
    with Path(os.environ["REINS_LOG"]).open("a", encoding="utf-8") as log:  # noqa: ASYNC230 - before anything runs
        configure_logs(redactor, log)
        service = Service(environment, config, keys, redactor, profiles)
        print(json.dumps({"said": "opening"}), flush=True)
        running = asyncio.create_task(service.run())
        ready = asyncio.create_task(service.ready.wait())
        await asyncio.wait((running, ready), return_when=asyncio.FIRST_COMPLETED)
        if service.ready.is_set():
            print(json.dumps({"said": "ready"}), flush=True)
        ready.cancel()
        await running


if __name__ == "__main__":
    spare_the_collector()
    asyncio.run(main())
