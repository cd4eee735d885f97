"""Any payload either is a gesture, or nothing, or is named unreadable: none can make intake stumble."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bot.core.gesture import Click, Command, Edit, Gesture, Message, Reaction, Submission
from bot.slack.intake.parse import Unreadable, parse

BOT = "U0BOT"
MESSAGE = {
    "type": "message",
    "user": "U1",
    "text": "<@U0BOT> go",
    "ts": "1.2",
    "thread_ts": "1.1",
    "channel": "C1",
    "channel_type": "channel",
    "client_msg_id": "x",
}
EDIT = {
    "type": "message",
    "subtype": "message_changed",
    "channel": "C1",
    "ts": "1.3",
    "message": {"user": "U1", "ts": "1.2", "text": "new", "edited": {"user": "U1", "ts": "1.3"}},
    "previous_message": {"user": "U1", "ts": "1.2", "text": "old"},
}
REACTION = {
    "type": "reaction_added",
    "user": "U1",
    "reaction": "x",
    "item": {"type": "message", "channel": "C1", "ts": "1.2"},
    "event_ts": "1.4",
}
CLICK = {
    "type": "block_actions",
    "team": {"id": "T1"},
    "user": {"id": "U1", "team_id": "T1"},
    "trigger_id": "secret-trigger",
    "token": "secret-token",
    "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1", "thread_ts": "1.1"},
    "message": {"ts": "1.2", "thread_ts": "1.1"},
    "actions": [{"action_id": "turn_stop", "value": "turn", "action_ts": "1.5"}],
}
COMMAND = {
    "command": "/agent",
    "team_id": "T1",
    "channel_id": "C1",
    "user_id": "U1",
    "text": "new",
    "trigger_id": "secret-trigger",
    "token": "secret-token",
}
SUBMISSION = {
    "type": "view_submission",
    "team": {"id": "T1"},
    "user": {"id": "U1"},
    "token": "secret-token",
    "view": {"id": "V1", "hash": "h", "callback_id": "c", "state": {"values": {"b": {"a": {"value": "secret-value"}}}}},
}


def event(inner: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "token": "secret-token",
        "team_id": "T0OUTER",
        "event_id": "Ev1",
        "authorizations": [{"team_id": "T1", "user_id": BOT}],
        "event": inner,
    }


KINDS: dict[type[Gesture], dict[str, Any]] = {
    Message: event(MESSAGE),
    Edit: event(EDIT),
    Reaction: event(REACTION),
    Click: CLICK,
    Command: COMMAND,
    Submission: SUBMISSION,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_is_recognised_with_its_team_and_without_its_secrets(kind: type[Gesture]) -> None:
    gesture = parse(KINDS[kind], BOT)
    assert gesture is not None and type(gesture) is kind
    assert gesture.team_id == "T1"
    assert "secret" not in gesture.model_dump_json()


@pytest.mark.parametrize(
    "inner",
    [
        MESSAGE | {"bot_id": "B1"},
        MESSAGE | {"user": BOT},
        MESSAGE | {"user": None},
        MESSAGE | {"user_team": "T2"},
        MESSAGE | {"source_team": "T2"},
        MESSAGE | {"subtype": "channel_join"},
        MESSAGE | {"subtype": "message_deleted"},
        MESSAGE | {"subtype": "bot_message"},
        EDIT | {"message": {**EDIT["message"], "edited": None}},  # type: ignore[dict-item]
        EDIT | {"previous_message": EDIT["message"]},
        EDIT | {"message": {**EDIT["message"], "bot_id": "B1"}},  # type: ignore[dict-item]
        REACTION | {"user": BOT},
        REACTION | {"item": {"type": "file", "file": "F1"}},
        REACTION | {"type": "reaction_removed"},
        {"type": "app_home_opened", "user": "U1"},
    ],
)
def test_what_is_not_a_persons_gesture_is_nothing(inner: dict[str, Any]) -> None:
    assert parse(event(inner), BOT) is None


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"type": "shortcut"},
        {"type": "view_closed"},
        CLICK | {"container": {"type": "view", "view_id": "V1"}},
        CLICK | {"user": {"id": "U1", "team_id": "T2"}},
    ],
)
def test_other_payloads_are_nothing(payload: dict[str, Any]) -> None:
    assert parse(payload, BOT) is None


def test_a_message_slack_would_not_send_as_text_can_still_be_stored() -> None:
    gesture = parse(event(MESSAGE | {"text": "half a pair \ud83d and \x00"}), BOT)
    assert isinstance(gesture, Message)
    assert gesture.text == "half a pair \ufffd and \x00"
    gesture.model_dump_json().encode()


def test_no_payload_however_broken_raises_anything_but_unreadable() -> None:
    unreadable = 0
    for payload in broken(random.Random(8), 20_000):
        try:
            gesture = parse(payload, BOT)
        except Unreadable as error:
            assert str(error)
            unreadable += 1
        else:
            if gesture is not None:
                gesture.model_dump_json().encode()
                assert gesture.key
    assert unreadable > 1000


def broken(random_: random.Random, count: int) -> Iterator[dict[str, Any]]:
    """Real payloads with one to three values gone or replaced by something else."""
    originals = list(KINDS.values())
    for _ in range(count):
        payload = copy.deepcopy(random_.choice(originals))
        for _ in range(random_.randint(1, 3)):
            nodes = list(_nodes(payload))
            holder, key = random_.choice(nodes)
            if random_.random() < 0.4:
                del holder[key]
            else:
                holder[key] = random_.choice(
                    (None, "", 0, 7, 1.5, True, [], {}, [None], ["x"], {"id": 5}, "text", "\ud800")
                )
        yield payload


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in list(items):
        yield value, key
        yield from _nodes(child)
