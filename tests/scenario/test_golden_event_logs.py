"""Event logs of every version that was released still fold, and look as they did.

When a rendering was changed on purpose: `python -m tests.golden.record shown`, and read the difference. A log itself
is never changed: there are databases like it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

from bot.core.events import Fact, HarnessReported, from_body, stored_kind
from harnesses.updates import Notice, Update
from tests.golden.logs import all_logs, read, rendered, shown_path

LOGS = all_logs()
_NAMES = [f"{log.parent.name}-{log.stem}" for log in LOGS]


@pytest.mark.parametrize("log", LOGS, ids=_NAMES)
def test_it_looks_as_it_did(log: Path) -> None:
    shown = json.loads(shown_path(log).read_text(encoding="utf-8"))
    assert shown == json.loads(json.dumps(rendered(read(log))))


@pytest.mark.parametrize("log", LOGS, ids=_NAMES)
def test_its_facts_keep_their_kind(log: Path) -> None:
    events = read(log)
    assert events
    for event in events:
        assert stored_kind(from_body(event.body)) == event.kind


def test_every_kind_of_fact_was_recorded() -> None:
    """A new kind of event needs a log with one in it: `python -m tests.golden.record`."""
    recorded = {event.kind for log in LOGS for event in read(log)}
    facts = {fact.model_fields["kind"].default for fact in get_args(Fact) if fact is not HarnessReported}
    updates = {f"harness.{update.model_fields['kind'].default}" for update in get_args(get_args(Update)[0])}
    # The scripted harness cannot be made to need a notice: it never sends what has to be dropped.
    assert facts | updates - {f"harness.{Notice.model_fields['kind'].default}"} <= recorded
