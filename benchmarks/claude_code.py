"""Claude Code as the benchmarks run it: the pinned install, and a mock model server without latency of its own.

The mock is the one that the tests of harnesses use (`tests.harness_cli`, development code): aimock from npm.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.harness_cli.installs import ensure_mock, harnesses_root
from tests.harness_cli.mock_model import MockModel

KEY = "sk-ant-mock-key-0123456789"
SETTINGS = """
[defaults]
agent = "coder"

[agents.coder]
harness = "claude-code"
sandbox = "none"
policy = "allow-all"

[providers.mock]
api = "anthropic"
base_url = "{base_url}"
key = "env:MOCK_KEY"

[limits]
max_running = {max_running}

[timeouts]
idle = {idle_s}
"""


def mock_model() -> MockModel:
    """Blocking when it has to be installed."""
    return MockModel(ensure_mock())


def installed() -> bool:
    """Whether `make test-harnesses` or `reins harness install` put it where the tests look, and Node.js is there."""
    return shutil.which("node") is not None and (harnesses_root() / "claude-code" / "node_modules").is_dir()


def cli() -> Path:
    """The executable that the ACP adapter starts. Raises FileNotFoundError."""
    sdk = harnesses_root() / "claude-code" / "node_modules" / "@anthropic-ai"
    for path in sorted(sdk.glob("claude-agent-sdk-*/claude")):
        return path
    raise FileNotFoundError(f"no claude-agent-sdk-*/claude below {sdk}: install the harness, as docs/harnesses.md says")


def give_to(home: Path) -> dict[str, str]:
    """Have the Reins in ``home`` use the install; what its environment needs besides."""
    (home / "harnesses").symlink_to(harnesses_root().absolute())
    return {"MOCK_KEY": KEY}
