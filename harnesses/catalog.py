"""The harnesses Reins knows: name → where its profile is."""

from __future__ import annotations

import importlib
from typing import cast

from harnesses.errors import UnknownHarness
from harnesses.profile import Profile

CATALOG = {
    "claude-code": "harnesses.profiles.claude_code:CLAUDE_CODE",
    "opencode": "harnesses.profiles.opencode:OPENCODE",
    "scripted": "harnesses.profiles.scripted:SCRIPTED",
}


def names() -> list[str]:
    return sorted(CATALOG)


def get(name: str) -> Profile:
    """The profile of that name. Raises UnknownHarness, which lists the choices."""
    try:
        module, _, attribute = CATALOG[name].partition(":")
    except KeyError:
        raise UnknownHarness(name, names()) from None
    return cast(Profile, getattr(importlib.import_module(module), attribute))
