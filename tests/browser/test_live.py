"""What changes on the page changes in place: focus, scrolling and what one began to write stay."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page, expect

from bot.localslack import LocalSlack
from tests.browser.gallery import mrkdwn, plain
from tests.contract.localslack_app import manifest, web_client

LINES = "\n".join(f"line {number}" for number in range(40))


def working(steps: int) -> list[dict[str, Any]]:
    button = {"type": "button", "action_id": "stop", "value": "7", "text": plain("Stop")}
    plan = {
        "type": "plan",
        "title": f"{steps} steps",
        "tasks": [{"task_id": f"{n}", "title": f"step {n}", "status": "complete"} for n in range(steps)],
    }
    head = {"type": "context", "elements": [mrkdwn("demo")]}
    prose = {"type": "markdown", "text": "word " * steps}
    return (
        [head, *([plan] if steps else []), prose, {"type": "actions", "elements": [button]}]
        if steps
        else [head, {"type": "actions", "elements": [button]}]
    )


async def test_a_button_keeps_its_focus_while_its_message_grows(page: Page) -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        _, channel = _team(slack)
        client = web_client(slack)
        post = await client.chat_postMessage(channel=channel, text="working", blocks=working(0))
        await page.goto(slack.page_address)
        stop = page.get_by_role("button", name="Stop", exact=True)
        await stop.focus()
        for steps in range(1, 6):
            await client.chat_update(channel=channel, ts=post["ts"], text="working", blocks=working(steps))
        await expect(page.get_by_text("step 4")).to_be_visible()
        await expect(stop).to_be_focused()

        await page.locator(".ls-plan > summary").click()
        await expect(page.get_by_text("step 4")).to_be_hidden()
        await client.chat_update(channel=channel, ts=post["ts"], text="working", blocks=working(7))
        await expect(page.get_by_text("7 steps")).to_be_visible()
        await expect(page.get_by_text("step 4")).to_be_hidden()


async def test_the_list_follows_only_whoever_is_at_its_end(page: Page) -> None:
    async with LocalSlack(manifest()) as slack:
        ann, channel = _team(slack)
        for _ in range(4):
            await slack.say(ann, channel, LINES)
        await page.goto(slack.page_address)
        await slack.say(ann, channel, "the newest")
        await expect(page.get_by_text("the newest")).to_be_in_viewport()

        await page.locator("#ls-pane .ls-scroll").hover()
        await page.mouse.wheel(0, -1500)
        seen = page.get_by_text("the newest")
        await expect(seen).not_to_be_in_viewport()
        scroller = page.locator("#ls-pane .ls-scroll")
        top = await scroller.evaluate("element => element.scrollTop")
        await slack.say(ann, channel, "even newer")
        more = page.get_by_role("button", name="New messages")
        await expect(more).to_be_visible()
        assert await scroller.evaluate("element => element.scrollTop") == top
        await more.click()
        await expect(page.get_by_text("even newer")).to_be_in_viewport()


async def test_what_was_begun_survives_other_peoples_messages_and_a_reconnect(page: Page) -> None:
    async with LocalSlack(manifest()) as slack:
        _, channel = _team(slack)
        bob = next(who.id for who in slack.state.users.values() if who.name == "bob")
        await page.goto(slack.page_address)
        await page.locator("#ls-composer").fill("half a sen")
        await slack.say(bob, channel, "interrupting")
        await expect(page.get_by_text("interrupting")).to_be_visible()
        slack.add_user("cleo")  # everything is sent anew
        await expect(page.get_by_role("button", name="cleo")).to_be_visible()
        await expect(page.locator("#ls-composer")).to_have_value("half a sen")
        await expect(page.locator("#ls-composer")).to_be_focused()


async def test_unread_channels_are_marked_until_they_are_opened(page: Page) -> None:
    async with LocalSlack(manifest()) as slack:
        _, _ = _team(slack)
        users = {who.name: who.id for who in slack.state.users.values()}
        other = slack.add_channel("random", [users["ann"], users["bob"]])
        await page.goto(slack.page_address)
        await slack.say(users["bob"], other, "look here")
        entry = page.get_by_role("link", name="random")
        await expect(entry.get_by_label("1 unread")).to_be_visible()
        await entry.click()
        await expect(page.get_by_text("look here")).to_be_visible()
        await expect(entry.get_by_label("1 unread")).to_have_count(0)


def _team(slack: LocalSlack) -> tuple[str, str]:
    ann, bob = slack.add_user("ann"), slack.add_user("bob")
    return ann, slack.add_channel("general", [ann, bob])
