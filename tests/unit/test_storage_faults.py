"""A fault point does nothing until a test arms it, and then acts once, at the passage that was named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage import faults


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    faults.disarm()


def test_a_point_acts_once_at_its_passage_and_only_there() -> None:
    acted: list[str] = []
    faults.arm("turn.ending", lambda: acted.append("turn.ending"), nth=3)
    for passage in range(1, 6):
        faults.reach("turn.ending")
        faults.reach("turn.ended")
        assert acted == (["turn.ending"] if passage >= 3 else [])


def test_disarmed_points_do_nothing() -> None:
    acted: list[str] = []
    for point in faults.POINTS:
        faults.arm(point, lambda: acted.append("acted"))
    faults.disarm()
    for point in faults.POINTS:
        faults.reach(point)
    assert acted == []


def test_a_point_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"the points are intake\.parsed"):
        faults.arm("intake.parsd", lambda: None)  # type: ignore[arg-type] # what is tested
    with pytest.raises(ValueError, match="counts from 1"):
        faults.arm("intake.parsed", lambda: None, nth=0)
