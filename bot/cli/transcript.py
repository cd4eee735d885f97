"""A session as a person reads it: who asked what, what was done, how it was decided, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.core.events import HarnessReported, PermissionAnswered, TurnEnded, TurnQueued, from_body
from bot.core.view import TurnView
from harnesses.updates import ToolCall
from storage.event_log import StoredEvent
from storage.sessions import StoredSession
from storage.turns import StoredTurn


def transcript(session: StoredSession, turns: Sequence[StoredTurn], events: Sequence[StoredEvent]) -> str:
    """``events`` are the session's, in order."""
    lines = [
        f"session  {session.id} ({session.state})",
        f"agent    {session.agent} on {session.harness}",
        f"thread   {session.thread.channel_id}/{session.thread.thread_ts}, opened by {session.owner_user_id}",
    ]
    for turn in turns:
        lines += ["", *_turn(turn, [event for event in events if event.turn_id == turn.id])]
    return "\n".join(lines)


def _turn(turn: StoredTurn, events: Sequence[StoredEvent]) -> list[str]:
    view = TurnView()
    lines: list[str] = [f"── turn {turn.ordinal} · {_time(turn.queued_at)} · {turn.outcome or turn.state}"]
    erased = 0
    for event in events:
        if event.body is None:
            erased += 1
            continue
        fact = from_body(event.body)
        view.apply(fact, event.at)
        match fact:
            case TurnQueued():
                lines.append(f"{fact.user_id}: {fact.prompt}")
            case PermissionAnswered():
                lines.append(f"  [{fact.decision}: {fact.reason}] {_title(view, fact.tool_call_id)}")
            case HarnessReported(update=ToolCall() as call) if call.status in ("completed", "failed"):
                lines.append(f"  [{call.status}] {call.title or call.tool_kind}")
            case TurnEnded(outcome=outcome, reason=reason):
                if view.prose:
                    lines.append(f"{view.agent}: {view.prose}")
                lines.append(f"  ({outcome}{': ' + reason if reason else ''})")
            case _:
                pass
    if erased:
        lines.append(f"  ({erased} events were erased)")
    return lines


def _title(view: TurnView, call_id: str) -> str:
    shown = view.calls.get(call_id)
    return shown.call.title or shown.call.tool_kind if shown is not None else call_id


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
