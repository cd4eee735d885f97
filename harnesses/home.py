"""Writing a profile's files into a session's HOME.

A harness that ran before may have left anything there, symbolic links included, so each step of a path is opened
relative to the directory before it and no link is followed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from harnesses.errors import StartError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def prepare(home: Path, tmp: Path, files: Mapping[str, str]) -> None:
    """Create both directories (0700) and write ``files`` (0600) into ``home``. Blocking. Raises StartError."""
    try:
        for directory in (home, tmp):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name, text in files.items():
            _write(home, PurePosixPath(name), text)
    except OSError as error:
        raise StartError(
            f"The session's directories could not be prepared ({error.strerror}: {error.filename}). "
            "Check the disk and the permissions of Reins' data directory."
        ) from error


def _write(home: Path, name: PurePosixPath, text: str) -> None:
    if name.is_absolute() or not name.parts or ".." in name.parts:
        raise StartError(f"The profile names the file {str(name)!r}, which is outside the session's HOME.")
    directory = os.open(home, _DIRECTORY)
    try:
        for part in name.parts[:-1]:
            inner = _enter(directory, part)
            os.close(directory)
            directory = inner
        # A new file renamed over the old name: a link planted there is replaced, never written through.
        fresh = f".{name.name}.{secrets.token_hex(8)}"
        with os.fdopen(os.open(fresh, _NEW_FILE, 0o600, dir_fd=directory), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(fresh, name.name, src_dir_fd=directory, dst_dir_fd=directory)
    finally:
        os.close(directory)


def _enter(directory: int, part: str) -> int:
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, 0o700, dir_fd=directory)
    return os.open(part, _DIRECTORY, dir_fd=directory)
