"""The suite that anyone can run passes for the real harnesses, the declared exceptions included."""

from __future__ import annotations

from pathlib import Path

import pytest

from harnesses import catalog
from harnesses.profile import Provider
from harnesses.selfcheck import CHECKS, check
from tests.harness_cli.failing_provider import failing_provider
from tests.harness_cli.installs import ensure_harness
from tests.harness_cli.mock_control import MockControl
from tests.harness_cli.mock_model import MockModel

pytestmark = [pytest.mark.harness_cli, pytest.mark.timeout(300)]

KEY = "sk-mock-key"


@pytest.fixture(scope="session", params=["claude-code", "opencode"])
def harness(request: pytest.FixtureRequest) -> tuple[str, Path]:
    return request.param, ensure_harness(request.param)


@pytest.mark.parametrize("name", CHECKS)
async def test_a_real_harness_keeps_the_promise(name: str, harness: tuple[str, Path], mock_model: MockModel) -> None:
    profile, install_dir = catalog.get(harness[0]), harness[1]
    async with failing_provider() as failing:
        [result] = await check(
            profile,
            install_dir=install_dir,
            provider=Provider("anthropic", mock_model.base_url, KEY),
            model="claude-sonnet-4-5",
            other_model={"claude-code": "haiku", "opencode": "claude-haiku-4-5"}[profile.name],
            controlled=MockControl(profile.name, mock_model, Provider("anthropic", failing, KEY)),
            only=[name],
        )
    expected = (None, profile.cannot[name]) if name in profile.cannot else (True, "")
    assert (result.ok, result.detail) == expected, result.detail
