from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from bot.demo import running, scripted_agent
from bot.localslack import LocalSlack
from tests.browser import axe, chromium

SCREENSHOTS = Path(__file__).parents[2] / "artifacts" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_program() -> str:
    try:
        return chromium.program()
    except chromium.NoChromium as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def axe_source() -> str:
    return axe.source()


@pytest.fixture
async def browser(chromium_program: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_program, args=chromium.ARGS)
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A window of 1280 x 800. What its console says as an error, or fails to load, fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(15_000)
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"{error}"))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    yield page
    await context.close()
    assert problems == []


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[LocalSlack]:
    """The whole demo, in this process."""
    home = tmp_path / "demo"
    async with running(scripted_agent(home), home, port=0) as (slack, _):
        yield slack


@pytest.fixture
def screenshots() -> Path:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    return SCREENSHOTS
