"""What people and models write is text to the page; who is not the page gets nothing from it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from playwright.async_api import Page, expect

from bot.localslack import LocalSlack
from bot.localslack.page.prose import html_of
from bot.localslack.page.typed import as_sent, as_typed
from tests.browser.gallery import mrkdwn, plain, rich
from tests.contract.localslack_app import bolt, manifest, web_client

HOSTILE = (
    '<script>document.title="broken"</script>'
    "<img src=x onerror='document.title=\"broken\"'>"
    "<svg onload=document.title='broken'>"
    "[click](javascript:document.title='broken') [click](data:text/html,<script>1</script>) "
    '![x](http://127.0.0.1:9/tracker.png) <javascript:alert(1)|label> "><b>\u202e\u0000\u001b[31m'
)


async def test_hostile_text_is_shown_and_does_nothing(page: Page) -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack, bolt(slack):
        ann = slack.add_user("ann", real_name=HOSTILE)
        channel = slack.add_channel("general", [ann])
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await slack.say(ann, channel, HOSTILE, files=[(f"{HOSTILE[:40]}.svg", b"<svg onload=alert(1)>")])
        blocks: list[dict[str, Any]] = [
            {"type": "header", "text": plain(HOSTILE[:140])},
            {"type": "section", "text": mrkdwn(HOSTILE)},
            {"type": "markdown", "text": HOSTILE},
            {"type": "markdown", "text": f"```\n{HOSTILE}\n```\n| {HOSTILE} |\n|---|\n| x |"},
            {"type": "image", "image_url": "http://127.0.0.1:9/tracker.png", "alt_text": HOSTILE[:50]},
            rich(HOSTILE),
            {
                "type": "plan",
                "title": HOSTILE[:100],
                "tasks": [{"task_id": "<b>", "title": HOSTILE[:100], "status": "error", "output": rich(HOSTILE)}],
            },
        ]
        await web_client(slack).chat_postMessage(channel=channel, text=HOSTILE, blocks=blocks)
        await page.goto(slack.page_address)

        await expect(page.locator(".ls-message")).to_have_count(2)
        await expect(page.locator(".ls-header")).to_contain_text("<script>")
        await expect(page).to_have_title("general · Local Slack")
        assert (
            await page.locator(
                ":is(.ls-content, .ls-files) :is(script, img, svg:not(.ls-icon), b, iframe, style)"
            ).count()
            == 0
        )
        links = await page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        assert [link for link in links if not link.startswith(("http://127.0.0.1:9/", "/_ui/files/", "#/"))] == []
        assert {url for url in asked if not url.startswith(slack.state.base_url)} == set()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a &lt;b> and `&lt;b> &amp;amp;`", "<p>a &lt;b&gt; and <code>&lt;b&gt; &amp;amp;</code></p>"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("<vbscript:x>", "<p>&lt;vbscript:x&gt;</p>"),
        (
            "see https://example.com/a?b=1&c=2.",
            '<p>see <a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer" target="_blank">'
            "https://example.com/a?b=1&amp;c=2</a>.</p>",
        ),
        ("&lt;https://example.com>", None),
    ],
)
def test_markdown_becomes_html_that_carries_none_of_its_own(sent: str, shown: str | None) -> None:
    made = html_of(sent).strip()
    assert "<b>" not in made and "<script" not in made
    if shown is not None:
        assert made == shown


async def test_what_is_typed_names_people_and_comes_back_as_it_was() -> None:
    async with LocalSlack(manifest()) as slack:
        ann = slack.add_user("ann")
        slack.add_channel("general", [ann])
        typed = "@ann see #general & <b> at https://example.com/x, not `@ann` or nobody@ann"
        sent = as_sent(typed, slack.state)
        assert sent == (
            f"<@{ann}> see <#C0LOCAL001|general> &amp; &lt;b&gt; at <https://example.com/x>, not `@ann` or nobody@ann"
        )
        assert as_typed(sent, slack.state) == typed


async def test_only_the_page_with_its_key_on_this_machine_is_answered() -> None:
    async with LocalSlack(manifest()) as slack, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as web:
        ann = slack.add_user("ann")
        channel = slack.add_channel("general", [ann])
        base = slack.state.base_url
        say = {"do": "say", "as": ann, "channel": channel, "text": "hello"}
        own = {"Origin": base}
        evil = {"Origin": "https://evil.example"}
        neighbour = {"Origin": "http://127.0.0.1:1"}

        async def status(path: str, headers: dict[str, str] | None = None) -> int:
            async with web.get(base + path, headers=headers, allow_redirects=False) as answer:
                return answer.status

        async def gesture(headers: dict[str, str], **body: object) -> int:
            async with web.post(f"{base}/_ui/do", headers=headers, **body) as answer:  # type: ignore[arg-type]
                return answer.status

        for path in ("/", "/_ui/state", "/_ui/static/main.js", "/_ui/files/F1", "/_ui/ws", "/?key=wrong"):
            assert await status(path, own) == 403
        assert await gesture(own, json=say) == 403

        assert await status(slack.page_address.removeprefix(base)) == 303
        assert await status("/_ui/state") == 200
        assert await status("/_ui/state", {"Host": "evil.example"}) == 403
        assert await status("/_ui/state", evil) == 403
        assert await status("/_ui/ws", neighbour) == 403
        assert await status("/_ui/ws") == 403
        assert await gesture(evil, json=say) == 403
        assert await gesture(neighbour, json=say) == 403
        assert await gesture({}, json=say) == 403
        assert await gesture(own, data=say) == 415
        assert await gesture(own, json={**say, "text": ""}) == 400
        assert await gesture(own, json={**say, "as": slack.bot_user_id}) == 400
        assert await gesture(own, json={**say, "surprise": 1}) == 400
        assert slack.messages(channel) == []
        assert await gesture(own, json=say) == 200
        assert [post.text for post in slack.messages(channel)] == ["hello"]
