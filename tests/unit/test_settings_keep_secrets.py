"""No settings error, repr or dump ever shows a secret, wherever a person put it by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Config, ConfigError, load_config, load_environment

SECRET = "c1f9a2e07b7d4d6e8a55-very-secret"


def refusal(folder: Path, provider: str) -> str:
    path = folder / "reins.toml"
    path.write_text(
        '[defaults]\nagent = "coder"\n[agents.coder]\nharness = "claude-code"\nsandbox = "none"\n[providers.main]\n'
        + provider,
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as error:
        load_config(path, harness_apis={"claude-code": ("anthropic",)})
    return str(error.value)


@pytest.mark.parametrize("key", [f'"{SECRET}"', f'"env:{SECRET}"', f'["{SECRET}"]', f'{{ value = "{SECRET}" }}'])
def test_a_key_written_into_the_file_is_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    said = refusal(tmp_path, f'api = "anthropic"\nbase_url = "https://api.anthropic.com"\nkey = {key}\n')
    assert "env:NAME" in said
    assert "reins.toml:9:" in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "url", [f"https://user:{SECRET}@host", f"https://host/?key={SECRET}", f"https://host/#{SECRET}"]
)
def test_an_address_with_a_secret_in_it_is_refused_and_not_repeated(tmp_path: Path, url: str) -> None:
    said = refusal(tmp_path, f'api = "anthropic"\nbase_url = "{url}"\nkey = "env:KEY"\n')
    assert "without a" in said
    assert SECRET not in said


def test_a_token_in_the_wrong_place_is_not_repeated(tmp_path: Path) -> None:
    token = "xoxb-1234567890-abcdefghijkl"
    said = refusal(tmp_path, f'api = "{token}"\nbase_url = "https://host"\nkey = "env:KEY"\n')
    assert token not in said


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://api.anthropic.com", True),
        ("http://127.0.0.1:4010", True),
        ("http://localhost:4010/v1", True),
        ("http://[::1]:4010", True),
        ("http://api.anthropic.com", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1.example", False),
        ("https://", False),
        ("https://host:notaport", False),
        ("https://ho st", False),
        ("ftp://127.0.0.1", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_keys_are_sent_over_tls_or_within_this_machine_only(tmp_path: Path, url: str, accepted: bool) -> None:
    said = refusal(tmp_path, f'api = "anthropic"\nbase_url = "{url}"\nkey = "env:KEY"\nextra = 1\n')
    assert "unknown key `extra`" in said
    assert ("providers.main.base_url" not in said) is accepted


def config_with_keys(folder: Path) -> Config:
    path = folder / "reins.toml"
    path.write_text(
        '[defaults]\nagent = "coder"\n[agents.coder]\nharness = "scripted"\nsandbox = "none"\n'
        '[providers.a]\napi = "anthropic"\nbase_url = "https://a.example"\nkey = "env:A_KEY"\n'
        '[providers.b]\napi = "openai"\nbase_url = "https://b.example"\nkey = "env:B_KEY"\n',
        encoding="utf-8",
    )
    return load_config(path, harness_apis={"scripted": ()})


def test_keys_come_from_the_environment_and_hide_in_a_repr(tmp_path: Path) -> None:
    keys = config_with_keys(tmp_path).resolve_keys({"A_KEY": SECRET, "B_KEY": f"{SECRET}\n"})
    assert {name: key.get_secret_value() for name, key in keys.items()} == {"a": SECRET, "b": SECRET}
    assert SECRET not in repr(keys)


def test_every_key_that_is_missing_or_broken_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config_with_keys(tmp_path).resolve_keys({"A_KEY": "", "B_KEY": f"{SECRET} {SECRET}"})
    assert "no value for A_KEY" in str(error.value)
    assert "B_KEY" in str(error.value)
    assert SECRET not in str(error.value)


def test_a_wrong_slack_token_is_told_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", f"xapp-{SECRET}")
    monkeypatch.setenv("SLACK_APP_TOKEN", f"xoxb-{SECRET}")
    with pytest.raises(ConfigError) as error:
        load_environment()
    said = str(error.value)
    assert "SLACK_BOT_TOKEN" in said
    assert "SLACK_APP_TOKEN" in said
    assert "xoxb-…" in said
    assert SECRET not in said
    assert error.value.__cause__ is None
