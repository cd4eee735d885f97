"""axe-core finds nothing serious in any state of the page, in light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from bot.localslack import LocalSlack
from tests.browser import gallery
from tests.browser.axe import violations
from tests.contract.localslack_app import bolt, manifest, web_client


async def test_the_demo_is_accessible(demo: LocalSlack, page: Page, axe_source: str, screenshots: Path) -> None:
    await page.goto(demo.page_address)
    await expect(page.get_by_role("button", name="See it fail")).to_be_visible()
    assert await violations(page) == []

    await page.get_by_role("button", name="Watch it work").click()
    await expect(page.locator("#ls-thread")).to_contain_text("18,240 tokens in", timeout=30_000)
    assert await violations(page) == []

    await page.emulate_media(color_scheme="dark")
    await page.screenshot(path=screenshots / "dark.png")
    assert await violations(page) == []

    await page.set_viewport_size({"width": 400, "height": 800})
    await page.screenshot(path=screenshots / "narrow-thread.png")
    assert await violations(page) == []
    await page.get_by_role("button", name="Close thread").click()
    await page.get_by_role("button", name="Channels and people").click()
    await expect(page.get_by_role("link", name="general")).to_be_focused()
    await page.screenshot(path=screenshots / "narrow-side.png")
    assert await violations(page) == []
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Channels and people")).to_be_focused()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= 400


async def test_every_block_and_a_modal_with_an_error_are_accessible(
    page: Page, axe_source: str, screenshots: Path
) -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, _, _):

        @app.command("/agent")
        async def command(ack: Any, body: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=gallery.FORM)

        @app.view("schedule")
        async def submitted(ack: Any) -> None:
            await ack(response_action="errors", errors={"name": "That name is taken."})

        ann = slack.add_user("ann")
        channel = slack.add_channel("general", [ann])
        await web_client(slack).chat_postMessage(channel=channel, text="gallery", blocks=gallery.blocks())
        await page.goto(slack.page_address)
        await page.emulate_media(color_scheme="dark")
        await expect(page.locator(".ls-plan")).to_be_visible()
        assert await violations(page) == []
        await page.locator("#ls-composer").fill("/agent")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog").locator("input, textarea").first).to_be_focused()
        await page.keyboard.type("x")
        await page.get_by_role("dialog").get_by_label("Where").select_option("here")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("That name is taken.")).to_be_visible()
        await page.screenshot(path=screenshots / "modal-dark.png")
        assert await violations(page) == []
        await page.emulate_media(color_scheme="light")
        assert await violations(page) == []
