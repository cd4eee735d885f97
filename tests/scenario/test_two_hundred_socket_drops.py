"""Two hundred broken connections while turns stream and people write: nothing lost, nothing doubled, no long silence.

A connection that is half open or was reset takes seconds to be noticed, so most drops are of the other kinds.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from statistics import median

import pytest

from bot.localslack.changes import Change
from bot.localslack.sockets import FaultKind
from tests.rig import Rig, rig_on
from tests.scenario.ledger import turns

WITHIN_S = 10.0
DROPS: dict[FaultKind, int] = {
    "close": 52,
    "abort": 20,
    "disconnect_warning": 52,
    "disconnect_refresh": 36,
    "too_many_websockets": 36,
    "half_open": 4,
}
_MOST_TURNS_UNDER_WAY = 8
_PIECES = 60
_ANSWER = "".join(f"{number} " for number in range(1, _PIECES + 1)).strip()


class People:
    """They write whenever a connection has just broken: a mention, or a reply in a thread that still streams."""

    def __init__(self, rig: Rig, random: Random) -> None:
        self._rig = rig
        self._random = random
        self.expected: dict[str, list[str]] = {}

    async def write(self) -> None:
        """Unless enough turns are under way already."""
        if len([turn for turn in await turns(self._rig) if turn.state != "ended"]) >= _MOST_TURNS_UNDER_WAY:
            return
        words = f"word{sum(map(len, self.expected.values())):03}"
        text = f"{words}\nscript: say at {words}\nscript: stream {_PIECES} 100ms"
        if self.expected and self._random.random() < 0.5:
            thread = self._random.choice([*self.expected])
            await self._rig.reply(text, thread)
        else:
            thread = await self._rig.mention(text)
        self.expected.setdefault(thread, []).append(words)


@pytest.mark.timeout(300)
async def test_two_hundred_socket_drops(tmp_path: Path) -> None:
    kinds: list[FaultKind] = [kind for kind, count in DROPS.items() for _ in range(count)]
    assert len(kinds) == 200
    random = Random(200)
    random.shuffle(kinds)
    took_s: dict[FaultKind, list[float]] = {kind: [] for kind in DROPS}
    busy = Counter[bool]()
    async with rig_on(tmp_path / "home") as rig:
        await rig.start()
        people = People(rig, random)
        await people.write()
        for kind in kinds:
            busy[any(turn.state == "running" for turn in await turns(rig))] += 1
            took_s[kind].append(await _without_a_connection(rig, kind, people))
        _print_table(took_s)
        for thread, words in people.expected.items():
            said = await rig.see_ended(thread, len(words), timeout=60)
            assert said.count(_ANSWER) == len(words)
            assert [said.count(f"at {word}\n") for word in words] == [1] * len(words)
            assert len(rig.answers(thread)) == len(words)
        recorded = await turns(rig)
        assert len(recorded) == sum(map(len, people.expected.values()))
        assert {turn.outcome for turn in recorded} == {"completed"}
        assert not rig.slack.lost_events
    print(f"{len(recorded)} turns in {len(people.expected)} threads; turns were running at {busy[True]} of 200 drops")
    assert max(max(seconds) for seconds in took_s.values()) <= WITHIN_S
    assert busy[True] > 100


def _print_table(took_s: dict[FaultKind, list[float]]) -> None:
    print(f"\n{'kind':22}{'drops':>6}{'median s':>10}{'max s':>8}")
    for kind, seconds in took_s.items():
        print(f"{kind:22}{len(seconds):6}{median(seconds):10.2f}{max(seconds):8.2f}")


async def _without_a_connection(rig: Rig, kind: FaultKind, people: People) -> float:
    """Break the connection, have somebody write, and wait for the next connection. Seconds during which the app had
    none that worked: after a warning the old one works until the new one is there, or ten seconds are over."""
    loop = asyncio.get_running_loop()
    links, unconnected_since, seconds = rig.slack.links_opened, None, 0.0

    def look(_: Change) -> None:
        nonlocal unconnected_since
        if unconnected_since is None and rig.slack.sockets == 0:
            unconnected_since = loop.time()

    stop = rig.slack.changes.subscribe(look)
    try:
        await rig.slack.wait_for(lambda slack: slack.drop_sockets(kind), WITHIN_S)
        if kind != "disconnect_warning":
            unconnected_since = loop.time()
        await people.write()
        await rig.slack.wait_for(lambda slack: slack.links_opened > links, WITHIN_S + 5)
        if unconnected_since is not None:
            seconds = loop.time() - unconnected_since
        await rig.slack.wait_for(lambda slack: slack.sockets == 1, WITHIN_S + 5)
    finally:
        stop()
    return seconds
