"""What the README says about settings and commands is what the code has."""

from __future__ import annotations

import re
from pathlib import Path

import typer.main

from bot.cli import app
from bot.settings import settings_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_settings_in_the_readme_are_those_of_the_code() -> None:
    table = README.split("<!-- settings", 1)[1].split("-->", 1)[1].split("<!-- /settings -->", 1)[0]
    assert table.strip() == settings_table().strip()


def test_every_command_the_readme_names_exists() -> None:
    named = {tuple(words.split()) for words in re.findall(r"`reins ([a-z]+(?: [a-z-]+)?)", README)}
    root = typer.main.get_group(app)
    for words in named:
        command = root.commands.get(words[0])
        assert command is not None, f"`reins {words[0]}` is in the README and does not exist"
        subcommands = getattr(command, "commands", None)
        if subcommands is not None and len(words) > 1:
            assert words[1] in subcommands, f"`reins {' '.join(words)}` is in the README and does not exist"


def test_every_make_target_the_readme_names_exists() -> None:
    targets = set(re.findall(r"^([a-z.$()A-Z/-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", README))
    assert named <= targets, named - targets
