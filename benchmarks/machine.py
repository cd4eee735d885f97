"""What the figures depend on. No name of a host, a user or a path is among it."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_SYNCS = 500


@dataclass(frozen=True, slots=True)
class Machine:
    """``fsyncs_per_s`` is of 4 KiB appends to one file in the directory where the databases are made."""

    cores: int
    memory_gib: float
    architecture: str
    python: str
    sqlite: str
    fsyncs_per_s: int


def this_machine(directory: Path) -> Machine:
    """Takes up to a few seconds, because it syncs."""
    return Machine(
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        architecture=platform.machine(),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        fsyncs_per_s=round(fsyncs_per_second(directory)),
    )


def fsyncs_per_second(directory: Path) -> float:
    path = directory / "fsync"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        start = time.perf_counter()
        for _ in range(_SYNCS):
            os.write(descriptor, bytes(4096))
            os.fsync(descriptor)
        return _SYNCS / (time.perf_counter() - start)
    finally:
        os.close(descriptor)
        path.unlink()
