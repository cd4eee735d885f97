"""The tables. One authority for the schema: migrations are checked against it by a test.

Times are integer milliseconds since the Unix epoch, taken from `storage.clock.Clock`. Every row that belongs to a
Slack workspace carries its ``team_id``; every query names it.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel


class Inbox(SQLModel, table=True):
    """One gesture a person made, committed before it was acknowledged. ``gesture_key`` makes it count once."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("team_id", "gesture_key"),
        Index("inbox_event_id", "team_id", "event_id", unique=True, sqlite_where=text("event_id IS NOT NULL")),
        Index("inbox_pending", "team_id", "channel_id", "thread_ts", sqlite_where=text("handled_at IS NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    team_id: str
    gesture_key: str
    event_id: str | None = None
    kind: str
    channel_id: str
    thread_ts: str = Field(description="root of the thread the gesture belongs to")
    ts: str = Field(description="Slack's own time of the gesture; orders gestures within a thread")
    user_id: str
    body: str = Field(
        sa_column=Column(Text, nullable=False),
        description="the gesture as JSON, without tokens; emptied once handled",
    )
    received_at: int
    handled_at: int | None = None


class Session(SQLModel, table=True):
    """One harness conversation. ``harness`` never changes. At most one open session per thread."""

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed')", name="session_state"),
        Index("session_thread", "team_id", "channel_id", "thread_ts", "opened_at"),
        Index(
            "session_open",
            "team_id",
            "channel_id",
            "thread_ts",
            unique=True,
            sqlite_where=text("state = 'open'"),
        ),
    )
    id: str = Field(primary_key=True)
    team_id: str
    channel_id: str
    thread_ts: str
    agent: str
    harness: str
    snapshot: str = Field(sa_column=Column(Text, nullable=False), description="the agent's definition as JSON")
    owner_user_id: str
    previous_session_id: str | None = None
    harness_session_id: str | None = Field(default=None, description="ACP sessionId, for session/load")
    model: str | None = Field(default=None, description="what `!model` chose for this thread; null for the agent's")
    state: str = "open"
    opened_at: int
    closed_at: int | None = None


class Turn(SQLModel, table=True):
    """One prompt and everything until the harness stops. The prompt's words are in its `turn.queued` event, so that
    erasing events erases them. ``settled_at`` is set once its last view is in Slack
    (or can never be); boot reads only turns where it is null."""

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("session_id", "ordinal"),
        CheckConstraint("state IN ('queued', 'running', 'ended')", name="turn_state"),
        CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="turn_outcome"),
        Index("turn_unsettled", "team_id", "session_id", sqlite_where=text("settled_at IS NULL")),
        Index("turn_unfinished", "session_id", sqlite_where=text("state <> 'ended'")),
    )
    id: str = Field(primary_key=True)
    team_id: str
    session_id: str = Field(foreign_key="session.id")
    ordinal: int
    inbox_id: int = Field(foreign_key="inbox.id", unique=True)
    user_id: str
    message_ts: str
    late: bool = False
    state: str = "queued"
    outcome: str | None = None
    queued_at: int
    prompt_sent_at: int | None = None
    ended_at: int | None = None
    settled_at: int | None = None
    interruption_settled: bool = Field(default=False, description="somebody said what to do after an interruption")


class Event(SQLModel, table=True):
    """One fact, appended once and chained. UPDATE and DELETE raise (triggers in the first migration).

    ``digest = SHA-256(prev ‖ canonical JSON of [n, team_id, session_id, turn_id, kind, version, at, hex(body_hash)])``
    and ``body_hash = SHA-256(salt ‖ body)``; ``prev`` is the digest of row ``n - 1`` (32 zero bytes for the first).
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("event_turn", "turn_id", "n", sqlite_where=text("turn_id IS NOT NULL")),
        Index("event_session", "session_id", "n", sqlite_where=text("session_id IS NOT NULL AND turn_id IS NULL")),
    )
    n: int | None = Field(default=None, primary_key=True)
    team_id: str
    session_id: str | None = None
    turn_id: str | None = None
    kind: str
    version: int
    at: int
    body_hash: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    digest: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))


class EventBody(SQLModel, table=True):
    """What an event says, beside the chain so that it can be erased. At most 256 KiB inline; longer bodies are in
    `Blob` and ``blob_sha256`` names them. UPDATE raises; DELETE raises unless an `Erasure` row names ``n``."""

    __tablename__ = "event_body"
    __table_args__ = (Index("event_body_blob", "blob_sha256", sqlite_where=text("blob_sha256 IS NOT NULL")),)
    n: int = Field(primary_key=True, foreign_key="event.n")
    salt: bytes = Field(sa_column=Column(LargeBinary(16), nullable=False))
    body: str | None = Field(default=None, sa_column=Column(Text))
    blob_sha256: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32), ForeignKey("blob.sha256")))


class Blob(SQLModel, table=True):
    """Content too long for a row, addressed by its SHA-256."""

    __tablename__ = "blob"
    sha256: bytes = Field(sa_column=Column(LargeBinary(32), primary_key=True))
    data: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Erasure(SQLModel, table=True):
    """The record that one event's body was erased on purpose; ``recorded_n`` is the chained event that says so."""

    __tablename__ = "erasure"
    n: int = Field(primary_key=True, foreign_key="event.n")
    recorded_n: int = Field(foreign_key="event.n")
    erased_at: int
    reason: str


class SlackMessage(SQLModel, table=True):
    """One message Reins means to have in Slack. ``intent_id`` travels in the message's metadata, so that after a
    crash a post that may have happened is looked up before it is repeated. ``ts`` is null until it is known."""

    __tablename__ = "slack_message"
    __table_args__ = (
        UniqueConstraint("turn_id", "part"),
        Index("slack_message_ts", "team_id", "channel_id", "ts", sqlite_where=text("ts IS NOT NULL")),
        CheckConstraint("state IN ('intended', 'posted', 'parked')", name="slack_message_state"),
    )
    intent_id: str = Field(primary_key=True)
    team_id: str
    channel_id: str
    thread_ts: str
    turn_id: str = Field(foreign_key="turn.id")
    part: int = Field(description="0 for the first message of the turn, then 1, 2, ... as it rolls over")
    state: str = "intended"
    ts: str | None = None
    sent_digest: bytes | None = Field(
        default=None,
        sa_column=Column(LargeBinary(32)),
        description="SHA-256 of the payload Slack last accepted",
    )
    intended_at: int
    sent_at: int | None = None


def table(model: type[SQLModel]) -> Table:
    """The Core table of a model, for statements on hot paths."""
    return SQLModel.metadata.tables[str(model.__tablename__)]
