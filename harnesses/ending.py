"""How a turn ends: what is left to say, then exactly one Stopped or Failed."""

from __future__ import annotations

import logging
from typing import get_args

from harnesses.errors import AgentError, HarnessError, WireClosed
from harnesses.outside import sentence
from harnesses.peer import Peer
from harnesses.session_update import Meter, last_notices
from harnesses.turn import Answered, Turn
from harnesses.updates import Failed, Stopped, StopReason, Update

_log = logging.getLogger(__name__)


async def last_updates(peer: Peer, meter: Meter, turn: Turn, answered: Answered) -> list[Update]:
    """The last updates of the turn. The process and its tree are gone by then if it cannot be used again."""
    updates: list[Update] = list(last_notices(turn.calls))
    if answered.error is None and (usage := meter.end_turn(answered.result)) is not None:
        updates.append(usage)
    failed = await _failed(peer, answered)
    if turn.cancelled:
        # Whatever it said: some harnesses answer a cancelled prompt with end_turn, or with an error.
        return [*updates, Stopped(stop_reason="cancelled")]
    return [*updates, failed or Stopped(stop_reason=answered.result["stopReason"])]


async def _failed(peer: Peer, answered: Answered) -> Failed | None:
    match answered.error:
        case None if answered.result.get("stopReason") in get_args(StopReason):
            return None
        case None:
            reason = sentence(str(answered.result.get("stopReason")))[:100]
            message = peer.say(f"ended the turn for a reason Reins does not know ({reason})")
            return Failed(failure="protocol", message=message, process_usable=peer.usable)
        case AgentError() as error:
            failure, message = await peer.classify(error)
            return Failed(failure=failure, message=peer.say(message), process_usable=peer.usable)
        case WireClosed() as closed:
            failure = "exited" if closed.cause is None else "protocol"
            return Failed(failure=failure, message=await peer.how_it_ended(closed))
        case HarnessError() as error:
            await peer.close(0)
            return Failed(failure=error.failure, message=str(error))
        case error:
            _log.error("the request to %s failed", peer.profile.name, exc_info=error)
            await peer.close(0)
            return Failed(failure="internal", message="Reins itself failed while it sent the prompt; see its log.")
