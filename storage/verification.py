"""Verifying the audit chain: one pass over every event, in order, that stops at the first bad row.

What it can know: any edit, insertion, removal or move before the last event. What it cannot know without a head kept
elsewhere: that the last events were cut off, or that everything from some row on was written anew.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from storage.chain import EMPTY, GENESIS, Head, body_hash, event_digest
from storage.connections import connect_reader
from storage.errors import StorageUnavailable, unavailable

ERASED_KIND = "audit.erased"
"""The kind of the event that records an erasure. Its own body is never erased."""

FaultKind = Literal[
    "edited",  # the row does not have the digest it was given
    "missing",  # a number is skipped
    "reordered",  # the row was written under another number
    "body_changed",  # the body does not have the hash in the chain
    "body_missing",  # the body is gone and no erasure accounts for it
    "erasure_changed",  # an erasure is not what the chain records
    "stray",  # something is there that belongs to no event
    "truncated",  # the chain ends before the head that was given
    "forked",  # the chain reaches the given head's number with another history
]

_EVENTS = """
SELECT e.n, e.team_id, e.session_id, e.turn_id, e.kind, e.version, e.at, e.body_hash, e.digest,
       b.n, b.salt, b.body, b.blob_sha256, l.data, x.recorded_n, x.erased_at, x.reason
FROM event e
LEFT JOIN event_body b ON b.n = e.n
LEFT JOIN blob l ON l.sha256 = b.blob_sha256
LEFT JOIN erasure x ON x.n = e.n
ORDER BY e.n
"""
_STRAYS = (
    ("a body", "SELECT n FROM event_body WHERE n NOT IN (SELECT n FROM event) ORDER BY n LIMIT 1"),
    ("an erasure", "SELECT n FROM erasure WHERE n NOT IN (SELECT n FROM event) ORDER BY n LIMIT 1"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """The first bad row: its number, the kind of fault, and one sentence for an operator."""

    n: int
    kind: FaultKind
    what: str


@dataclass(frozen=True, slots=True)
class Erased:
    """An event whose body was erased on purpose, and where that is recorded."""

    n: int
    recorded_n: int
    erased_at: int
    reason: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """``events`` sound events up to ``head``; the erasures among them; ``fault`` is None when all is well."""

    events: int
    head: Head
    erased: tuple[Erased, ...]
    fault: Fault | None

    @property
    def ok(self) -> bool:
        return self.fault is None


@dataclass(frozen=True, slots=True)
class _Row:
    """One event as stored, every value of whatever type the file has."""

    n: Any
    team_id: Any
    session_id: Any
    turn_id: Any
    kind: Any
    version: Any
    at: Any
    body_hash: Any
    digest: Any
    body_n: Any
    salt: Any
    body: Any
    blob_sha256: Any
    blob: Any
    recorded_n: Any
    erased_at: Any
    reason: Any

    def digest_after(self, prev: Any, n: Any) -> bytes | None:
        """The digest this row would have as number `n` after `prev`; None when a value is not of a type that is
        ever written, which no digest can match."""
        try:
            return event_digest(
                prev, n, self.team_id, self.session_id, self.turn_id, self.kind, self.version, self.at, self.body_hash
            )
        except (AttributeError, TypeError, ValueError):
            return None


class _Bad(Exception):
    def __init__(self, n: int, kind: FaultKind, what: str) -> None:
        super().__init__(what)
        self.fault = Fault(n, kind, what)


def verify(path: Path, expected: Head | None = None) -> VerifyReport:
    """Verify the database at `path`, against `expected` where an operator kept a head elsewhere.

    Reads one snapshot, beside a running service if there is one, and blocks for as long as it takes (some ten seconds
    for a million events): call it in a thread. Raises `StorageUnavailable` when the file cannot be read.
    """
    try:
        with closing(connect_reader(path)) as driver:
            # Bytes that are not UTF-8 must come out as a fault of their row, not as an error of the driver.
            driver.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
            driver.execute("BEGIN")
            return _Verification(driver, expected).report()
    except sqlite3.Error as error:
        raise unavailable(error, path) or StorageUnavailable(f"{path} cannot be verified: {error}.") from error


class _Verification:
    def __init__(self, driver: sqlite3.Connection, expected: Head | None) -> None:
        self._driver = driver
        self._expected = expected
        self._head = EMPTY
        self._erased: list[Erased] = []

    def report(self) -> VerifyReport:
        fault = None
        try:
            for row in self._rows():
                self._check_chain(row)
                self._check_body(row)
                self._head = Head(row.n, row.digest)
                self._check_expected()
            self._check_end()
        except _Bad as bad:
            fault = bad.fault
        return VerifyReport(self._head.n, self._head, tuple(self._erased), fault)

    def _rows(self) -> Iterator[_Row]:
        for values in self._driver.execute(_EVENTS):
            yield _Row(*values)

    def _check_chain(self, row: _Row) -> None:
        n = self._head.n + 1
        if row.n < n:
            raise _Bad(row.n, "stray", f"Event {row.n} is before the first event; it was put there.")
        if row.n > n:
            raise _Bad(n, "missing", f"Event {n} is missing: the one after {self._head.n} is {row.n}.")
        if row.digest == row.digest_after(self._head.digest, n):
            return
        written_as = self._place_of(row)
        if written_as is None:
            raise _Bad(n, "edited", f"Event {n} is not what was recorded: a value of it was changed.")
        raise _Bad(n, "reordered", f"Event {n} was recorded as event {written_as}: rows were moved.")

    def _place_of(self, bad: _Row) -> int | None:
        """Where a row that does not fit its place does fit, or whose facts fit its place: another number, if any."""
        prev: Any = GENESIS
        for other in self._rows():
            if other.n != bad.n:
                moved_whole = bad.digest == bad.digest_after(prev, other.n)
                swapped_facts = bad.digest == other.digest_after(self._head.digest, bad.n)
                if moved_whole or swapped_facts:
                    return int(other.n)
            prev = other.digest
        return None

    def _check_body(self, row: _Row) -> None:
        if row.body_n is None:
            self._check_erasure(row)
            return
        if row.recorded_n is not None:
            raise _Bad(row.n, "erasure_changed", f"Event {row.n} is listed as erased, and its body is there.")
        if row.blob_sha256 is None:
            data = row.body.encode("utf-8", "surrogateescape") if isinstance(row.body, str) else None
        else:
            data = row.blob if row.body is None and isinstance(row.blob, bytes) else None
            if data is None and row.blob is None:
                raise _Bad(row.n, "body_missing", f"The body of event {row.n} is gone, and nothing accounts for it.")
        intact = data is not None and isinstance(row.salt, bytes) and body_hash(row.salt, data) == row.body_hash
        if not intact or (row.blob_sha256 is not None and sha256(data or b"").digest() != row.blob_sha256):
            raise _Bad(row.n, "body_changed", f"The body of event {row.n} is not what was recorded.")

    def _check_erasure(self, row: _Row) -> None:
        if row.recorded_n is None or row.kind == ERASED_KIND:
            raise _Bad(row.n, "body_missing", f"The body of event {row.n} is gone, and nothing accounts for it.")
        self._erased.append(Erased(row.n, row.recorded_n, row.erased_at, row.reason))

    def _check_expected(self) -> None:
        expected = self._expected
        if expected is not None and expected.n == self._head.n and expected.digest != self._head.digest:
            raise _Bad(
                expected.n, "forked", f"Event {expected.n} is not the one whose head was kept: history was rewritten."
            )

    def _check_end(self) -> None:
        expected = self._expected
        if expected is not None and expected.n > self._head.n:
            raise _Bad(
                self._head.n + 1,
                "truncated",
                f"The chain ends at event {self._head.n}, and the head that was kept is event {expected.n}.",
            )
        for name, query in _STRAYS:
            for (n,) in self._driver.execute(query):
                raise _Bad(n, "stray", f"There is {name} for event {n}, and no such event.")
        self._check_records()

    def _check_records(self) -> None:
        """Every erasure must be what its chained record says: these events, this reason, that time."""
        recorded: dict[int, tuple[int, str, frozenset[int]] | None] = {}
        for erased in self._erased:
            if erased.recorded_n not in recorded:
                recorded[erased.recorded_n] = self._record(erased.recorded_n)
            record = recorded[erased.recorded_n]
            if (
                record is None
                or erased.n not in record[2]
                or (erased.erased_at, erased.reason) != (record[0], record[1])
            ):
                raise _Bad(
                    erased.n, "erasure_changed", f"The erasure of event {erased.n} is not the one the chain records."
                )

    def _record(self, n: Any) -> tuple[int, str, frozenset[int]] | None:
        row = self._driver.execute(
            "SELECT e.at, coalesce(b.body, CAST(l.data AS TEXT)) FROM event e JOIN event_body b ON b.n = e.n"
            " LEFT JOIN blob l ON l.sha256 = b.blob_sha256 WHERE e.n = ? AND e.kind = ?",
            (n, ERASED_KIND),
        ).fetchone()
        if row is None:
            return None
        at, body = row
        record = json.loads(body)
        return at, record["reason"], frozenset(record["ns"])
