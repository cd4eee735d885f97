"""What a crash left: a turn whose prompt was sent is never repeated; it ends as interrupted, unknowns named."""

from __future__ import annotations

from functools import partial

import structlog

from bot.core.events import TurnEnded, from_body
from bot.core.view import TurnView
from bot.engine.turn_run import Runtime, end_turn
from storage import turns
from storage.event_log import read_turn
from storage.turns import StoredTurn

_log = structlog.get_logger(__name__)
REASON = "Reins stopped while this was running."


async def end_interrupted_turns(runtime: Runtime) -> int:
    """Runs before anything is dispatched. Returns how many turns were ended."""
    interrupted = await runtime.storage.writer.run(turns.running)
    for turn in interrupted:
        unknown = await _unfinished_calls(runtime, turn)
        ending = TurnEnded(outcome="interrupted", reason=REASON, unknown_calls=unknown)
        await runtime.storage.writer.run(partial(end_turn, journal=runtime.journal, turn=turn, ending=ending))
        _log.warning("turn.interrupted", turn_id=turn.id, session_id=turn.session_id, unknown_calls=len(unknown))
    return len(interrupted)


async def _unfinished_calls(runtime: Runtime, turn: StoredTurn) -> tuple[str, ...]:
    view = TurnView()
    async with runtime.storage.reader.connect() as conn:
        for event in await read_turn(conn, turn.id):
            if event.body is not None:
                view.apply(from_body(event.body), event.at)
    return view.running_calls
