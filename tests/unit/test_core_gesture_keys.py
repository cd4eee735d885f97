"""A gesture counts once: the same gesture always has the same key, and two different ones never share it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.core.gesture import AnyGesture, Click, Command, Deletion, Edit, Gesture, Message, Reaction, Submission

GESTURE: TypeAdapter[Gesture] = TypeAdapter(AnyGesture)
users = st.sampled_from(["U1", "U2"])
channels = st.sampled_from(["C1", "C2", "D1"])
stamps = st.sampled_from(["1700000000.000001", "1700000000.000002", "1700000001.000001"])
names = st.sampled_from(["x", "eyes", "turn_stop"])
texts = st.sampled_from(["", "stop", "a:b"])
events = st.sampled_from([None, "Ev1", "Ev2"])
about = {"team_id": st.just("T1"), "channel_id": channels, "user_id": users, "event_id": events}

messages = st.builds(
    Message,
    **about,
    ts=stamps,
    thread_ts=st.none() | stamps,
    text=texts,
    mentions_bot=st.booleans(),
    is_dm=st.booleans(),
)
edits = st.builds(Edit, **about, ts=stamps, edited_ts=stamps, thread_ts=st.none() | stamps, text=texts)
reactions = st.builds(Reaction, **about, item_ts=stamps, name=names, ts=stamps)
clicks = st.builds(
    Click, **about, message_ts=stamps, thread_ts=st.none() | stamps, action_id=names, value=texts, ts=stamps
)
commands = st.builds(Command, **about, command=names, text=texts, trigger_digest=st.sampled_from(["aa", "bb"]))
submissions = st.builds(Submission, **about, view_id=names, view_hash=st.sampled_from(["1", "2"]), callback_id=names)
deletions = st.builds(Deletion, **about, ts=stamps, deleted_ts=stamps, thread_ts=st.none() | stamps)
gestures = st.one_of(messages, edits, deletions, reactions, clicks, commands, submissions)


def identity(gesture: Gesture) -> tuple[str, ...]:
    """What makes a gesture the one it is, as Slack repeats it: never the event id or the words."""
    match gesture:
        case Message():
            return ("message", gesture.channel_id, gesture.ts)
        case Edit():
            return ("edit", gesture.channel_id, gesture.ts, gesture.edited_ts)
        case Deletion():
            return ("deletion", gesture.channel_id, gesture.ts)
        case Reaction():
            return ("reaction", gesture.channel_id, gesture.item_ts, gesture.user_id, gesture.name, gesture.ts)
        case Click():
            return ("click", gesture.channel_id, gesture.message_ts, gesture.user_id, gesture.action_id, gesture.ts)
        case Command():
            return ("command", gesture.trigger_digest)
        case Submission():
            return ("submission", gesture.view_id, gesture.view_hash)


@given(gestures, gestures)
def test_two_gestures_share_a_key_exactly_when_they_are_the_same(one: Gesture, two: Gesture) -> None:
    assert (one.key == two.key) == (identity(one) == identity(two))


@given(gestures)
def test_a_gesture_read_back_from_the_inbox_is_the_one_that_was_written(gesture: Gesture) -> None:
    again = GESTURE.validate_json(gesture.model_dump_json())
    assert again == gesture and again.key == gesture.key


@given(messages, st.booleans())
def test_a_mention_and_the_message_it_is_in_are_one_gesture(message: Message, mentioned: bool) -> None:
    twin = message.model_copy(update={"mentions_bot": mentioned, "event_id": "another"})
    assert twin.key == message.key == f"msg:{message.channel_id}:{message.ts}"


def test_a_reply_belongs_to_its_thread_and_a_first_message_to_its_own() -> None:
    first = Message(team_id="T", channel_id="C", user_id="U", ts="2", text="", mentions_bot=True, is_dm=False)
    assert first.thread == "2"
    assert first.model_copy(update={"thread_ts": "1"}).thread == "1"
    click = Click(team_id="T", channel_id="C", user_id="U", message_ts="5", action_id="a", ts="6")
    assert (click.thread, click.model_copy(update={"thread_ts": "1"}).thread) == ("5", "1")
