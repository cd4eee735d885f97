"""Where the CLIs under test are: ``.harnesses/`` of the checkout, or where REINS_TEST_HARNESSES says."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

from harnesses.install import directory, install

_HERE = Path(__file__).parent
_MOCK = _HERE / "mock"


def harnesses_root() -> Path:
    return Path(os.environ.get("REINS_TEST_HARNESSES", _HERE.parent.parent / ".harnesses"))


def ensure_harness(name: str) -> Path:
    """Install the harness unless it is there; its `Spec.install_dir`. Blocking; minutes when it is not there."""
    root = harnesses_root()
    asyncio.run(install(name, root))
    return directory(name, root)


def ensure_mock() -> Path:
    """Install the mock model server unless it is there; its program. Blocking."""
    program = _MOCK / "node_modules/@copilotkit/aimock/dist/cli.js"
    if not program.exists():
        npm_ci = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(npm_ci, cwd=_MOCK, check=True, capture_output=True, timeout=300)
    return program
