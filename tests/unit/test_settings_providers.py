"""Every agent ends up with one provider that its harness can speak to, or a person is asked to say which."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import Config, ConfigError, load_config

APIS = {"claude-code": ("anthropic",), "opencode": ("anthropic", "openai"), "scripted": ()}


def provider(name: str, api: str) -> str:
    return f'[providers.{name}]\napi = "{api}"\nbase_url = "https://models.example"\nkey = "env:{name.upper()}_KEY"\n'


def load(folder: Path, harness: str, *providers: str, wanted: str | None = None) -> Config:
    path = folder / "reins.toml"
    choice = f'provider = "{wanted}"\n' if wanted else ""
    agent = f'[defaults]\nagent = "coder"\n[agents.coder]\nharness = "{harness}"\nsandbox = "none"\n{choice}'
    path.write_text(agent + "".join(providers), encoding="utf-8")
    return load_config(path, harness_apis=APIS)


def refusal(folder: Path, harness: str, *providers: str, wanted: str | None = None) -> str:
    with pytest.raises(ConfigError) as error:
        load(folder, harness, *providers, wanted=wanted)
    assert len(error.value.problems) == 1
    return str(error.value)


def test_the_only_fitting_provider_is_taken(tmp_path: Path) -> None:
    config = load(tmp_path, "claude-code", provider("one", "anthropic"), provider("two", "openai"))
    assert config.agents["coder"].provider == "one"


def test_a_harness_without_a_model_takes_none(tmp_path: Path) -> None:
    assert load(tmp_path, "scripted", provider("one", "anthropic")).agents["coder"].provider is None
    assert "talks to no model" in refusal(tmp_path, "scripted", provider("one", "anthropic"), wanted="one")


def test_several_fitting_providers_are_listed_and_a_name_decides(tmp_path: Path) -> None:
    both = (provider("one", "anthropic"), provider("two", "openai"))
    assert "`one`, `two`" in refusal(tmp_path, "opencode", *both)
    assert load(tmp_path, "opencode", *both, wanted="two").agents["coder"].provider == "two"


def test_no_fitting_provider_says_which_api_is_wanted(tmp_path: Path) -> None:
    assert 'whose api is "anthropic"' in refusal(tmp_path, "claude-code", provider("two", "openai"))
    assert 'whose api is "anthropic" or "openai"' in refusal(tmp_path, "opencode")


def test_a_named_provider_has_to_exist_and_fit(tmp_path: Path) -> None:
    one, two = provider("one", "anthropic"), provider("two", "openai")
    assert "did you mean `one`?" in refusal(tmp_path, "claude-code", one, wanted="onne")
    assert 'whose api is "openai"' in refusal(tmp_path, "claude-code", one, two, wanted="two")


def test_a_provider_with_an_unknown_api_is_the_only_thing_reported(tmp_path: Path) -> None:
    assert "'anthropic', 'openai' or 'gemini'" in refusal(tmp_path, "claude-code", provider("one", "antropic"))
