"""One thing a person did in Slack, and the key under which it counts once.

A gesture carries no token and no trigger id: those are dropped (the trigger id hashed) before it exists.
Keys follow what Slack keeps stable across retries and reconnects, not ``event_id`` or ``envelope_id`` alone.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

_SURROGATE = re.compile("[\ud800-\udfff]")


class _Gesture(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    team_id: str
    channel_id: str
    user_id: str
    event_id: str | None = None

    @field_validator("*")
    @classmethod
    def _encodable(cls, value: object) -> object:
        """JSON can escape half of a surrogate pair, which no encoding can write."""
        return _SURROGATE.sub("\ufffd", value) if isinstance(value, str) and not value.isascii() else value


class SlackFile(BaseModel):
    """A file attached to a message, as the message announces it. ``size`` in bytes; ``url`` is empty when Slack offers
    none (a file that was deleted, or is kept elsewhere)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    name: str
    mimetype: str
    size: int
    url: str


class Message(_Gesture):
    """A message by a person. A channel mention arrives both as `message` and `app_mention`: they share a key."""

    kind: Literal["message"] = "message"
    ts: str
    thread_ts: str | None = None
    text: str
    mentions_bot: bool
    is_dm: bool
    files: tuple[SlackFile, ...] = ()

    @property
    def key(self) -> str:
        return f"msg:{self.channel_id}:{self.ts}"

    @property
    def thread(self) -> str:
        return self.thread_ts or self.ts


class Edit(_Gesture):
    """A person changed the text of a message. Unfurls, which change a message without ``edited``, are not edits."""

    kind: Literal["edit"] = "edit"
    ts: str = Field(description="of the message that was edited")
    edited_ts: str
    thread_ts: str | None = None
    text: str

    @property
    def key(self) -> str:
        return f"edit:{self.channel_id}:{self.ts}:{self.edited_ts}"

    @property
    def thread(self) -> str:
        return self.thread_ts or self.ts


class Deletion(_Gesture):
    """A person deleted a message of theirs."""

    kind: Literal["deletion"] = "deletion"
    ts: str = Field(description="of the message that is gone")
    deleted_ts: str = Field(description="event_ts of the deletion")
    thread_ts: str | None = None

    @property
    def key(self) -> str:
        return f"deletion:{self.channel_id}:{self.ts}"

    @property
    def thread(self) -> str:
        return self.thread_ts or self.ts


class Reaction(_Gesture):
    """A person added an emoji to a message. Slack does not say which thread the message is in."""

    kind: Literal["reaction"] = "reaction"
    item_ts: str
    name: str
    ts: str = Field(description="event_ts of the reaction")

    @property
    def key(self) -> str:
        return f"reaction:{self.channel_id}:{self.item_ts}:{self.user_id}:{self.name}:{self.ts}"


class Click(_Gesture):
    """A person used a control of one of our messages."""

    kind: Literal["click"] = "click"
    message_ts: str
    thread_ts: str | None = None
    action_id: str
    value: str = ""
    ts: str = Field(description="action_ts")

    @property
    def key(self) -> str:
        return f"click:{self.channel_id}:{self.message_ts}:{self.user_id}:{self.action_id}:{self.ts}"

    @property
    def thread(self) -> str:
        return self.thread_ts or self.message_ts


class Command(_Gesture):
    """A slash command. ``trigger_digest`` is the SHA-256 of the trigger id, which itself is never kept."""

    kind: Literal["command"] = "command"
    command: str
    text: str
    trigger_digest: str

    @property
    def key(self) -> str:
        return f"command:{self.trigger_digest}"


class Submission(_Gesture):
    """A modal was submitted. Its values are not part of the gesture: a secret may be among them."""

    kind: Literal["submission"] = "submission"
    view_id: str
    view_hash: str
    callback_id: str

    @property
    def key(self) -> str:
        return f"submission:{self.view_id}:{self.view_hash}"


Gesture = Message | Edit | Deletion | Reaction | Click | Command | Submission
AnyGesture = Annotated[Gesture, Field(discriminator="kind")]

STOP_ACTION = "turn_stop"
RESUME_ACTION = "turn_resume"
DISCARD_ACTION = "turn_discard"
STOP_REACTION = "x"
