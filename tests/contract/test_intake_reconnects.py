"""However a connection breaks, there is a new one within ten seconds, and what was said meanwhile runs once."""

from __future__ import annotations

import time
from pathlib import Path
from typing import get_args

import pytest

from bot.localslack.sockets import FaultKind
from tests.contract.service_on_slack import service
from tests.scenario.ledger import turns

WITHIN_S = 10.0


@pytest.mark.parametrize("kind", get_args(FaultKind))
async def test_a_broken_connection_is_replaced_and_nothing_is_lost_or_doubled(tmp_path: Path, kind: FaultKind) -> None:
    async with service(tmp_path / "home") as rig:
        ts = await rig.mention("script: say before")
        await rig.see_ended(ts)
        links, dropped_at = rig.slack.links_opened, time.monotonic()
        assert rig.slack.drop_sockets(kind) == 1
        during = await rig.reply("script: say during", ts)
        await rig.slack.wait_for(lambda s: s.links_opened > links, WITHIN_S + 5)
        took_s = time.monotonic() - dropped_at
        print(f"{kind}: reconnected after {took_s:.1f} s")
        assert took_s < WITHIN_S
        await rig.see_ended(ts, 2)
        rig.slack.redeliver(during)
        await rig.mention("script: say after", ts)
        await rig.see_ended(ts, 3)
        assert len(await turns(rig)) == 3 and len(rig.answers(ts)) == 3
        assert not rig.slack.lost_events


async def test_a_slack_that_refuses_connections_for_a_while_is_tried_again_with_new_tickets(tmp_path: Path) -> None:
    async with service(tmp_path / "home") as rig:
        rig.slack.refuse_connections(3.0)
        rig.slack.drop_sockets("abort")
        ts = await rig.mention("script: say heard")
        await rig.see_ended(ts, timeout=20)
        assert len(await turns(rig)) == 1
