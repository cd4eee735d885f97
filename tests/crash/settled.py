"""What must be true once a service that was killed has had time to recover, and the waiting for that."""

from __future__ import annotations

from pathlib import Path

from bot.localslack import LocalSlack, Message
from bot.slack.delivery.live import METADATA_EVENT
from storage.verification import verify
from tests.crash.ledger import Ledger, TurnRow, read_journals, read_ledger
from tests.crash.people import People, Said
from tests.rig import ended_turns, shown_text


def answers(slack: LocalSlack, said: Said) -> list[Message]:
    """What the app has standing in a thread."""
    thread = slack.messages(said.channel_id, said.thread_ts)
    return [post for post in thread if post.user == slack.bot_user_id and not post.deleted]


async def all_shown(people: People, timeout: float) -> None:
    """Wait until every thread shows the end of as many turns as things were said in it."""
    wanted: dict[str, tuple[Said, int]] = {}
    for said in people.said:
        wanted[said.thread_ts] = (said, wanted.get(said.thread_ts, (said, 0))[1] + 1)

    def seen(slack: LocalSlack) -> bool:
        for thread_ts, (said, count) in list(wanted.items()):
            if ended_turns("\n".join(shown_text(post) for post in answers(slack, said))) < count:
                return False
            del wanted[thread_ts]
        return True

    try:
        await people.slack.wait_for(seen, timeout)
    except TimeoutError:
        missing = [f"{count} turns of {said}" for said, count in wanted.values()]
        lost = list(people.slack.lost_events)
        raise AssertionError(f"not shown after {timeout} s: {missing}; given up by local Slack: {lost}") from None


def check(people: People, home: Path) -> Ledger:
    """Everything that holds however often the service was killed. The service has ended; nothing runs."""
    slack = people.slack
    assert not slack.lost_events, "local Slack gave up on an event: this run proves nothing"
    ledger = read_ledger(home)
    assert ledger.integrity == "ok"
    report = verify(home / "reins.db")
    assert report.ok, report.fault
    prompted = read_journals(home).times_prompted()
    for said in people.said:
        turns = ledger.turns.get(said.ts, [])
        assert len(turns) == 1, f"{said} has {len(turns)} turns"
        (turn,) = turns
        assert turn.state == "ended" and turn.settled, f"{turn} has not settled"
        assert turn.outcome in ("completed", "interrupted"), turn
        if turn.outcome == "completed":
            assert prompted[said.marker] == 1, f"{said} reached a harness {prompted[said.marker]} times"
        else:
            assert turn.prompt_sent, f"{turn} was interrupted although its prompt was never sent"
            assert prompted[said.marker] <= 1, f"{said} reached a harness {prompted[said.marker]} times"
    assert len(ledger.all_turns) == len(people.said), "there are turns that nobody asked for"
    for root in people.roots:
        _check_thread(slack, root, ledger, {said.ts: said.answer for said in people.said})
    return ledger


def _check_thread(slack: LocalSlack, root: Said, ledger: Ledger, answer_of: dict[str, str]) -> None:
    """Slack has each message of each turn once, nothing else, and says how each turn ended."""
    turns = [turn for turn in ledger.all_turns if turn.thread_ts == root.thread_ts]
    posts = answers(slack, root)
    for post in posts:
        assert post.metadata is not None and post.metadata["event_type"] == METADATA_EVENT, post
    by_ts = {post.ts: post for post in posts}
    in_slack = sorted((_intent(post), post.ts) for post in posts)
    on_record = sorted(message for turn in turns for message in ledger.messages[turn.id])
    assert in_slack == on_record, f"Slack has {in_slack}, the record {on_record}"
    for turn in turns:
        text = "\n".join(shown_text(by_ts[ts]) for _, ts in ledger.messages[turn.id] if ts is not None)
        _check_text(turn, answer_of[turn.message_ts], text)


def _intent(post: Message) -> str:
    assert post.metadata is not None
    return str(post.metadata["event_payload"]["intent_id"])


def _check_text(turn: TurnRow, answer: str, text: str) -> None:
    assert ended_turns(text) == 1 and f"turn {turn.ordinal}" in text, text
    if turn.outcome == "interrupted":
        assert "Interrupted." in text and ("go on" in text or "went on" in text), text
    else:
        assert "Interrupted." not in text and answer in text, text
