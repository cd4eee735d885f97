"""What an app can put before a person works with mouse and keyboard: controls, modals, commands, Home, files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from bot.localslack import LocalSlack
from tests.browser import gallery
from tests.contract.localslack_app import bolt, manifest, web_client


async def test_every_control_of_a_message_reaches_the_app_and_every_block_is_drawn(
    page: Page, screenshots: Path
) -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):
        for name in ("more", "go", "no", "pick", "when", "feedback"):
            app.action(name)(_acknowledge)
        ann, channel = _team(slack)
        await web_client(slack).chat_postMessage(channel=channel, text="gallery", blocks=gallery.blocks())
        await page.goto(slack.page_address)
        post = page.locator(".ls-message").last

        await expect(post.locator(".ls-block")).to_have_count(len(gallery.blocks()))
        await expect(post.locator(".ls-unknown")).to_have_count(0)
        await expect(post.locator(".ls-section code").first).to_have_text("code <b>")
        await expect(post.locator(".ls-markdown code")).to_have_text("code <b> &amp;")
        await expect(post.locator(".ls-markdown p").first).to_contain_text("a <b>, bold, old")
        await expect(post.locator(".ls-context")).to_contain_text("asked by @ann")
        await page.screenshot(path=screenshots / "blocks.png")

        await post.get_by_role("button", name="Approve").click()
        await post.get_by_label("Where to").select_option("production")
        await post.get_by_label("When").fill("2026-12-24")
        await post.get_by_label("More actions").click()
        await post.get_by_role("button", name="Diff").click()
        await post.get_by_role("button", name="Bad").click()
        actions = [body["actions"][0] for body in await heard.wait("block_actions", 5)]

        assert {a["action_id"]: _value(a) for a in actions} == {
            "go": "1",
            "pick": "production",
            "when": "2026-12-24",
            "more": "diff",
            "feedback": "bad",
        }
        assert {body["user"]["id"] for body in heard.of("block_actions")} == {ann}
        await expect(post.locator(".ls-overflow-menu")).to_be_hidden()


async def test_a_command_opens_a_modal_whose_errors_stand_at_their_fields(page: Page, screenshots: Path) -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.command("/agent")
        async def command(ack: Any, body: Any, client: Any) -> None:
            await ack("One moment")
            await client.views_open(trigger_id=body["trigger_id"], view=gallery.FORM)

        @app.view("schedule")
        async def submitted(ack: Any, view: Any) -> None:
            if view["state"]["values"]["name"]["v"]["value"] == "bad":
                await ack(response_action="errors", errors={"name": "That name is taken."})
            else:
                await ack()

        _team(slack)
        await page.goto(slack.page_address)
        composer = page.locator("#ls-composer")
        await composer.click()
        await page.keyboard.type("/ag")
        await expect(page.get_by_role("option")).to_contain_text("Talk to an agent")
        await page.keyboard.press("Tab")
        await page.keyboard.type("every day")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="New schedule")
        await expect(dialog.get_by_label("Name")).to_be_focused()
        assert heard.of("/agent")[0]["text"] == "every day"
        await expect(page.get_by_text("Only visible to you")).to_be_visible()

        await page.keyboard.type("bad")
        await dialog.get_by_label("Where").select_option("there")
        await dialog.get_by_label("Friday").check()
        await dialog.get_by_label("Skip").check()
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog.get_by_text("That name is taken.")).to_be_visible()
        await expect(dialog.get_by_label("Name")).to_be_focused()
        await page.screenshot(path=screenshots / "modal.png")
        await dialog.get_by_label("Name").fill("good")
        await page.keyboard.press("Enter")
        await expect(dialog).to_be_hidden()
        await expect(composer).to_be_focused()

        values = (await heard.wait("view_submission", 2))[1]["view"]["state"]["values"]
        assert values["name"]["v"]["value"] == "good"
        assert values["what"]["v"]["value"] == "tidy up"
        assert values["where"]["v"]["selected_option"]["value"] == "there"
        assert [option["value"] for option in values["days"]["v"]["selected_options"]] == ["friday"]
        assert values["late"]["v"]["selected_option"]["value"] == "skip"


async def test_escape_closes_a_modal(page: Page) -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, _, _):

        @app.command("/agent")
        async def command(ack: Any, body: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=gallery.FORM)

        ann, _ = _team(slack)
        await page.goto(slack.page_address)
        await page.locator("#ls-composer").fill("/agent")
        await page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_hidden()
        assert slack.open_views(ann) == []


async def test_the_home_of_the_app_is_a_tab_of_its_conversation(page: Page) -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (app, heard, _):

        @app.action("refresh")
        async def refresh(ack: Any) -> None:
            await ack()

        ann, _ = _team(slack)
        await web_client(slack).views_publish(user_id=ann, view=gallery.HOME)
        await page.goto(slack.page_address)
        await page.get_by_role("button", name="reins").click()
        await page.get_by_role("link", name="Home").click()
        await page.get_by_role("button", name="Refresh").click()
        assert (await heard.wait("block_actions"))[0]["view"]["type"] == "home"
        assert {body["event"]["tab"] for body in await heard.wait("app_home_opened", 2)} == {"messages", "home"}


async def test_files_go_up_and_come_down(page: Page, tmp_path: Path) -> None:
    async with LocalSlack(manifest()) as slack:
        _, channel = _team(slack)
        path = tmp_path / "notes <b>.txt"
        path.write_text("remember the milk")
        await page.goto(slack.page_address)
        await page.get_by_label("Files to attach").set_input_files(path)
        await page.locator("#ls-composer").press("Enter")
        async with page.expect_download() as downloading:
            await page.locator(".ls-file-card", has_text="notes <b>.txt").click()
        assert (await (await downloading.value).path()).read_text() == "remember the milk"
        assert slack.file(slack.messages(channel)[0].files[0]).content == b"remember the milk"


def _team(slack: LocalSlack) -> tuple[str, str]:
    ann, bob = slack.add_user("ann"), slack.add_user("bob")
    return ann, slack.add_channel("general", [ann, bob])


async def _acknowledge(ack: Any) -> None:
    await ack()


def _value(action: dict[str, Any]) -> Any:
    if "selected_option" in action:
        return action["selected_option"]["value"]
    return action.get("selected_date") or action.get("value")
