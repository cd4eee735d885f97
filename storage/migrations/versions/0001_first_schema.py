"""Inbox, sessions, turns, the event chain, Slack messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _inbox()
    _session()
    _turn()
    _event()
    _slack_message()
    _append_only()


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("gesture_key", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Integer(), nullable=False),
        sa.Column("handled_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("team_id", "gesture_key"),
    )
    op.create_index(
        "inbox_event_id",
        "inbox",
        ["team_id", "event_id"],
        unique=True,
        sqlite_where=sa.text("event_id IS NOT NULL"),
    )
    op.create_index(
        "inbox_pending",
        "inbox",
        ["team_id", "channel_id", "thread_ts"],
        sqlite_where=sa.text("handled_at IS NULL"),
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("harness", sa.String(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("owner_user_id", sa.String(), nullable=False),
        sa.Column("previous_session_id", sa.String(), nullable=True),
        sa.Column("harness_session_id", sa.String(), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("state IN ('open', 'closed')", name="session_state"),
    )
    op.create_index(
        "session_open",
        "session",
        ["team_id", "channel_id", "thread_ts"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index("session_thread", "session", ["team_id", "channel_id", "thread_ts", "opened_at"])


def _turn() -> None:
    op.create_table(
        "turn",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("message_ts", sa.String(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("queued_at", sa.Integer(), nullable=False),
        sa.Column("prompt_sent_at", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.Integer(), nullable=True),
        sa.Column("settled_at", sa.Integer(), nullable=True),
        sa.Column("interruption_settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("session_id", "ordinal"),
        sa.CheckConstraint("state IN ('queued', 'running', 'ended')", name="turn_state"),
        sa.CheckConstraint("(state = 'ended') = (outcome IS NOT NULL)", name="turn_outcome"),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"]),
        sa.UniqueConstraint("inbox_id"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"]),
    )
    op.create_index("turn_unsettled", "turn", ["team_id", "session_id"], sqlite_where=sa.text("settled_at IS NULL"))
    op.create_index("turn_unfinished", "turn", ["session_id"], sqlite_where=sa.text("state <> 'ended'"))


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("turn_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_index("event_turn", "event", ["turn_id", "n"], sqlite_where=sa.text("turn_id IS NOT NULL"))
    op.create_index(
        "event_session",
        "event",
        ["session_id", "n"],
        sqlite_where=sa.text("session_id IS NOT NULL AND turn_id IS NULL"),
    )
    op.create_table(
        "blob",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "event_body",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("blob_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("n"),
        sa.ForeignKeyConstraint(["n"], ["event.n"]),
        sa.ForeignKeyConstraint(["blob_sha256"], ["blob.sha256"]),
    )
    op.create_index(
        "event_body_blob",
        "event_body",
        ["blob_sha256"],
        sqlite_where=sa.text("blob_sha256 IS NOT NULL"),
    )
    op.create_table(
        "erasure",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("recorded_n", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
        sa.ForeignKeyConstraint(["n"], ["event.n"]),
        sa.ForeignKeyConstraint(["recorded_n"], ["event.n"]),
    )


def _slack_message() -> None:
    op.create_table(
        "slack_message",
        sa.Column("intent_id", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=False),
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("sent_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("intended_at", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("intent_id"),
        sa.UniqueConstraint("turn_id", "part"),
        sa.CheckConstraint("state IN ('intended', 'posted', 'parked')", name="slack_message_state"),
        sa.ForeignKeyConstraint(["turn_id"], ["turn.id"]),
    )
    op.create_index(
        "slack_message_ts",
        "slack_message",
        ["team_id", "channel_id", "ts"],
        sqlite_where=sa.text("ts IS NOT NULL"),
    )


def _append_only() -> None:
    """What makes the chain append-only for every program that opens the file, not only for Reins."""
    for table, change, condition in (
        ("event", "update", ""),
        ("event", "delete", ""),
        ("event_body", "update", ""),
        ("event_body", "delete", "WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE n = OLD.n)"),
        ("blob", "update", ""),
        ("erasure", "update", ""),
        ("erasure", "delete", ""),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} {condition}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only: {change} refused'); END"
        )
