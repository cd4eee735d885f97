from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness_cli.installs import ensure_harness, ensure_mock
from tests.harness_cli.mock_model import MockModel


@pytest.fixture(scope="session")
def claude_code_install() -> Path:
    return ensure_harness("claude-code")


@pytest.fixture(scope="session")
def opencode_install() -> Path:
    return ensure_harness("opencode")


@pytest.fixture(scope="session")
def mock_program() -> Path:
    return ensure_mock()


@pytest.fixture
async def mock_model(mock_program: Path) -> AsyncIterator[MockModel]:
    async with MockModel(mock_program) as model:
        yield model
