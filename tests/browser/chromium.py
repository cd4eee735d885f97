"""Where Chromium is and how it is started: quiet, headless, asking nothing of the network by itself."""

from __future__ import annotations

import os
import shutil

ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromium(Exception):
    """There is no Chromium to drive; the message says how to get one."""


def program() -> str:
    """Raises NoChromium."""
    found = os.environ.get("REINS_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise NoChromium(
            "There is no `chromium` in PATH. Install Debian's package `chromium`, or name one in REINS_TEST_CHROMIUM."
        )
    return found
