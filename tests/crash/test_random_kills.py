"""Killed again and again under load, the service loses nothing it acknowledged and does nothing twice; a plain Bolt
listener, killed the same way, shows what that is worth.

25 kills each; the environment variable CRASH_KILLS asks for another number, CRASH_SEED repeats a run.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from functools import partial
from pathlib import Path
from random import Random

import pytest

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from tests.crash.ledger import Ledger, read_journals, read_ledger
from tests.crash.people import People
from tests.crash.phases import Caught, Tally, table
from tests.crash.settled import all_shown, answers, check
from tests.crash.subprocess_of import no_harness_left, process_of

KILLS = int(os.environ.get("CRASH_KILLS", "25"))
SEED = os.environ.get("CRASH_SEED") or secrets.token_hex(4)
REDELIVERY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 20.0)
PAUSE_S = 0.5
_ROUND = 5
_SETTLE_S = 60
pytestmark = [pytest.mark.crash, pytest.mark.timeout(2 * _SETTLE_S + 12 * KILLS)]


async def test_random_kills_lose_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    caught = Caught()
    (final, ours), bolt = await asyncio.gather(_kill_reins(tmp_path / "reins", caught), _kill_bolt(tmp_path / "bolt"))
    with capsys.disabled():
        print(table(f"{KILLS} random kills of each (CRASH_SEED={SEED})", caught, final, [ours, bolt]))
    assert ours.lost == ours.doubled == 0
    assert ours.acknowledged == ours.said
    assert caught.gestures, "no kill caught anything: this run proves nothing"


async def _kill_reins(home: Path, caught: Caught) -> tuple[Ledger, Tally]:
    random = Random(SEED)
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=REDELIVERY_S) as slack:
        people = People(slack, random)
        for kills in _in_rounds(KILLS):
            async with people.talking(PAUSE_S):
                for _ in range(kills):
                    await _life("tests.crash.service", slack, home, random)
                    acknowledged = {said.ts for said in people.said if slack.acknowledged(said.ts)}
                    assert await no_harness_left(home), "a harness outlived the service"
                    caught.note(await asyncio.to_thread(read_ledger, home), people.said, acknowledged)
            async with process_of("tests.crash.service", slack=slack, home=home) as service:
                await service.connected(slack)
                await all_shown(people, _SETTLE_S)
                assert await service.stop() == 0, service.said()
        ledger = check(people, home)
        assert await no_harness_left(home, within=1)
        acknowledged = {said.ts for said in people.said if slack.acknowledged(said.ts)}
    prompted = read_journals(home).times_prompted()
    return ledger, Tally(
        name="Reins",
        said=len(people.said),
        acknowledged=len(acknowledged),
        lost=sum(not ledger.turns.get(ts) for ts in acknowledged),
        doubled=sum(len(ledger.turns.get(said.ts, [])) > 1 or prompted[said.marker] > 1 for said in people.said),
    )


async def _kill_bolt(home: Path) -> Tally:
    random = Random(SEED)
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=REDELIVERY_S) as slack:
        people = People(slack, random)
        for kills in _in_rounds(KILLS):
            async with people.talking(PAUSE_S):
                for _ in range(kills):
                    await _life("tests.crash.bolt_listener", slack, home, random)
            async with process_of("tests.crash.bolt_listener", slack=slack, home=home):
                await slack.wait_for(lambda s: all(s.acknowledged(said.ts) for said in people.said), _SETTLE_S)
                last = await people.mention(0)  # once it is answered, so is everything that ever will be
                await slack.wait_for(partial(answers, said=last), _SETTLE_S)
        texts = [post.text for root in people.roots for post in answers(slack, root)]
    answered = {said.ts: texts.count(f"answer to {said.ts}") for said in people.said}
    return Tally(
        name="a plain Bolt listener",
        said=len(people.said),
        acknowledged=len(people.said),
        lost=sum(not times for times in answered.values()),
        doubled=sum(times > 1 for times in answered.values()),
    )


def _in_rounds(kills: int) -> list[int]:
    """So many kills in a row, after which the last life is left alone until all is done: else Slack's rates, which
    the service keeps to, would let what there is to show grow without end."""
    return [min(_ROUND, kills - done) for done in range(0, kills, _ROUND)]


async def _life(module: str, slack: LocalSlack, home: Path, random: Random) -> None:
    """Start it and kill it: mostly while it works, now and then while it is still starting."""
    async with process_of(module, slack=slack, home=home) as process:
        if random.random() < 0.8:
            await process.connected(slack)
        await asyncio.sleep(random.uniform(0, 2.0))
        await process.kill()
    await slack.wait_for(lambda s: s.sockets == 0, timeout=5)
