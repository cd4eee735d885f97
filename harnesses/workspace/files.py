"""Putting files into a workspace, and taking out what the harness left for the thread. Everything here blocks.

The harness can plant anything in its workspace at any time, so each step of a path is opened relative to the directory
before it and no link is followed: what is reached that way lies inside the workspace. Nothing is unpacked or run.

    OSError
    └── NotInside    a part of the path is not a directory, but a link or something else
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harnesses.workspace.names import unique_name

OURS = ".reins"
OUT = f"{OURS}/out"
MOST_SKIPPED = 20
"""Unusable entries that are looked at after one turn; more of them wait for the next."""
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# Without O_NONBLOCK, opening a pipe would wait for its other end.
_READ_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotInside(OSError):
    """The path does not lead through directories of the workspace alone."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A file left for the thread, and copied. ``number`` counts from 1 and names the copy."""

    number: int
    name: str
    size: int
    sha256: str
    entry: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry of the directory that is no file to send, and why. ``name`` is safe to show."""

    name: str
    reason: str
    entry: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """``waiting`` entries were not looked at: they are for the next turn."""

    offered: tuple[Offered, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    waiting: int = 0


def put(workspace: Path, turn: int, name: str, content: bytes) -> str:
    """Write ``content`` (0600) under ``.reins/in/<turn>/``, over a file of that name; the path within the workspace.

    ``name`` must be a `safe_name`. Raises OSError."""
    with _directory(workspace, OURS, "in", str(turn), make=True) as directory:
        _write(directory, name, content)
    return f"{OURS}/in/{turn}/{name}"


def look_out(
    workspace: Path, copies: Path, *, most_files: int, most_bytes: int, objection: Callable[[bytes], str | None]
) -> Outbox:
    """Copy what lies in ``.reins/out/`` to ``copies`` (0700, made if there is something), by name. ``objection`` says
    why some content must not leave, or None. Raises OSError."""
    try:
        with _directory(workspace, OURS, "out") as directory:
            return _look(directory, copies, most_files, most_bytes, objection)
    except FileNotFoundError:
        return Outbox()


def put_away(workspace: Path, turn: int, outbox: Outbox) -> None:
    """Move what was offered to ``.reins/sent/<turn>/`` and what was skipped to ``.reins/skipped/<turn>/``.

    Raises OSError."""
    looked_at = {"sent": [file.entry for file in outbox.offered], "skipped": [file.entry for file in outbox.skipped]}
    for folder, entries in looked_at.items():
        if not entries:
            continue
        with (
            _directory(workspace, OURS, "out") as source,
            _directory(workspace, OURS, folder, str(turn), make=True) as target,
        ):
            for entry in entries:
                _move(entry, source, target)


def _look(
    directory: int, copies: Path, most_files: int, most_bytes: int, objection: Callable[[bytes], str | None]
) -> Outbox:
    offered: list[Offered] = []
    skipped: list[Skipped] = []
    names: list[str] = []
    entries = sorted(os.listdir(directory))
    for looked_at, entry in enumerate(entries):
        if len(offered) == most_files or len(skipped) == MOST_SKIPPED:
            return Outbox(tuple(offered), tuple(skipped), len(entries) - looked_at)
        name = unique_name(entry, names)
        names.append(name)
        content = _content(directory, entry, most_bytes)
        reason = content if isinstance(content, str) else objection(content)
        if isinstance(content, bytes) and reason is None:
            number = len(offered) + 1
            _copy(copies, number, content)
            offered.append(Offered(number, name, len(content), hashlib.sha256(content).hexdigest(), entry))
        else:
            skipped.append(Skipped(name, str(reason), entry))
    return Outbox(tuple(offered), tuple(skipped))


def _content(directory: int, entry: str, most_bytes: int) -> bytes | str:
    """What a regular file holds, or the reason why it is not sent."""
    try:
        kind = os.stat(entry, dir_fd=directory, follow_symlinks=False).st_mode
        if stat.S_ISLNK(kind):
            return "it is a symbolic link"
        if not stat.S_ISREG(kind):
            return "it is not a regular file"
        with os.fdopen(os.open(entry, _READ_FILE, dir_fd=directory), "rb") as file:
            # It may be another one by now.
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return "it is not a regular file"
            content = file.read(most_bytes + 1)
    except OSError as error:
        return f"it could not be read ({error.strerror})"
    if len(content) > most_bytes:
        return f"it has more than {most_bytes:,} bytes"
    return content or "it is empty"


def _copy(copies: Path, number: int, content: bytes) -> None:
    copies.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory = os.open(copies, _DIRECTORY)
    try:
        _write(directory, str(number), content)
    finally:
        os.close(directory)


def _write(directory: int, name: str, content: bytes) -> None:
    # A new file renamed over the old name: a link planted there is replaced, never written through.
    fresh = f".{secrets.token_hex(16)}"
    with os.fdopen(os.open(fresh, _NEW_FILE, 0o600, dir_fd=directory), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.replace(fresh, name, src_dir_fd=directory, dst_dir_fd=directory)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(fresh, dir_fd=directory)
            raise


def _move(entry: str, source: int, target: int) -> None:
    """Under another name if that one is taken there; what is gone was moved by its owner."""
    try:
        os.stat(entry, dir_fd=target, follow_symlinks=False)
    except FileNotFoundError:
        name = entry
    else:
        name = f"{secrets.token_hex(4)}-{entry}"[:100]
    with contextlib.suppress(FileNotFoundError):
        os.rename(entry, name, src_dir_fd=source, dst_dir_fd=target)


@contextlib.contextmanager
def _directory(workspace: Path, *parts: str, make: bool = False) -> Iterator[int]:
    """A descriptor of the directory ``parts`` below the workspace."""
    directory = os.open(workspace, _DIRECTORY)
    try:
        for part in parts:
            inner = _enter(directory, part, make)
            os.close(directory)
            directory = inner
        yield directory
    finally:
        os.close(directory)


def _enter(directory: int, part: str, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, 0o700, dir_fd=directory)
    try:
        return os.open(part, _DIRECTORY, dir_fd=directory)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise NotInside(error.errno, f"{part} is no directory of the workspace ({error.strerror})") from error
