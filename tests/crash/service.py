"""The service as a process of its own, wired as in production; it can be told to die at one fault point.

    python -m tests.crash.service [POINT NTH]

Environment variables as for `reins`. Its faults are an argument of this launcher: the product has no setting for them.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import cast

from bot.app import Service
from bot.logs import configure_logs
from bot.redaction import Redactor
from bot.settings import load_config, load_environment
from harnesses import catalog
from storage.errors import StorageRefused
from storage.faults import FaultPoint, arm


def main(arguments: list[str]) -> None:
    if arguments:
        point, nth = arguments
        arm(cast(FaultPoint, point), lambda: os.kill(os.getpid(), signal.SIGKILL), int(nth))
    try:
        asyncio.run(_serve())
    except StorageRefused as refused:
        sys.exit(str(refused))


async def _serve() -> None:
    environment = load_environment()
    config = load_config(
        environment.config_path, harness_apis={name: catalog.get(name).apis for name in catalog.names()}
    )
    keys = config.resolve_keys(os.environ)
    secrets = [*keys.values(), *environment.slack_tokens()]
    redactor = Redactor([secret.get_secret_value() for secret in secrets])
    configure_logs(redactor)
    service = Service(environment, config, keys, redactor)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, service.stop)
    await service.run()


if __name__ == "__main__":
    main(sys.argv[1:])
