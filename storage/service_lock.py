"""The lock that keeps a second service off the same directory.

Two processes that write and checkpoint one database can meet SQLite's WAL-reset bug (fixed in 3.51.3:
https://www.sqlite.org/wal.html), and two services would answer every mention twice.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from storage.errors import StorageLocked


class ServiceLock:
    """An advisory lock on ``reins.lock``. The kernel drops it when this process ends, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, home: Path) -> ServiceLock:
        """Raises `StorageLocked`, naming the holder, when another process has it, and OSError when the file cannot
        be made."""
        path = home / "reins.lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StorageLocked(
                f"{path} is held by process {holder}: Reins already runs on {home}; stop it, or use another directory."
            ) from None
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        return cls(descriptor)

    def release(self) -> None:
        # The file stays: unlinking it would let two processes hold locks on two files of the same name.
        os.close(self._descriptor)
