"""What a failed Web API call means for the message: try another, give up, wait, or look whether it happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from bot.localslack import LocalSlack
from bot.slack.client import make_client
from bot.slack.delivery.sender import Gone, RateLimited, Refused, Sender, SendFailed, Uncertain
from bot.slack.surface.manifest import manifest


@pytest.fixture
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        slack.add_channel("general", [slack.add_user("ann")])
        yield slack


def sender(slack: LocalSlack) -> Sender:
    return Sender(make_client(SecretStr(slack.bot_token), slack.api_url))


@pytest.mark.parametrize(
    ("fault", "meaning", "error"),
    [
        ({"error": "invalid_blocks"}, Refused, "invalid_blocks"),
        ({"error": "msg_too_long"}, Refused, "msg_too_long"),
        ({"error": "an_error_of_next_year"}, Refused, "an_error_of_next_year"),
        ({"error": "is_archived"}, Gone, "is_archived"),
        ({"error": "token_revoked"}, Gone, "token_revoked"),
        ({"error": "not_in_channel"}, Gone, "not_in_channel"),
        ({"error": "internal_error"}, Uncertain, "internal_error"),
        ({"status": 500}, Uncertain, "HTTP 500"),
        ({"status": 503}, Uncertain, "HTTP 503"),
        ({"status": 429, "retry_after": 7}, RateLimited, "ratelimited"),
        ({"status": 429}, RateLimited, "ratelimited"),
        ({"reset_before": True}, Uncertain, "no answer"),
        ({"reset_after_processing": True}, Uncertain, "no answer"),
    ],
)
async def test_every_failure_has_its_meaning_and_is_tried_once(
    slack: LocalSlack, fault: dict[str, Any], meaning: type[SendFailed], error: str
) -> None:
    slack.fail_next("chat.postMessage", **fault)
    with pytest.raises(SendFailed) as failed:
        await sender(slack).write("chat.postMessage", channel="C0LOCAL001", text="hello")
    assert type(failed.value) is meaning and error in failed.value.error
    assert slack.call_counts["chat.postMessage"] == 1
    if isinstance(failed.value, RateLimited):
        assert failed.value.retry_after_s == float(fault.get("retry_after", 30))


async def test_a_slack_that_never_answers_is_given_up_on(slack: LocalSlack) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = make_client(SecretStr(slack.bot_token), f"http://127.0.0.1:{port}/api/")
    try:
        async with asyncio.timeout(10):
            with pytest.raises(Uncertain, match="no answer"):
                await Sender(client, timeout_s=0.2).write("chat.update", channel="C", text="hello")
            with pytest.raises(Uncertain, match="no answer"):
                await Sender(client, timeout_s=0.05).upload("C", "1.2", "a.md", "text")
    finally:
        server.close()
        await server.wait_closed()


async def test_a_call_that_went_well_gives_slacks_answer(slack: LocalSlack) -> None:
    posted = await sender(slack).write("chat.postMessage", channel="C0LOCAL001", text="hello")
    page = await sender(slack).read("conversations.replies", channel="C0LOCAL001", ts=posted["ts"])
    assert [message["text"] for message in page["messages"]] == ["hello"]
