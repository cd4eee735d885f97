"""Files go up in Slack's three steps and come down only with the token."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.localslack import LocalSlack
from tests.contract.localslack_app import bolt, manifest, web_client


async def test_the_sdks_upload_appears_in_the_thread_with_its_bytes() -> None:
    async with LocalSlack(manifest()) as slack:
        client = web_client(slack)
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        root = await slack.say(alice, channel, "patch, please")
        await client.files_upload_v2(
            channel=channel,
            thread_ts=root,
            initial_comment="here",
            file_uploads=[{"content": "diff --git", "filename": "a.diff"}, {"content": "log", "filename": "b.log"}],
        )
        _, message = slack.messages(channel, root)
        assert (message.text, message.subtype) == ("here", "file_share")
        assert [slack.file(f).content for f in message.files] == [b"diff --git", b"log"]
        info = await client.files_info(file=message.files[0])
        assert (info["file"]["name"], info["file"]["size"]) == ("a.diff", 10)


async def test_a_persons_file_is_in_the_event_and_needs_the_token() -> None:
    async with LocalSlack(manifest()) as slack, bolt(slack) as (_, heard, _):
        alice = slack.add_user("alice")
        channel = slack.add_channel("general", [alice])
        picture = b"\x89PNG\r\n\x1a\n" + bytes(100)
        await slack.say(alice, channel, "look", files=[("shot.png", picture)])
        [body] = await heard.wait("file_share")
        [file] = body["event"]["files"]
        assert (file["mimetype"], file["size"]) == ("image/png", len(picture))
        async with aiohttp.ClientSession() as session:
            headers = {"Authorization": f"Bearer {slack.bot_token}"}
            async with session.get(file["url_private_download"], headers=headers) as answer:
                assert await answer.read() == picture
            async with session.get(file["url_private"]) as answer:
                assert (answer.status, answer.content_type) == (200, "text/html")
                assert b"Sign in" in await answer.read()


async def test_an_upload_of_another_length_or_never_sent_is_not_shared() -> None:
    async with LocalSlack(manifest()) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack)
        channel = slack.add_channel("general")
        given = await client.files_getUploadURLExternal(filename="a.txt", length=3)
        async with session.post(given["upload_url"], data=b"four") as answer:
            assert answer.status == 400
        with pytest.raises(SlackApiError, match="file_not_found"):
            await client.files_completeUploadExternal(files=[{"id": given["file_id"]}], channel_id=channel)
        assert slack.messages(channel) == []
