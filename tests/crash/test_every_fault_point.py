"""Whatever the point at which the service dies, nothing acknowledged is lost, nothing is done twice, and all of it is
seen to have ended."""

from __future__ import annotations

import signal
from pathlib import Path
from random import Random

import pytest

from bot.localslack import LocalSlack
from bot.slack.surface.manifest import manifest
from storage.faults import POINTS, FaultPoint
from tests.crash.ledger import Ledger, read_journals, read_ledger
from tests.crash.people import People, Said
from tests.crash.settled import all_shown, answers, check
from tests.crash.subprocess_of import no_harness_left, process_of
from tests.rig import shown_text

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]
_GESTURES = 6
"""Few, because the service keeps to Slack's rates: what is said twice as often takes thrice as long to show."""
_FOLLOW_UPS = 3
REDELIVERY_S = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)

NTH: dict[FaultPoint, int] = {
    "intake.parsed": 8,
    "intake.committed": 6,
    "dispatch.read": 3,
    "dispatch.committed": 3,
    "turn.starting": 3,
    "turn.prompt_committed": 3,
    "turn.prompt_written": 3,
    "turn.events_committed": 5,
    "turn.ending": 3,
    "turn.ended": 3,
    "delivery.intended": 3,
    "delivery.posted": 3,
    "delivery.recorded": 3,
    "delivery.updated": 3,
    "delivery.settling": 2,
    "delivery.settled": 2,
    "storage.before_commit": 20,
    "storage.after_commit": 20,
}
"""At which passage the service dies: late enough that several threads are in the middle of something."""


def test_every_point_has_its_passage() -> None:
    assert tuple(NTH) == POINTS


@pytest.mark.parametrize("point", POINTS)
async def test_a_service_that_dies_there_recovers(point: FaultPoint, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with LocalSlack(manifest(), rate_limits=False, redelivery_s=REDELIVERY_S) as slack:
        people = People(slack, Random(point))
        await _die(people, point, home)
        acknowledged = {said for said in people.said if slack.acknowledged(said.ts)}
        assert acknowledged, "nothing was acknowledged before the service died: this run proves nothing"
        await people.mention(0)  # while nobody listens
        follow_ups = await _recover(people, home)
        ledger = check(people, home)
        _check_memory(slack, home, ledger, follow_ups)
        assert await no_harness_left(home, within=1)


async def _die(people: People, point: FaultPoint, home: Path) -> None:
    """People talk until the service has died at ``point``."""
    async with process_of("tests.crash.service", point, str(NTH[point]), slack=people.slack, home=home) as service:
        await service.connected(people.slack)
        async with people.talking(pause_s=0.05, at_most=_GESTURES):
            status = await service.died(timeout=30)
        assert status == -signal.SIGKILL, service.said()
    await people.slack.wait_for(lambda s: s.sockets == 0, timeout=5)
    assert await no_harness_left(home), "a harness outlived the service"


async def _recover(people: People, home: Path) -> list[Said]:
    """A service without the fault shows the end of everything, and of follow-ups in its first threads."""
    async with process_of("tests.crash.service", slack=people.slack, home=home) as service:
        await service.connected(people.slack)
        await all_shown(people, timeout=40)
        follow_ups = [await people.reply(root, script="") for root in people.roots[:_FOLLOW_UPS]]
        await all_shown(people, timeout=40)
        assert await service.stop() == 0, service.said()
    return follow_ups


def _check_memory(slack: LocalSlack, home: Path, ledger: Ledger, follow_ups: list[Said]) -> None:
    """The harness of each follow-up was in the conversation that the service had before it died."""
    journals = read_journals(home)
    for said in follow_ups:
        (turn,) = ledger.turns[said.ts]
        assert turn.outcome == "completed", turn
        prompts = journals.prompts[turn.session_id]
        text = "\n".join(shown_text(post) for post in answers(slack, said))
        assert f"This is prompt {len(prompts)} of this session." in text
        assert f"The first prompt of this session was:\n\n> {prompts[0].split()[0]}" in text


async def test_a_second_service_on_the_same_home_refuses(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with LocalSlack(manifest(), rate_limits=False) as slack:
        people = People(slack, Random(0))
        async with process_of("tests.crash.service", slack=slack, home=home) as first:
            await first.connected(slack)
            async with process_of("tests.crash.service", slack=slack, home=home) as second:
                assert await second.died(timeout=30) == 1
                assert f"held by process {first.pid}" in second.said() and "stop it, or use another" in second.said()
            await people.mention(0)
            await all_shown(people, timeout=20)
            assert await first.stop() == 0
        assert len(read_ledger(home).all_turns) == 1
