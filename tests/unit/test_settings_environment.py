"""The environment says where Slack is, where data goes and which settings file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import ConfigError, load_environment

NAMES = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "REINS_HOME", "REINS_CONFIG", "XDG_DATA_HOME")


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def home() -> Path:
    return load_environment().REINS_HOME


def test_data_goes_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert home() == tmp_path / "home/.local/share/reins"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert home() == tmp_path / "data/reins"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert home() == tmp_path / "home/.local/share/reins"
    monkeypatch.setenv("REINS_HOME", "~/mine")
    assert home() == tmp_path / "home/mine"


def test_the_settings_file_is_the_named_one_or_the_one_here_or_the_one_at_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert load_environment().config_path == tmp_path / "home/.local/share/reins/reins.toml"
    (tmp_path / "reins.toml").touch()
    assert load_environment().config_path == tmp_path / "reins.toml"
    monkeypatch.setenv("REINS_CONFIG", "elsewhere/r.toml")
    assert load_environment().config_path == tmp_path / "elsewhere/r.toml"


def test_slack_is_slack_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_environment().SLACK_API_URL == "https://slack.com/api/"
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:7777/api/")
    assert load_environment().SLACK_API_URL == "http://127.0.0.1:7777/api/"
    for wrong in ("https://slack.com/", "http://slack.com/api/"):
        monkeypatch.setenv("SLACK_API_URL", wrong)
        with pytest.raises(ConfigError, match="SLACK_API_URL"):
            load_environment()


def test_tokens_are_asked_for_only_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "")
    environment = load_environment()
    with pytest.raises(ConfigError, match=r"SLACK_BOT_TOKEN[\s\S]*SLACK_APP_TOKEN"):
        environment.slack_tokens()
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-2-three")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-2-three")
    bot, app = load_environment().slack_tokens()
    assert (bot.get_secret_value(), app.get_secret_value()) == ("xoxb-1-2-three", "xapp-1-2-three")
    assert "three" not in repr(load_environment())
