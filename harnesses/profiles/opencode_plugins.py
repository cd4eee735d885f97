"""Plugins that OpenCode would load from a repository.

OpenCode imports them even with OPENCODE_DISABLE_PROJECT_CONFIG and `--pure`
(https://github.com/anomalyco/opencode/issues/49836), and a plugin is code. What it reads are `.opencode` directories
and `opencode.json(c)` files from the working directory upwards to the root of the Git repository, or to / without one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_CONFIGURATION = ("opencode.json", "opencode.jsonc", ".opencode/opencode.json", ".opencode/opencode.jsonc")
_FOLDERS = (".opencode/plugin", ".opencode/plugins")
_LONGEST = 1024 * 1024  # bytes


class _NamesPlugins(Exception):
    pass


def found(workspace: Path) -> Path | None:
    """What names or holds plugins, the first if there are several; a configuration that Python's JSON cannot read
    counts. Blocking."""
    for directory in (workspace, *workspace.parents):
        for folder in _FOLDERS:
            for path in (directory / folder).glob("*.[jt]s"):
                return path
        for name in _CONFIGURATION:
            path = directory / name
            if (path.exists() or path.is_symlink()) and not _harmless(path):
                return path
        if (directory / ".git").exists():
            break
    return None


def _harmless(path: Path) -> bool:
    try:
        if not path.is_file() or path.stat().st_size > _LONGEST:
            return False
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_plugins)
    except (OSError, ValueError, RecursionError, _NamesPlugins):
        return False
    return True


def _without_plugins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if any(key in ("plugin", "plugins") and value for key, value in pairs):
        raise _NamesPlugins
    return dict(pairs)
