"""`verify` notices every change to history and names the first bad row; an erasure is not a change, but is listed."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage import audit, schema
from storage.chain import EMPTY, Head, body_hash, event_digest
from storage.database import Storage
from storage.errors import ErasureRefused, StorageUnavailable
from storage.event_log import INLINE_BYTES, NewEvent

EVENTS = 60
SECRET = "the quick brown secret"
Driver = sqlite3.Connection


async def _history(home: Path) -> Head:
    """60 events with two erasures among them, one long body, all with distinct facts."""
    storage = await Storage.open(home)
    for i in range(EVENTS - 2):
        body = f"body {i}" if i != 20 else "x" * (INLINE_BYTES + 1)
        await storage.writer.append([NewEvent("T", f"s{i % 3}", f"t{i % 7}", f"kind.{i % 4}", 1, body)])
    await storage.erase(audit.Events((5, 6)), "asked to")
    await storage.erase(audit.Events((7,)), "asked again")
    async with storage.reader.connect() as conn:
        head = await conn.run_sync(audit.head)
    await storage.close()
    assert audit.verify(storage.path, head).ok
    return head


def _without_triggers(path: Path) -> Driver:
    driver = sqlite3.connect(path)
    for trigger in schema.TRIGGERS:
        driver.execute(f"DROP TRIGGER {trigger}")
    return driver


def _forge(driver: Driver, first: int) -> None:
    """Write the digests from `first` on anew, as someone with the source code would."""
    found = driver.execute("SELECT digest FROM event WHERE n = ?", (first - 1,)).fetchone()
    prev = found[0] if found else EMPTY.digest
    for n, *fact in driver.execute(
        "SELECT n, team_id, session_id, turn_id, kind, version, at, body_hash FROM event WHERE n >= ? ORDER BY n",
        (first,),
    ).fetchall():
        prev = event_digest(prev, n, *fact)
        driver.execute("UPDATE event SET digest = ? WHERE n = ?", (prev, n))


def _edit_fact(driver: Driver, dice: random.Random) -> int:
    n = dice.randint(1, EVENTS)
    change = dice.choice(
        [
            "team_id = team_id || 'x'",
            "session_id = CASE WHEN session_id IS NULL THEN 'null' END",
            "turn_id = CASE WHEN turn_id IS NULL THEN '' ELSE upper(turn_id) END",
            "kind = ' ' || kind",
            "version = version + 1",
            "at = at - 1",
            "version = 'one'",
            "kind = CAST(kind AS BLOB)",
            "kind = CAST(x'ff' AS TEXT)",
            "body_hash = zeroblob(32)",
            "digest = zeroblob(32)",
            "digest = 'text'",
        ]
    )
    driver.execute(f"UPDATE event SET {change} WHERE n = ?", (n,))
    return n


def _edit_body(driver: Driver, dice: random.Random) -> int:
    (n,) = dice.choice(driver.execute("SELECT n FROM event_body WHERE blob_sha256 IS NULL").fetchall())
    change = dice.choice(
        [
            "body = body || ' '",
            "body = NULL",
            "body = CAST(body AS BLOB)",
            "salt = randomblob(16)",
            "salt = NULL || 'x'",
        ][:4]
    )
    driver.execute(f"UPDATE event_body SET {change} WHERE n = ?", (n,))
    return int(n)


def _edit_blob(driver: Driver, dice: random.Random) -> int:
    statement = dice.choice(["UPDATE blob SET data = data || x'00'", "DELETE FROM blob", "UPDATE blob SET data = 'x'"])
    driver.execute(statement)
    return 21


def _delete_body(driver: Driver, dice: random.Random) -> int:
    (n,) = dice.choice(driver.execute("SELECT n FROM event_body").fetchall())
    driver.execute("DELETE FROM event_body WHERE n = ?", (n,))
    if dice.random() < 0.5:  # and pretend that it was an erasure
        recorded_n = dice.choice([EVENTS - 1, EVENTS, 1])
        driver.execute("INSERT INTO erasure SELECT ?, n, at, 'asked to' FROM event WHERE n = ?", (n, recorded_n))
    return int(n)


def _delete_event(driver: Driver, dice: random.Random) -> int:
    n = dice.randint(1, EVENTS - 1)
    driver.execute("DELETE FROM event WHERE n = ?", (n,))
    driver.execute("DELETE FROM event_body WHERE n = ?", (n,))
    if dice.random() < 0.5:  # and close the gap
        driver.execute("UPDATE event SET n = -(n - 1) WHERE n > ?", (n,))
        driver.execute("UPDATE event SET n = -n WHERE n < 0")
    return n


def _truncate(driver: Driver, dice: random.Random) -> int:
    n = dice.randint(1, EVENTS)
    for table in ("event", "event_body", "erasure"):
        driver.execute(f"DELETE FROM {table} WHERE n >= ?", (n,))
    driver.execute("DELETE FROM erasure WHERE recorded_n >= ?", (n,))
    # An erasure whose record was cut off accounts for nothing: the body it took is then the first that is missing.
    return 7 if n == EVENTS else min(n, 5)


def _reorder(driver: Driver, dice: random.Random) -> int:
    first, second = sorted(dice.sample(range(1, EVENTS + 1), 2))
    tables = ("event", "event_body") if dice.random() < 0.5 else ("event",)
    for table in tables:
        driver.execute(f"UPDATE {table} SET n = -1 WHERE n = ?", (first,))
        driver.execute(f"UPDATE {table} SET n = ? WHERE n = ?", (first, second))
        driver.execute(f"UPDATE {table} SET n = ? WHERE n = -1", (second,))
    return first


def _insert(driver: Driver, dice: random.Random) -> int:
    n = dice.choice([-3, 0, EVENTS + 5])
    driver.execute(
        "INSERT INTO event SELECT ?, team_id, session_id, turn_id, kind, version, at, body_hash, digest FROM event"
        " WHERE n = 9",
        (n,),
    )
    return n if n < 1 else EVENTS + 1


def _stray_body(driver: Driver, dice: random.Random) -> int:
    n = EVENTS + dice.randint(1, 9)
    driver.execute("INSERT INTO event_body (n, salt, body) VALUES (?, randomblob(16), 'stray')", (n,))
    return n


def _edit_erasure(driver: Driver, dice: random.Random) -> int:
    n = dice.choice([5, 6, 7])
    statement = dice.choice(
        [
            "UPDATE erasure SET reason = 'other' WHERE n = ?",
            "UPDATE erasure SET erased_at = erased_at + 1 WHERE n = ?",
            "UPDATE erasure SET recorded_n = 1 WHERE n = ?",
            "UPDATE erasure SET n = n + 30 WHERE n = ?",
            "DELETE FROM erasure WHERE n = ?",
            "INSERT INTO event_body (n, salt, body) VALUES (?, zeroblob(16), 'put back')",
        ]
    )
    driver.execute(statement, (n,))
    return n


def _fork(driver: Driver, dice: random.Random) -> int:
    """History that fits itself and not the head that was kept."""
    n = dice.choice([n for n in range(1, EVENTS - 1) if n not in (5, 6, 7, 21)])
    salt, body = bytes(16), "it never happened"
    driver.execute("UPDATE event_body SET salt = ?, body = ? WHERE n = ?", (salt, body, n))
    driver.execute("UPDATE event SET body_hash = ? WHERE n = ?", (body_hash(salt, body.encode()), n))
    _forge(driver, n)
    return EVENTS


MUTATIONS: list[Callable[[Driver, random.Random], int]] = [
    _edit_fact,
    _edit_body,
    _edit_blob,
    _delete_body,
    _delete_event,
    _truncate,
    _reorder,
    _insert,
    _stray_body,
    _edit_erasure,
    _fork,
]


async def test_two_thousand_random_mutations_are_all_detected(tmp_path: Path) -> None:
    head = await _history(tmp_path)
    path = tmp_path / "mutated.db"
    shutil.copy(tmp_path / "reins.db", path)
    dice = random.Random(13)
    missed: list[str] = []
    with closing(_without_triggers(path)) as driver:
        driver.execute("PRAGMA journal_mode=DELETE")
        driver.execute("PRAGMA synchronous=OFF")
        driver.commit()
        pristine = driver.serialize()
    for i in range(2000):
        mutate = MUTATIONS[i % len(MUTATIONS)]
        path.write_bytes(pristine)
        with closing(sqlite3.connect(path)) as driver:
            driver.execute("PRAGMA synchronous=OFF")
            bad_n = mutate(driver, dice)
            driver.commit()
        fault = audit.verify(path, head).fault
        if fault is None or fault.n != bad_n:
            missed.append(f"{mutate.__name__} of {bad_n}: {fault}")
    assert missed == []


@pytest.mark.parametrize(
    ("statements", "n", "kind"),
    [
        (["UPDATE event SET kind = 'other' WHERE n = 12"], 12, "edited"),
        (["DELETE FROM event WHERE n = 12"], 12, "missing"),
        (["UPDATE event SET n = 0 WHERE n = 12", "UPDATE event SET n = 12 WHERE n = 30"], 0, "stray"),
        (
            [
                "UPDATE event SET n = -1 WHERE n = 12",
                "UPDATE event SET n = 12 WHERE n = 30",
                "UPDATE event SET n = 30 WHERE n = -1",
            ],
            12,
            "reordered",
        ),
        (
            ["DELETE FROM event WHERE n > 30", "DELETE FROM event_body WHERE n > 30", "DELETE FROM erasure"],
            5,
            "body_missing",
        ),
        (["DELETE FROM event WHERE n = 60", "DELETE FROM event_body WHERE n = 60"], 7, "erasure_changed"),
        (["UPDATE event_body SET body = 'other' WHERE n = 12"], 12, "body_changed"),
        (["DELETE FROM event_body WHERE n = 12"], 12, "body_missing"),
        (["UPDATE erasure SET reason = 'other' WHERE n = 6"], 6, "erasure_changed"),
    ],
)
async def test_the_first_bad_row_and_what_is_wrong_are_named(
    tmp_path: Path, statements: list[str], n: int, kind: str
) -> None:
    await _history(tmp_path)
    with closing(_without_triggers(tmp_path / "reins.db")) as driver, driver:
        for statement in statements:
            driver.execute(statement)
    fault = audit.verify(tmp_path / "reins.db").fault
    assert fault is not None
    assert (fault.n, fault.kind) == (n, kind)
    assert f"vent {n}" in fault.what


async def test_a_kept_head_shows_a_cut_tail_and_a_rewritten_one(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    await storage.writer.append([NewEvent("T", None, None, "k", 1, f"{i}") for i in range(10)])
    await storage.close()
    path = tmp_path / "reins.db"
    kept = Head.parse(str(audit.verify(path).head))
    with closing(_without_triggers(path)) as driver:
        driver.execute("UPDATE event SET at = at + 1 WHERE n = 4")
        _forge(driver, 4)
        driver.commit()
        assert audit.verify(path).ok, "nothing inside the file can show this"
        rewritten = audit.verify(path, kept).fault
        assert rewritten is not None
        assert (rewritten.n, rewritten.kind) == (10, "forked")
        driver.execute("DELETE FROM event WHERE n > 7")
        driver.execute("DELETE FROM event_body WHERE n > 7")
        driver.commit()
    cut = audit.verify(path, kept).fault
    assert cut is not None
    assert (cut.n, cut.kind) == (8, "truncated")
    with pytest.raises(ValueError, match="not a chain head"):
        Head.parse("10:abc")


def _bytes_of(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.iterdir())


async def test_erased_bytes_are_gone_from_every_file(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    for i in range(300):  # secrets among others, on many pages, inline and in blobs
        body = f"{SECRET} {i} " * (1 + i % 40) if i % 3 else f"innocent {i} " * (1 + i % 40)
        await storage.writer.append([NewEvent("T", "s", "secret" if i % 3 else "kept", "k", 1, body)])
    await storage.writer.append([NewEvent("T", "s", "secret", "k", 1, SECRET * INLINE_BYTES)])
    assert SECRET.encode() in _bytes_of(tmp_path)
    recorded_n = await storage.erase(audit.OfTurn("secret"), "a person asked")
    assert SECRET.encode() not in _bytes_of(tmp_path)
    report = audit.verify(storage.path)
    assert report.ok
    assert len(report.erased) == 201
    assert {(e.recorded_n, e.reason) for e in report.erased} == {(recorded_n, "a person asked")}
    await storage.close()
    assert SECRET.encode() not in _bytes_of(tmp_path)


async def test_a_blob_that_another_event_needs_stays(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    body = "x" * (INLINE_BYTES + 1)
    await storage.writer.append([NewEvent("T", "s", None, "k", 1, body), NewEvent("T", "r", None, "k", 1, body)])
    await storage.erase(audit.OfSession("s"), "one of two")
    assert audit.verify(storage.path).ok
    await storage.erase(audit.OfSession("r"), "the other")
    report = audit.verify(storage.path)
    assert report.ok
    assert [e.n for e in report.erased] == [1, 2]
    async with storage.reader.connect() as conn:
        assert (await conn.exec_driver_sql("SELECT count(*) FROM blob")).scalar_one() == 0
    await storage.close()


async def test_what_must_not_be_erased_is_refused(tmp_path: Path) -> None:
    storage = await Storage.open(tmp_path)
    await storage.writer.append([NewEvent("T", "s", None, "k", 1, "b"), NewEvent("T2", "s", None, "k", 1, "b")])
    for target, why in (
        (audit.OfSession("none"), "nothing to erase"),
        (audit.Events((1, 99)), "no event 99"),
        (audit.Events((1, 2)), "several teams"),
    ):
        with pytest.raises(ErasureRefused, match=why):
            await storage.erase(target, "because")
    recorded_n = await storage.erase(audit.Events((1,)), "because")
    with pytest.raises(ErasureRefused, match="before"):
        await storage.erase(audit.Events((1,)), "again")
    with pytest.raises(ErasureRefused, match="record of an erasure"):
        await storage.erase(audit.Events((recorded_n,)), "cover it up")
    assert audit.verify(storage.path).events == 3
    await storage.close()


def test_a_file_that_cannot_be_read_is_an_error_and_not_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        audit.verify(tmp_path / "reins.db")
