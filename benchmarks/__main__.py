"""All benchmarks, one after the other: ``python -m benchmarks [--quick] [--output FILE]``.

Prints a table and writes every figure as JSON. ``--quick`` shows that they work, in five to ten minutes; its figures
are not for publishing. Exit status is 0 whether or not goals are met: a shared machine is no judge of that.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import ack, boot, chunks, claude_code, floor, idle
from benchmarks.machine import Machine, this_machine
from benchmarks.rows import Row, markdown, row

OUTPUT = Path("build/benchmarks.json")
QUICK_ACK_S = 3.0
QUICK_EVENTS = 350_000
QUICK_CHUNKS = 100
QUICK_SESSIONS = 10_000


async def measure(directory: Path, *, quick: bool) -> dict[str, Any]:
    """Every figure, as JSON values. ``directory`` is where the databases are made."""
    machine = await asyncio.to_thread(this_machine, directory)
    measured = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "machine": dataclasses.asdict(machine),
        "append": await _append(),
        "ack": await (ack.measure(directory, seconds=QUICK_ACK_S, rounds=1) if quick else ack.measure(directory)),
        "boot": await (boot.measure(directory, large=QUICK_EVENTS, rounds=1) if quick else boot.measure(directory)),
        "chunks": await (
            chunks.measure(directory, chunks=QUICK_CHUNKS, rounds=1) if quick else chunks.measure(directory)
        ),
        "idle": await (
            idle.measure(directory, sessions=QUICK_SESSIONS, rounds=1) if quick else idle.measure(directory)
        ),
    }
    if claude_code.installed():
        measured["floor"] = await floor.measure(directory, rounds=1 if quick else floor.ROUNDS)
    after = await asyncio.to_thread(this_machine, directory)
    return {**measured, "fsyncs_per_s_after": after.fsyncs_per_s}


async def _append() -> dict[str, Any]:
    """`benchmarks.append` in its own process, as its command line offers it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.append", "--json", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"benchmarks.append ended with status {process.returncode}; what it said is above")
    measured: dict[str, Any] = json.loads(said)
    return measured


def table(measured: dict[str, Any]) -> str:
    """Markdown: what was measured, what came out, the goal, and whether it was met."""
    rows: list[Row] = [("measured", "result", "goal", "met")]
    for one in measured["append"]["results"]:
        result = f"{one['writer_per_s']:,}/s, {one['ratio']:.2f} × raw sqlite3 ({one['raw_per_s']:,}/s)"
        rows.append(
            row(f"append, {one['sessions']} sessions", result, f"≥ {one['goal']} ×", one["ratio"] >= one["goal"])
        )
    rows += [*_ack_rows(measured["ack"]), *_boot_rows(measured["boot"])]
    rows += [*_chunks_rows(measured["chunks"]), *_idle_rows(measured["idle"])]
    return markdown(rows)


def _ack_rows(of: dict[str, Any]) -> list[Row]:
    reins, plain = of["reins"], of["plain_bolt"]
    at = f"ack at {of['mentions_per_s']} mentions/s for {of['seconds']:g} s"
    return [
        row(
            f"{at}, p50",
            f"{reins['p50_ms']} ms, {of['p50_ratio']} × plain Bolt ({plain['p50_ms']} ms)",
            f"≤ {of['goals']['p50_ratio']} ×",
            of["p50_ratio"] <= of["goals"]["p50_ratio"],
        ),
        row(
            f"{at}, p99",
            f"{reins['p99_ms']} ms (plain Bolt {plain['p99_ms']} ms)",
            f"≤ {of['goals']['p99_ms']:g} ms",
            reins["p99_ms"] <= of["goals"]["p99_ms"],
        ),
        row(f"{at}, lost", f"{of['lost']}", "0", of["lost"] == 0),
    ]


def _boot_rows(of: dict[str, Any]) -> list[Row]:
    small, large, goals = of["small"], of["large"], of["goals"]
    return [
        row(
            f"process start → ready, {of['sessions']:,} sessions, {side['events']:,} events",
            f"{side['process_s']} s (of it after storage began to open: {side['open_s']} s)",
            f"≤ {goals['ready_s']:g} s",
            side["process_s"] <= goals["ready_s"],
        )
        for side in (small, large)
    ] + [
        row(
            "the larger beside the smaller",
            f"{of['ratio_process']} × (after storage began to open: {of['ratio_open']} ×)",
            f"≤ {goals['ratio']} ×",
            max(of["ratio_process"], of["ratio_open"]) <= goals["ratio"],
        )
    ]


def _chunks_rows(of: dict[str, Any]) -> list[Row]:
    goals = of["goals"]
    return [
        row(
            f"{of['chunks']:,} chunks at {one['per_second']}/s in {one['threads']} thread(s)",
            f"{one['calls_per_thread']:g} calls a thread, {one['ratio']} × the arithmetic ({one['expected_calls']}); "
            f"age of what is shown p50 {one['staleness_p50_s']} s, p95 {one['staleness_p95_s']} s; "
            f"{one['refused']} × 429; text {'identical' if one['identical'] else 'DIFFERS'}",
            f"≤ {goals['ratio']} ×, 0 × 429, identical",
            one["ratio"] <= goals["ratio"] and one["refused"] == 0 and one["identical"],
        )
        for one in of["cases"]
    ]


def _idle_rows(of: dict[str, Any]) -> list[Row]:
    sessions, goals = of["sessions"], of["goals"]
    return [
        row(
            f"PSS with {sessions['sessions']:,} idle sessions",
            f"{sessions['with_all_mib']} MiB beside {sessions['with_none_mib']} MiB with none: "
            f"{sessions['bytes_per_session']} bytes a session",
            f"≤ {goals['bytes_per_session']} bytes a session",
            sessions["bytes_per_session"] <= goals["bytes_per_session"],
        )
    ] + [
        row(
            f"PSS of a thread's processes after its turn, {harness}",
            f"{one['warm_mib_per_thread']} MiB while warm, {one['reaped_mib_per_thread']:g} after the reaper",
            "0 after the reaper",
            one["reaped_mib_per_thread"] <= goals["reaped_mib_per_thread"],
        )
        for harness, one in of["threads"].items()
    ]


def _heading(machine: Machine) -> str:
    return (
        f"{machine.cores} cores ({machine.architecture}), {machine.memory_gib} GiB, Python {machine.python}, "
        f"SQLite {machine.sqlite}, {machine.fsyncs_per_s:,} fsyncs/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="What Reins costs.")
    parser.add_argument("--quick", action="store_true", help="small loads, one round: to see that all of it works")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the file for every figure, as JSON")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        measured = asyncio.run(measure(Path(directory), quick=wanted.quick))
    wanted.output.parent.mkdir(parents=True, exist_ok=True)
    wanted.output.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    print(f"{_heading(Machine(**measured['machine']))}\n\n{table(measured)}\n")
    print(floor.table(measured["floor"]) if "floor" in measured else "Claude Code is not installed: no floor.")
    print(f"\nEvery figure: {wanted.output}")


if __name__ == "__main__":
    main()
