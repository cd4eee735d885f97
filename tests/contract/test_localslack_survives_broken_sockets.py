"""Every way a connection breaks ends in a new connection of the real SDK, and events said meanwhile arrive."""

from __future__ import annotations

import contextlib
from typing import get_args

import aiohttp
import pytest

from bot.localslack import LocalSlack
from bot.localslack.sockets import FaultKind
from tests.contract.localslack_app import bolt, manifest, web_client


@pytest.mark.parametrize("kind", get_args(FaultKind))
async def test_the_app_reconnects_and_hears_what_was_said_meanwhile(kind: FaultKind) -> None:
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=(1.0,) * 20) as slack:
        async with bolt(slack, ping_interval=0.3) as (_, heard, _):
            alice = slack.add_user("alice")
            channel = slack.add_channel("general", [alice])
            links = slack.links_opened
            assert slack.drop_sockets(kind) == 1
            ts = await slack.say(alice, channel, "are you there?")
            await slack.wait_for(lambda s: s.links_opened > links and not s.unacked and s.acks, 25)
            assert heard.of("message")[-1]["event"]["ts"] == ts


async def test_a_ticket_opens_one_connection_and_only_the_app_token_gets_one() -> None:
    async with LocalSlack(manifest()) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack)
        opened = await client.apps_connections_open(app_token=slack.app_token)
        socket = await session.ws_connect(opened["url"])
        assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(opened["url"])
        assert refused.value.status == 401
        await socket.close()
        with pytest.raises(Exception, match="not_allowed_token_type"):
            await client.apps_connections_open(app_token=slack.bot_token)
        with pytest.raises(Exception, match="not_allowed_token_type"):
            await client.auth_test(token=slack.app_token)


async def test_refused_connections_use_up_their_ticket() -> None:
    async with LocalSlack(manifest()) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack)
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        slack.refuse_connections(True)
        with pytest.raises(aiohttp.ClientError):
            await session.ws_connect(url)
        slack.refuse_connections(False)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)
        fresh = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        socket = await session.ws_connect(fresh)
        assert slack.sockets == 1
        await socket.close()


async def test_the_eleventh_connection_is_sent_away() -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack)
        sockets = []
        for _ in range(11):
            url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            sockets.append(await session.ws_connect(url))
        assert [(await socket.receive_json())["type"] for socket in sockets[:10]] == ["hello"] * 10
        goodbye = await sockets[10].receive_json()
        assert (goodbye["type"], goodbye["reason"]) == ("disconnect", "too_many_websockets")
        for socket in sockets:
            await socket.close()


async def test_only_this_machine_is_answered() -> None:
    async with LocalSlack(manifest()) as slack, aiohttp.ClientSession() as session:
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            async with session.post(f"{slack.api_url}auth.test", headers=headers) as answer:
                assert answer.status == 403
        async with session.post(f"{slack.api_url}auth.test", headers={"Host": "localhost:80"}) as answer:
            assert (await answer.json())["error"] == "not_authed"


async def test_an_app_shut_out_for_a_while_comes_back_with_new_tickets() -> None:
    async with LocalSlack(manifest(), rate_limits=False) as slack, aiohttp.ClientSession() as session:
        client = web_client(slack)
        slack.refuse_connections(0.3)
        attempts = 0
        while not slack.sockets:
            attempts += 1
            url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
            with contextlib.suppress(aiohttp.ClientError):
                socket = await session.ws_connect(url)
        assert attempts > 1
        await socket.close()
