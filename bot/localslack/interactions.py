"""Clicks, commands and submissions on their way to the app, and what its acknowledgement makes of them.

Sources: https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

from bot.localslack import elements, payloads
from bot.localslack.blocks import check_message_blocks, check_view
from bot.localslack.changes import Change
from bot.localslack.deliveries import Deliveries
from bot.localslack.errors import ApiError
from bot.localslack.messages import Message
from bot.localslack.permits import Permits
from bot.localslack.posting import Posting
from bot.localslack.state import Channel, State, User, View

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """An error that Slack itself shows to one person because the app did not answer."""

    user_id: str
    channel_id: str
    what: Literal["command", "action", "submission", "closing"]
    text: str


class Interactions:
    def __init__(self, state: State, deliveries: Deliveries, posting: Posting, permits: Permits, log_size: int) -> None:
        self._state = state
        self._deliveries = deliveries
        self._posting = posting
        self._permits = permits
        self.notices: deque[Notice] = deque(maxlen=log_size)

    # on their way out

    def message_action(
        self, who: User, where: Channel, post: Message, block_id: str, element: Json, value: Json
    ) -> None:
        """`block_actions` from a message. An ephemeral message travels by reference only, as in Slack."""
        ephemeral = post.ephemeral_to is not None
        container: Json = {
            "type": "message",
            "message_ts": post.ts,
            "channel_id": where.id,
            "is_ephemeral": ephemeral,
        }
        if post.thread_ts is not None:
            container["thread_ts"] = post.thread_ts
        body = self._block_actions(who, container, block_id, element, value)
        body |= {
            "channel": {"id": where.id, "name": "directmessage" if where.kind == "im" else where.name},
            "state": {"values": _values(post.blocks)},
            "response_url": self._response_url(who, where, post.ts, ephemeral),
        }
        if not ephemeral:
            body["message"] = payloads.message(self._state, post)
        self._interact(body, Notice(who.id, where.id, "action", "This app did not respond to the click."))

    def view_action(self, who: User, view: View, block_id: str, element: Json, value: Json) -> None:
        """`block_actions` from a modal or a Home tab."""
        body = self._block_actions(who, {"type": "view", "view_id": view.id}, block_id, element, value)
        body["view"] = payloads.view(self._state, view)
        self._interact(body, Notice(who.id, "", "action", "This app did not respond to the click."))

    def command(self, who: User, where: Channel, command: str, text: str) -> None:
        body = {
            "token": "local-verification-token",
            "team_id": self._state.team_id,
            "team_domain": self._state.team_domain,
            "channel_id": where.id,
            "channel_name": {"im": "directmessage", "group": "privategroup"}.get(where.kind, where.name),
            "user_id": who.id,
            "user_name": who.name,
            "command": command,
            "text": text,
            "api_app_id": self._state.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(who, where, None, True),
            "trigger_id": self._trigger(who),
        }

        def answered(ack: Json | None) -> None:
            if ack is None:
                self._notice(Notice(who.id, where.id, "command", f"{command} failed with the error “dispatch_failed”"))
                return
            try:
                self._show_answer(ack, who, where)
            except ApiError as error:
                self._notice(Notice(who.id, where.id, "command", f"{command} failed with the error “{error}”"))

        self._deliveries.interaction("slash_commands", body, accepts_response_payload=True, answered=answered)

    def submission(self, who: User, view: View) -> None:
        """`view_submission`; the ack says whether the modal closes, shows errors, changes, or is covered by another."""
        body = self._base("view_submission", who) | {
            "trigger_id": self._trigger(who),
            "view": payloads.view(self._state, view),
            "response_urls": [],
        }

        def answered(ack: Json | None) -> None:
            if ack is None:
                self._notice(Notice(who.id, "", "submission", "We had some trouble connecting. Try again?"))
                return
            try:
                self._after_submission(who, view, ack)
            except ApiError as error:
                self._notice(Notice(who.id, "", "submission", f"We had some trouble connecting: {error}"))

        self._deliveries.interaction("interactive", body, accepts_response_payload=True, answered=answered)

    def closing(self, who: User, view: View, cleared: bool) -> None:
        body = self._base("view_closed", who) | {"view": payloads.view(self._state, view), "is_cleared": cleared}
        self._interact(body, Notice(who.id, "", "closing", "This app did not respond to the closing of its view."))

    # on their way back

    def _show_answer(self, ack: Json, who: User, where: Channel) -> None:
        if ack.get("text") or ack.get("blocks"):
            in_channel = ack.get("response_type") == "in_channel"
            self._posting.post(self._answer(ack, where, None if in_channel else who.id))

    def _after_submission(self, who: User, view: View, ack: Json) -> None:
        if view.id not in self._state.views:
            return
        stack = self._state.modals[who.id]
        match ack.get("response_action"):
            case "errors":
                view.errors = {str(k): str(v) for k, v in (ack.get("errors") or {}).items()}
                self._state.changes.publish(Change("view", user_id=who.id))
            case "clear":
                self._state.close_modals(who.id)
            case "update":
                self.replace_content(view, check_view(ack.get("view"), "modal"))
            case "push":
                self.open_modal(who.id, check_view(ack.get("view"), "modal"), view)
            case _:
                self._state.close_modals(who.id, keep=stack.index(view.id))

    # views

    def new_hash(self) -> str:
        return f"{int(self._state.clock())}.{secrets.token_hex(4)}"

    def open_modal(self, user_id: str, content: Json, below: View | None) -> View:
        view_id = self._state.new_id("V")
        root = below.root_id if below is not None else view_id
        view = View(view_id, user_id, "modal", content, self.new_hash(), root, below.id if below else None)
        self.prefill(view)
        self._state.open_modal(view)
        return view

    def replace_content(self, view: View, content: Json) -> None:
        view.content, view.hash, view.errors = content, self.new_hash(), {}
        self.prefill(view)
        self._state.changes.publish(Change("view", user_id=view.user_id))

    def prefill(self, view: View) -> None:
        """Start from the initial values; what a person chose in an input that is still there is kept."""
        kept = view.selections
        view.selections = {}
        for block_id, element in elements.interactive(view.content.get("blocks", ())):
            key = (block_id, element["action_id"])
            value = kept.get(key) or elements.initial(element)
            if value is not None:
                view.selections[key] = value

    # shapes

    def _answer(self, ack: Json, where: Channel, ephemeral_to: str | None) -> Message:
        return Message(
            ts=self._state.next_ts(),
            channel_id=where.id,
            user=self._state.bot.id,
            bot_id=self._state.bot.bot_id,
            text=str(ack.get("text", "")),
            blocks=tuple(check_message_blocks(ack.get("blocks") or [])),
            ephemeral_to=ephemeral_to,
        )

    def _base(self, kind: str, who: User) -> Json:
        return {
            "type": kind,
            "team": {"id": self._state.team_id, "domain": self._state.team_domain},
            "user": {"id": who.id, "username": who.name, "name": who.name, "team_id": who.team_id},
            "api_app_id": self._state.app_id,
            "token": "local-verification-token",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _block_actions(self, who: User, container: Json, block_id: str, element: Json, value: Json) -> Json:
        return self._base("block_actions", who) | {
            "container": container,
            "trigger_id": self._trigger(who),
            "actions": [elements.action(block_id, element, value, self._state.next_ts())],
        }

    def _interact(self, body: Json, unanswered: Notice) -> None:
        def answered(ack: Json | None) -> None:
            if ack is None:
                self._notice(unanswered)

        self._deliveries.interaction("interactive", body, accepts_response_payload=False, answered=answered)

    def _notice(self, notice: Notice) -> None:
        self.notices.append(notice)
        self._state.changes.publish(Change("notice", notice.channel_id, user_id=notice.user_id))

    def _trigger(self, who: User) -> str:
        trigger_id = f"{self._state.new_id('')}.{secrets.token_hex(16)}"
        self._permits.new_trigger(trigger_id, who.id)
        return trigger_id

    def _response_url(self, who: User, where: Channel, ts: str | None, ephemeral: bool) -> str:
        response_id = secrets.token_urlsafe(24)
        self._permits.new_response(response_id, who.id, where.id, ts, ephemeral)
        return f"{self._state.base_url}/hooks/{response_id}"


def _values(blocks: tuple[Json, ...]) -> Json:
    values: Json = {}
    for block_id, element in elements.interactive(blocks):
        value = elements.initial(element)
        if value is not None:
            values.setdefault(block_id, {})[element["action_id"]] = value
    return values
