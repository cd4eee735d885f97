"""`reins init` leaves settings that work, a private file for tokens, and everything that was there before."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Literal

import pytest

from bot.init_files import Answers, InitError, starter_files, write_starter_files
from bot.settings import ConfigError, load_config

APIS = {"claude-code": ("anthropic",), "opencode": ("openai",), "gemini": ("gemini",), "scripted": ()}


@pytest.mark.parametrize(
    ("harness", "api"), [("claude-code", "anthropic"), ("opencode", "openai"), ("gemini", "gemini"), ("scripted", None)]
)
def test_the_settings_load_as_they_are(
    tmp_path: Path, harness: str, api: Literal["anthropic", "openai", "gemini"] | None
) -> None:
    write_starter_files(tmp_path, starter_files(Answers(harness=harness, api=api)))
    config = load_config(tmp_path / "reins.toml", harness_apis=APIS)
    assert config.agents[config.defaults.agent].harness == harness
    assert config.agents[config.defaults.agent].policy == "deny-all"
    assert config.agents[config.defaults.agent].provider == api


def test_every_answer_is_in_the_settings(tmp_path: Path) -> None:
    answers = Answers(
        harness="claude-code", api="anthropic", base_url="http://127.0.0.1:9/x", model='odd "m" \\ \x7f é'
    )
    write_starter_files(tmp_path, starter_files(answers))
    config = load_config(tmp_path / "reins.toml", harness_apis=APIS)
    assert config.agents["coder"].model == answers.model
    assert config.providers["anthropic"].base_url == answers.base_url


def test_an_unfilled_token_file_is_private_and_counts_as_unset(tmp_path: Path) -> None:
    write_starter_files(tmp_path, starter_files(Answers(harness="claude-code", api="anthropic")))
    path = tmp_path / "reins.env"
    assert path.stat().st_mode & 0o777 == 0o600
    script = f"set -eu; set -a; . {path}; echo $SLACK_BOT_TOKEN$SLACK_APP_TOKEN$ANTHROPIC_API_KEY."
    shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=10)
    assert shown.stdout == ".\n"
    with pytest.raises(ConfigError, match="no value for ANTHROPIC_API_KEY"):
        load_config(tmp_path / "reins.toml", harness_apis=APIS).resolve_keys({"ANTHROPIC_API_KEY": ""})


@pytest.mark.parametrize("name", ["reins.toml", "reins.env"])
def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(InitError, match=name):
        write_starter_files(tmp_path, starter_files(Answers(harness="scripted", api=None)))
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == "mine"


def test_a_dangling_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "reins.env").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InitError, match=r"reins\.env"):
        write_starter_files(tmp_path / "here", starter_files(Answers(harness="scripted", api=None)))
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_is_made_and_one_that_cannot_be_is_told(tmp_path: Path) -> None:
    written = write_starter_files(tmp_path / "new" / "one", starter_files(Answers(harness="scripted", api=None)))
    assert all(path.is_file() for path in written)
    (tmp_path / "file").touch()
    with pytest.raises(InitError, match="Could not write"):
        write_starter_files(tmp_path / "file" / "sub", starter_files(Answers(harness="scripted", api=None)))
