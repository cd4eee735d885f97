"""Where a harness might leave files although it has a HOME and a TMPDIR of its own."""

from __future__ import annotations

import os
from pathlib import Path

_SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/run")
_USERS = ("", ".config", ".cache", ".local/share", ".local/state")


def places(harness: str, place: Path, install_dir: Path) -> dict[str, int]:
    """Path → time of the last change (ns). Blocking.

    Looked at are: everything in ``install_dir``; what is beside the session's directories in ``place``; and, because
    others write there too, only the existence of what lies in the service user's own home and its usual directories,
    and in the shared temporary directories under a name that has a word of ``harness`` in it."""
    found = {str(path): path.lstat().st_mtime_ns for path in place.iterdir()}
    for folder, _, names in os.walk(install_dir):
        found[folder] = Path(folder).lstat().st_mtime_ns
        found |= {path: Path(path).lstat().st_mtime_ns for path in (f"{folder}/{name}" for name in names)}
    for user in _USERS:
        found |= dict.fromkeys(_names(Path.home() / user), 0)
    words = harness.split("-")
    for shared in _SHARED:
        found |= {name: 0 for name in _names(Path(shared)) if any(word in Path(name).name for word in words)}
    return found


def _names(directory: Path) -> list[str]:
    try:
        return [str(path) for path in directory.iterdir()]
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return []
