"""The audit chain as an operator meets it: its head, its verification, and erasing what must be erased."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from sqlalchemy import ColumnElement, Row, delete, func, insert, select
from sqlalchemy.engine import Connection

from storage import event_log
from storage.errors import ErasureRefused
from storage.event_log import NewEvent, head
from storage.tables import Blob, Erasure, Event, EventBody, table
from storage.verification import ERASED_KIND, Erased, Fault, VerifyReport, verify

__all__ = ["Erased", "Events", "Fault", "OfSession", "OfTurn", "Target", "VerifyReport", "erase", "head", "verify"]


@dataclass(frozen=True, slots=True)
class Events:
    """These events, by number."""

    ns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OfSession:
    """Every event of one session."""

    session_id: str


@dataclass(frozen=True, slots=True)
class OfTurn:
    """Every event of one turn."""

    turn_id: str


Target = Events | OfSession | OfTurn

_event = table(Event)
_body = table(EventBody)
_blob = table(Blob)
_erasure = table(Erasure)


def erase(conn: Connection, target: Target, reason: str) -> int:
    """Erase the bodies of the target's events, inside `Writer.run`; return the number of the event that records it.

    The chain stays whole: the record, of kind ``audit.erased``, is appended first and names every event and the
    reason. Bytes leave the files only with `Writer.truncate_wal` after the commit; `Storage.erase` does both.
    What was erased before is skipped. Raises `ErasureRefused` when nothing is left to erase, an event does not
    exist, is itself the record of an erasure, or belongs to another team than the rest.
    """
    rows = _chosen(conn, target)
    if any(row.kind == ERASED_KIND for row in rows):
        raise ErasureRefused("The record of an erasure cannot be erased; leave it out.")
    teams = sorted({row.team_id for row in rows})
    if len(teams) > 1:
        raise ErasureRefused(f"These events belong to several teams ({', '.join(teams)}); erase one team at a time.")
    ns = [row.n for row in rows if not row.gone]
    if not ns:
        raise ErasureRefused("There is nothing to erase: no such events, or they were erased before.")
    body = json.dumps({"ns": ns, "reason": reason}, ensure_ascii=False, separators=(",", ":"))
    (recorded_n,) = event_log.append(conn, [NewEvent(teams[0], None, None, ERASED_KIND, 1, body)])
    at = conn.execute(select(_event.c.at).where(_event.c.n == recorded_n)).scalar_one()
    conn.execute(
        insert(_erasure),
        [{"n": n, "recorded_n": recorded_n, "erased_at": at, "reason": reason} for n in ns],
    )
    _delete_bodies(conn, recorded_n)
    return recorded_n


def _chosen(conn: Connection, target: Target) -> Sequence[Row[Any]]:
    where: ColumnElement[bool]
    match target:
        case Events(ns):
            numbers = func.json_each(json.dumps(sorted(set(ns)))).table_valued("value")
            where = _event.c.n.in_(select(numbers.c.value))
        # Both read the whole table, so that no event is missed for want of a turn's row. Erasing is rare.
        case OfSession(session_id):
            where = _event.c.session_id == session_id
        case OfTurn(turn_id):
            where = _event.c.turn_id == turn_id
        case _:
            assert_never(target)
    rows = conn.execute(
        select(_event.c.n, _event.c.team_id, _event.c.kind, _erasure.c.n.is_not(None).label("gone"))
        .outerjoin_from(_event, _erasure, _erasure.c.n == _event.c.n)
        .where(where)
        .order_by(_event.c.n)
    ).all()
    if isinstance(target, Events) and (missing := set(target.ns) - {row.n for row in rows}):
        raise ErasureRefused(f"There is no event {min(missing)}; name events that exist.")
    return rows


def _delete_bodies(conn: Connection, recorded_n: int) -> None:
    erased = _body.c.n.in_(select(_erasure.c.n).where(_erasure.c.recorded_n == recorded_n))
    blobs = conn.execute(
        select(_body.c.blob_sha256).where(erased, _body.c.blob_sha256.is_not(None)).distinct()
    ).scalars()
    for sha256 in blobs.all():
        conn.execute(delete(_body).where(erased, _body.c.blob_sha256 == sha256))
        if conn.execute(select(_body.c.n).where(_body.c.blob_sha256 == sha256).limit(1)).first() is None:
            conn.execute(delete(_blob).where(_blob.c.sha256 == sha256))
    conn.execute(delete(_body).where(erased))
