"""A turn's view as one or more messages. The same view always gives the same payloads; nothing here reads a clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, assert_never

from bot.core.events import InterruptionSettlement
from bot.core.gesture import DISCARD_ACTION, RESUME_ACTION, STOP_ACTION
from bot.core.view import TurnView
from bot.slack.render import escape
from bot.slack.render.budget import (
    FALLBACK_CHARS,
    FOOT_CHARS,
    HEAD_CHARS,
    MIN_MESSAGE_CHARS,
    PLAN_CHARS,
    text_chars,
)
from bot.slack.render.prose import pieces
from bot.slack.render.tasks import plan_block

Block = dict[str, Any]
_AFTER_INTERRUPTION: dict[InterruptionSettlement | None, str] = {
    None: "Resume lets the agent check what it had done and go on; Discard leaves it. A reply goes on too.",
    "resumed": "It was resumed.",
    "discarded": "It was discarded; nothing was repeated.",
    "passed over": "The thread went on with another request.",
}
_REASON_CHARS = 300
_FILES_NAMED = 8
_NONE: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Payload:
    """One message: ``text`` is what a notification shows, ``blocks`` is what the thread shows."""

    text: str
    blocks: list[Block]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the payload, to tell whether Slack already has it."""
        return hashlib.sha256(json.dumps([self.text, self.blocks], sort_keys=True).encode()).digest()


@dataclass(frozen=True, slots=True)
class Bounds:
    """``message_chars`` per message; past ``turn_messages`` messages the answer is cut and goes out as a file."""

    message_chars: int
    turn_messages: int

    def __post_init__(self) -> None:
        if self.message_chars < MIN_MESSAGE_CHARS:
            raise ValueError(f"a message needs {MIN_MESSAGE_CHARS} characters or more, not {self.message_chars}")


@dataclass(frozen=True, slots=True)
class RenderedTurn:
    """``whole_answer`` is set when the messages do not hold all of it: it is then to be attached as a file."""

    messages: list[Payload]
    whole_answer: str | None


def render_turn(
    turn_id: str, view: TurnView, bounds: Bounds, unattached: str | None = None, unsent: Mapping[str, str] = _NONE
) -> RenderedTurn:
    """``unattached`` is Slack's error when it did not take the file of the whole answer, ``unsent`` its error for each
    of the harness's files that it did not take."""
    prose = view.prose
    room = bounds.message_chars - FALLBACK_CHARS - FOOT_CHARS
    # What may be shown of any answer, however long: escaping shortens text only where it folds "\r\n".
    shown = prose[: 2 * room * (bounds.turn_messages + 1)]
    all_pieces = pieces(escape.markdown(shown), room - HEAD_CHARS - PLAN_CHARS, room)
    texts = list(islice(all_pieces, bounds.turn_messages + 1))
    too_long = len(texts) > bounds.turn_messages
    bodies: list[list[Block]] = [_head(view)]
    for part, text in enumerate(texts[: bounds.turn_messages]):
        block = {"type": "markdown", "text": text}
        if part == 0:
            bodies[0] += [block] if text.strip() else []
        elif text.strip():
            bodies.append([block])
    foot = _foot(turn_id, view, _where_the_rest_is(view, unattached) if too_long else None, unsent)
    if text_chars(bodies[-1]) + text_chars(foot) + FALLBACK_CHARS > bounds.message_chars:
        bodies.append([])
    bodies[-1] += foot
    messages = [Payload(_fallback(view, prose, part, len(bodies)), blocks) for part, blocks in enumerate(bodies)]
    return RenderedTurn(messages, prose if too_long and view.phase == "ended" else None)


def _head(view: TurnView) -> list[Block]:
    model = view.model_served or view.model_asked
    chosen = [f"*{escape.mrkdwn_line(view.agent, 60)}*", escape.mrkdwn_line(view.harness, 60)]
    if model:
        chosen.append(escape.mrkdwn_line(model, 80))
    if view.sandbox == "none":
        chosen.append("no sandbox")
    if view.late:
        chosen.append("late: this message reached me after a newer one")
    plan = plan_block(view)
    return [_context(" · ".join(chosen)), *([plan] if plan else [])]


def _where_the_rest_is(view: TurnView, unattached: str | None) -> str:
    if unattached is not None:
        error = escape.mrkdwn_line(unattached, 80)
        return f"the whole answer could not be attached ({error}), and `reins session show` prints it"
    return "the whole answer is attached as a file" if view.phase == "ended" else "the rest comes as a file at the end"


def _foot(turn_id: str, view: TurnView, rest: str | None, unsent: Mapping[str, str]) -> list[Block]:
    blocks: list[Block] = [_context(f"Note: {escape.mrkdwn_line(text, 150)}") for text in view.notices[-2:]]
    blocks += [_context(line) for line in _file_lines(view, unsent)]
    if rest is not None:
        blocks.append(_context(f"This answer is longer than fits here: {rest}."))
    status = _status(view)
    if status:
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": status}})
    blocks.append(_context(_footer(view)))
    buttons = [_button(turn_id, action, label) for action, label in _controls(view)]
    return [*blocks, {"type": "actions", "elements": buttons}] if buttons else blocks


def _file_lines(view: TurnView, unsent: Mapping[str, str]) -> list[str]:
    """Which files were taken, which were not, and why."""
    lines = []
    if view.files_taken:
        names = ", ".join(_file_name(name) for name in view.files_taken[:_FILES_NAMED])
        more = len(view.files_taken) - _FILES_NAMED
        lines.append(f"Files taken: {names}" + (f" and {more} more" if more > 0 else ""))
    failed = [(name, f"not sent: Slack refused it ({error})") for name, error in unsent.items()]
    for refused in view.files_refused:
        failed.append((refused.name, f"{'left out' if refused.direction == 'in' else 'not sent'}: {refused.reason}"))
    lines += [f":paperclip: {_file_name(name)} {escape.mrkdwn_line(why, 150)}" for name, why in failed[:_FILES_NAMED]]
    if len(failed) > _FILES_NAMED:
        lines.append(f"{len(failed) - _FILES_NAMED} more files, for like reasons: `reins session show` prints them")
    return lines


def _file_name(name: str) -> str:
    return f"`{escape.mrkdwn_line(name, 60).replace('`', chr(39))}`"


def _controls(view: TurnView) -> list[tuple[str, str]]:
    """What a person can do about the turn now: action id and label."""
    match view.phase:
        case "queued":
            return [(STOP_ACTION, "Withdraw")]
        case "running":
            return [(STOP_ACTION, "Stop")]
        case "ended" if view.outcome == "interrupted" and view.settled_how is None:
            return [(RESUME_ACTION, "Resume"), (DISCARD_ACTION, "Discard")]
        case _:
            return []


def _button(turn_id: str, action_id: str, label: str) -> Block:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "action_id": action_id, "value": turn_id, "text": text}


def _status(view: TurnView) -> str:
    """How the turn ended and what to do next; empty while it runs and when it simply completed."""
    reason = escape.mrkdwn_line(view.reason, _REASON_CHARS)
    match view.outcome:
        case None:
            return ""
        case "completed":
            return reason and f":warning: {reason}"
        case "failed":
            return _sentences(":x: *This turn failed.*", reason, "Reply in this thread to try again.")
        case "stopped":
            return _sentences(":octagonal_sign: *Stopped.*", reason, "Reply in this thread to go on.")
        case "interrupted":
            unknown = [shown.call.title or shown.call.tool_kind for shown in view.calls.values() if shown.unknown]
            in_flight = ""
            if unknown:
                named = ", ".join(escape.mrkdwn_line(title, 80) for title in unknown[:3])
                in_flight = f"Running at that moment, outcome unknown: {named}. Check before you repeat it."
            next_step = _AFTER_INTERRUPTION[view.settled_how]
            return _sentences(":warning: *Interrupted.*", reason, in_flight, next_step)
        case _:
            assert_never(view.outcome)


def _sentences(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _footer(view: TurnView) -> str:
    match view.phase:
        case "queued":
            return f"Waiting to start · turn {view.ordinal}"
        case "running":
            return f"Working… · turn {view.ordinal}"
        case "stopping":
            return f"Stopping… · turn {view.ordinal}"
        case "ended":
            return " · ".join([*_figures(view), f"turn {view.ordinal}"])
        case _:
            assert_never(view.phase)


def _figures(view: TurnView) -> list[str]:
    figures = []
    if view.sent_at is not None and view.ended_at is not None:
        figures.append(_duration(view.ended_at - view.sent_at))
    usage = view.usage
    if usage is not None and usage.input_tokens is not None and usage.output_tokens is not None:
        figures.append(f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out")
    if view.sent_at is not None:
        cost = usage.cost_usd if usage is not None else None
        figures.append("cost unknown" if cost is None else f"${cost:.4f}")
    return figures


def _duration(ms: int) -> str:
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _fallback(view: TurnView, prose: str, part: int, parts: int) -> str:
    """The end is told by the last message only: what has rolled over is not sent again because the turn ended."""
    if part == parts - 1 and _status(view):
        return escape.shortened(_status(view), FALLBACK_CHARS)
    if part > 0:
        return f"Continued ({part + 1})"
    return escape.mrkdwn_line(prose, FALLBACK_CHARS) or _footer(view)


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}
