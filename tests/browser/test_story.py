"""A newcomer's first minutes, by mouse and keyboard, with the whole service behind the page."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Locator, Page, expect

from bot.localslack import LocalSlack

TALLEST_PX = 620


async def test_a_newcomer_talks_stops_fails_gets_a_file_and_edits(
    demo: LocalSlack, page: Page, screenshots: Path
) -> None:
    thread, reply = page.locator("#ls-thread"), page.locator("#ls-reply")

    await page.goto(demo.page_address)
    await expect(page.get_by_text("No model is behind this demo agent").first).to_be_visible()
    await page.screenshot(path=screenshots / "welcome.png")

    # A mention with the keyboard only: "@" offers the app, Enter takes it and Enter sends.
    await page.locator("#ls-composer").click()
    await page.keyboard.type("@rei")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.keyboard.type("hello")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("there")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="1 reply").click()
    await expect(thread).to_contain_text("This is prompt 1 of this session")
    await expect(reply).to_be_focused()

    # A reply continues the session.
    await page.keyboard.type("and again")
    await page.keyboard.press("Enter")
    await expect(thread).to_contain_text("This is prompt 2 of this session")

    # Escape closes the thread and gives the focus back to what opened it.
    await page.keyboard.press("Escape")
    await expect(thread).to_be_hidden()
    await expect(page.locator(".ls-replies").last).to_be_focused()

    # A whole story: plan, tool calls, prose, live.
    await page.get_by_role("button", name="Watch it work").click()
    await expect(reply).to_be_focused()
    await expect(thread.locator("[data-status=in_progress]").first).to_be_visible()
    await expect(thread.get_by_role("button", name="Stop", exact=True)).to_be_visible()
    await page.screenshot(path=screenshots / "working.png")
    await expect(thread).to_contain_text("18,240 tokens in", timeout=30_000)
    await expect(thread.locator("[data-status=complete]")).to_have_count(8)
    await expect(thread.locator("[data-status=error]")).to_contain_text("4 failed, 16 passed")
    await expect(thread.get_by_role("heading", name="The flaky test is fixed")).to_be_visible()
    await assert_no_hole(thread)
    await page.screenshot(path=screenshots / "done.png")

    # Stop with the button.
    await page.get_by_role("button", name="Stop it").click()
    await expect(thread).to_contain_text("1 2 3")
    await thread.get_by_role("button", name="Stop", exact=True).click()
    await expect(thread).to_contain_text("Stopped.")
    await expect(thread.get_by_role("button", name="Stop", exact=True)).to_have_count(0)

    # A failure says why.
    await page.get_by_role("button", name="See it fail").click()
    await expect(thread).to_contain_text("This turn failed.")
    await expect(thread).to_contain_text("529")
    await assert_no_hole(thread)
    await page.screenshot(path=screenshots / "failed.png")

    # Too long for messages: a file with all of it.
    await page.get_by_role("button", name="A file").click()
    async with page.expect_download() as downloading:
        await thread.locator(".ls-file-card").click(timeout=40_000)
    content = (await (await downloading.value).path()).read_text()
    assert content.count("the quick brown fox") > 1_000

    # Another person sees the channel, and changes what they wrote.
    await page.get_by_role("button", name="bob").click()
    await expect(page.locator('.ls-people [aria-pressed="true"]')).to_have_text("Bbob")
    await page.locator("#ls-composer").fill("I am bbo")
    await page.keyboard.press("Enter")
    mine = page.locator("#ls-pane .ls-message").last
    await expect(mine).to_contain_text("I am bbo")
    await page.locator("#ls-composer").press("ArrowUp")
    await page.keyboard.press("ControlOrMeta+A")
    await page.keyboard.type("I am bob")
    await page.keyboard.press("Enter")
    await expect(mine).to_contain_text("I am bob")
    await expect(mine).to_contain_text("(edited)")


async def assert_no_hole(where: Locator) -> None:
    """No block is taller than what it says: a style that leaks makes holes that no other check sees."""
    heights = [
        round(box["height"]) for block in await where.locator(".ls-block").all() if (box := await block.bounding_box())
    ]
    assert heights
    assert max(heights) < TALLEST_PX, heights
    for block in await where.locator(".ls-context").all():
        box = await block.bounding_box()
        assert box is not None
        assert 12 <= box["height"] < 80
