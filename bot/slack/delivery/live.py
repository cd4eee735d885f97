"""One turn being shown: its view so far, and the messages Slack has of it.

A post is written down before it is made, with an intent id that travels in the message's metadata. When it is not
known whether a post happened (a crash, a lost answer), the thread is searched for that id before it is made again.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import structlog
from sqlalchemy.engine import Connection

from bot.core.events import from_body
from bot.core.view import TurnView
from bot.slack.delivery.paced import PacedSender, Slot
from bot.slack.delivery.pacer import Priority
from bot.slack.delivery.sender import Gone, RateLimited, Refused
from bot.slack.render.turn import Bounds, Payload, RenderedTurn, render_turn
from storage import messages, turns
from storage.clock import clock_of
from storage.database import Storage
from storage.event_log import read_turn
from storage.faults import reach
from storage.inbox import ThreadKey
from storage.messages import StoredMessage
from storage.outgoing import Outgoing

_log = structlog.get_logger(__name__)
METADATA_EVENT = "reins_message"
_LOOK_BACK_S = 300


class LiveTurn:
    """Belongs to delivery, which never runs two steps of one turn at once."""

    def __init__(
        self,
        storage: Storage,
        sender: PacedSender,
        bounds: Bounds,
        outgoing: Outgoing,
        thread: ThreadKey,
        turn_id: str,
    ) -> None:
        self.thread = thread
        self.turn_id = turn_id
        self.view = TurnView()
        self._storage = storage
        self._sender = sender
        self._bounds = bounds
        self._outgoing = outgoing
        self._applied_n = 0
        self._messages: list[StoredMessage] = []
        self._maybe_posted: set[str] = set()
        self._attached = False
        self._unattached: str | None = None
        self._unsent: dict[str, str] = {}

    @property
    def posted(self) -> bool:
        """Whether Slack has a message of this turn."""
        return bool(self._messages) and self._messages[0].ts is not None

    @property
    def ended(self) -> bool:
        """Whether the last event of the turn has been folded."""
        return self.view.phase == "ended"

    async def load(self) -> None:
        """What an earlier run of the service already sent."""

        def read(conn: Connection) -> list[StoredMessage]:
            return messages.of_turn(conn, self.thread.team_id, self.turn_id)

        self._messages = await self._storage.writer.run(read)
        self._maybe_posted = {message.intent_id for message in self._messages if message.ts is None}

    async def catch_up(self) -> bool:
        """Apply the events that are new. True when there were any."""
        async with self._storage.reader.connect() as conn:
            events = await read_turn(conn, self.turn_id, after_n=self._applied_n)
        for event in events:
            if event.body is not None:
                self.view.apply(from_body(event.body), event.at)
            self._applied_n = event.n
        return bool(events)

    async def show(self, priority: Priority, slot: Slot | None) -> None:
        """Bring Slack to what the view says now. Raises one of the `SendFailed`; may then be called again."""
        rendered = self._render()
        await self._show_messages(rendered.messages, priority, slot)
        if rendered.whole_answer is not None and not self._attached and self._unattached is None:
            await self._attach(rendered.whole_answer)
            await self._show_messages(self._render().messages, priority, None)
        if self.ended and self.view.files_offered:
            await self._send_files()
            await self._show_messages(self._render().messages, priority, None)

    def _render(self) -> RenderedTurn:
        return render_turn(self.turn_id, self.view, self._bounds, self._unattached, self._unsent)

    async def _show_messages(self, payloads: list[Payload], priority: Priority, slot: Slot | None) -> None:
        for part, payload in enumerate(payloads):
            if part == len(self._messages):
                self._messages.append(await self._intend(part))
            await self._bring(part, payload, priority, slot)
        while len(self._messages) > len(payloads):
            await self._delete_last(priority)

    async def _attach(self, whole_answer: str) -> None:
        """When Slack does not take the file, the messages say so and where the answer is."""
        name = f"answer-turn-{self.view.ordinal}.md"
        try:
            await self._sender.attach(self.thread.channel_id, self.thread.thread_ts, name, whole_answer)
        except (Refused, Gone) as refused:
            _log.error("delivery.not_attached", turn_id=self.turn_id, error=str(refused))
            self._unattached = refused.error
        else:
            self._attached = True

    async def _send_files(self) -> None:
        """What the harness left for the thread, in order. A copy that is gone was sent; what Slack does not take is
        said in the messages and not tried again."""
        for file in self.view.files_offered:
            content = await asyncio.to_thread(self._outgoing.read, self.turn_id, file.number)
            if content is None or file.name in self._unsent:
                continue
            try:
                await self._sender.attach(self.thread.channel_id, self.thread.thread_ts, file.name, content)
            except (Refused, Gone) as refused:
                _log.error("delivery.file_not_sent", turn_id=self.turn_id, error=str(refused))
                self._unsent[file.name] = refused.error
            else:
                await asyncio.to_thread(self._outgoing.sent, self.turn_id, file.number)

    async def settle(self) -> bool:
        """Slack shows the end, or never can: the turn needs no further look, not even after a restart. False when the
        turn has events since that are still to be shown."""

        def settle(conn: Connection) -> bool:
            at = clock_of(conn).now_ms()
            return turns.settle(conn, self.thread.team_id, self.turn_id, through_n=self._applied_n, at=at)

        reach("delivery.settling")
        settled = await self._storage.writer.run(settle)
        reach("delivery.settled")
        if settled:
            await asyncio.to_thread(self._outgoing.discard, self.turn_id)
        return settled

    async def park(self) -> None:
        """Slack said for good that it will not take this turn's messages."""

        def park(conn: Connection) -> None:
            for message in self._messages:
                messages.park(conn, message.intent_id, clock_of(conn).now_ms())

        await self._storage.writer.run(park)

    async def _intend(self, part: int) -> StoredMessage:
        def intend(conn: Connection) -> StoredMessage:
            return messages.intend(conn, self.thread, self.turn_id, part, clock_of(conn).now_ms())

        message = await self._storage.writer.run(intend)
        reach("delivery.intended")
        return message

    async def _bring(self, part: int, payload: Payload, priority: Priority, slot: Slot | None) -> None:
        message = self._messages[part]
        if message.ts is None and message.intent_id in self._maybe_posted:
            ts = await self._find(message, priority)
            if ts is not None:
                await self._record(part, ts, None)
            self._maybe_posted.discard(message.intent_id)
        if self._messages[part].sent_digest == payload.digest:
            return
        try:
            await self._send(part, payload, payload.digest, priority, slot)
        except Refused as refused:
            _log.error("delivery.refused", turn_id=self.turn_id, part=part, error=str(refused))
            await self._send_plain(part, payload, refused, priority)

    async def _send_plain(self, part: int, payload: Payload, refused: Refused, priority: Priority) -> None:
        """Raises `Gone` when Slack does not take this either: there is nothing simpler to send."""
        try:
            await self._send(part, _plain(payload, refused.error), payload.digest, priority, None)
        except Refused as again:
            raise Gone(again.method, again.error) from again

    async def _send(self, part: int, payload: Payload, digest: bytes, priority: Priority, slot: Slot | None) -> None:
        message = self._messages[part]
        content = {"text": payload.text, "blocks": payload.blocks, "metadata": _metadata(message)}
        channel = self.thread.channel_id
        if message.ts is not None:
            await self._sender.write("chat.update", channel, priority, slot, ts=message.ts, **content)
            await self._record(part, message.ts, digest)
            reach("delivery.updated")
            return
        # Until its ts is on record, only Slack knows whether this post was made.
        self._maybe_posted.add(message.intent_id)
        try:
            answer = await self._sender.write(
                "chat.postMessage",
                channel,
                priority,
                slot,
                thread_ts=self.thread.thread_ts,
                unfurl_links=False,
                unfurl_media=False,
                **content,
            )
        except (Refused, Gone, RateLimited):
            self._maybe_posted.discard(message.intent_id)
            raise
        reach("delivery.posted")
        await self._record(part, str(answer["ts"]), digest)
        self._maybe_posted.discard(message.intent_id)
        reach("delivery.recorded")

    async def _record(self, part: int, ts: str, digest: bytes | None) -> None:
        message = self._messages[part]

        def record(conn: Connection) -> None:
            messages.record_sent(conn, message.intent_id, ts, digest, clock_of(conn).now_ms())

        await self._storage.writer.run(record)
        self._messages[part] = replace(message, ts=ts, sent_digest=digest, state="posted")

    async def _find(self, message: StoredMessage, priority: Priority) -> str | None:
        """The ts of the message that carries this intent, if the post did happen."""
        cursor = ""
        oldest = max(0.0, message.intended_at / 1000 - _LOOK_BACK_S)
        while True:
            page = await self._sender.read(
                "conversations.replies",
                self.thread.channel_id,
                priority,
                ts=self.thread.thread_ts,
                oldest=f"{oldest:.6f}",
                limit=200,
                include_all_metadata="true",
                cursor=cursor,
            )
            for reply in page.get("messages", []):
                payload = reply.get("metadata", {}).get("event_payload", {})
                if payload.get("intent_id") == message.intent_id:
                    return str(reply["ts"])
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return None

    async def _delete_last(self, priority: Priority) -> None:
        surplus = self._messages[-1]
        ts = surplus.ts
        if ts is None and surplus.intent_id in self._maybe_posted:
            ts = await self._find(surplus, priority)
        if ts is not None:
            try:
                await self._sender.write("chat.delete", self.thread.channel_id, priority, None, ts=ts)
            except Gone as gone:
                if gone.error != "message_not_found":  # somebody was faster
                    raise

        def forget(conn: Connection) -> None:
            messages.forget(conn, surplus.intent_id)

        await self._storage.writer.run(forget)
        self._messages.pop()


def _metadata(message: StoredMessage) -> dict[str, object]:
    return {"event_type": METADATA_EVENT, "event_payload": {"intent_id": message.intent_id}}


def _plain(refused: Payload, error: str) -> Payload:
    """One section: how the turn ended or how this part begins, and where the rest is."""
    remark = f"(Slack refused this part of the answer: {error}. `reins session show` prints all of it.)"
    said = f"{refused.text}\n{remark}"
    return Payload(said, [{"type": "section", "text": {"type": "mrkdwn", "text": said}}])
