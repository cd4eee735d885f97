"""The files `reins init` writes: settings to start from, and a private place for the tokens.

::

    Exception
    └── InitError      nothing was written; the message says what is in the way
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PROVIDER_DEFAULTS: Mapping[str, tuple[str, str]] = {
    "anthropic": ("https://api.anthropic.com", "ANTHROPIC_API_KEY"),
    "openai": ("https://api.openai.com", "OPENAI_API_KEY"),
    "gemini": ("https://generativelanguage.googleapis.com", "GEMINI_API_KEY"),
}
"""For every provider API: its public address, and the variable its key is usually kept in."""

StarterFiles = Mapping[str, tuple[str, int]]
"""File name → its text and its mode."""


class InitError(Exception):
    """Nothing was written. Shown to the operator as it is."""


@dataclass(frozen=True)
class Answers:
    """What `reins init` asks. ``api`` is None for a harness that talks to no model; ``base_url`` None means the
    provider's public address."""

    harness: str
    api: Literal["anthropic", "openai", "gemini"] | None
    base_url: str | None = None
    model: str | None = None


def starter_files(answers: Answers) -> StarterFiles:
    """The files to write, for a person to read and change. No file holds a secret yet."""
    return {"reins.toml": (_settings(answers), 0o644), "reins.env": (_environment(answers), 0o600)}


def write_starter_files(folder: Path, files: StarterFiles) -> list[Path]:
    """Write ``files`` into ``folder``, which is made if need be. Overwrites nothing: `InitError` if one is there.

    Modes are set as the files are created, so a private file is never readable by others, not for a moment.
    """
    there = [name for name in files if os.path.lexists(folder / name)]
    if there:
        names = " and ".join(there)
        raise InitError(f"{folder} already has {names}. Move that away, or give `reins init` another folder.")
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (text, mode) in files.items():
            _create(folder / name, text, mode)
            written.append(folder / name)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise InitError(f"Could not write into {folder}: {error.strerror}. Check its permissions.") from error
    return written


def _create(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _settings(answers: Answers) -> str:
    model = '# model = "..."   # the harness\'s own choice if unset'
    if answers.model is not None:
        model = f"model = {_toml(answers.model)}"
    text = f"""\
# The settings of Reins. `reins doctor` checks them. Keys and tokens do not belong here: see reins.env.

[defaults]
agent = "coder"   # answers where no channel names another

[agents.coder]
harness = {_toml(answers.harness)}
{model}
# instructions = "put before the first prompt of every session"

# "none" means: the harness runs with the rights of the account Reins runs as, with its files and its network.
sandbox = "none"

# What it is told when it asks for permission: "deny-all", or "allow-all" if you trust it with everything above.
policy = "deny-all"
"""
    if answers.api is not None:
        address, variable = PROVIDER_DEFAULTS[answers.api]
        text += f"""
[providers.{answers.api}]
api = {_toml(answers.api)}
base_url = {_toml(answers.base_url or address)}
key = "env:{variable}"   # the variable that holds the key; never the key
"""
    return (
        text
        + """
# A channel of its own, by its id (in Slack: the channel's name, then About, at the bottom):
# [channels.C0123ABCD]
# agent = "coder"
"""
    )


def _environment(answers: Answers) -> str:
    text = """\
# Tokens and keys. Keep this file to yourself and out of version control.
# Before `reins run`, in the same shell:  set -a; . ./reins.env; set +a
# (or for a container: --env-file reins.env). No quotes, no spaces around the equals sign.

# api.slack.com/apps, your app, OAuth & Permissions, Bot User OAuth Token (xoxb-...)
SLACK_BOT_TOKEN=

# api.slack.com/apps, your app, Basic Information, App-Level Tokens, scope connections:write (xapp-...)
SLACK_APP_TOKEN=
"""
    if answers.api is not None:
        text += f"""
# The key of the provider in reins.toml
{PROVIDER_DEFAULTS[answers.api][1]}=
"""
    return text


def _toml(text: str) -> str:
    """A TOML basic string. JSON's escapes are TOML's, but for DEL, which TOML wants escaped too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
