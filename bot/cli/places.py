"""Where this installation's settings and data are, and which errors are an operator's to mend."""

from __future__ import annotations

import os
from pathlib import Path

from bot.control import ControlFailed
from bot.demo import DemoError
from bot.init_files import InitError
from bot.redaction import Redactor, SecretTooShort
from bot.settings import Config, ConfigError, Environment, load_config, load_environment
from bot.slack.client import SlackRefused
from harnesses import catalog
from harnesses.errors import InstallError, UnknownHarness
from storage.errors import StorageError

OPERATOR_ERRORS = (
    ConfigError,
    ControlFailed,
    DemoError,
    InitError,
    InstallError,
    SecretTooShort,
    SlackRefused,
    StorageError,
    UnknownHarness,
)


def environment() -> Environment:
    return load_environment()


def config(env: Environment) -> Config:
    """The settings, checked against the harnesses there are. Raises `ConfigError` with every problem."""
    return load_config(env.config_path, harness_apis={name: catalog.get(name).apis for name in catalog.names()})


def redactor(env: Environment, settings: Config) -> Redactor:
    """Knows every secret this installation was given."""
    keys = settings.resolve_keys(os.environ).values()
    tokens = (token for token in (env.SLACK_BOT_TOKEN, env.SLACK_APP_TOKEN) if token is not None)
    return Redactor([secret.get_secret_value() for secret in (*keys, *tokens)])


def harness_root(env: Environment) -> Path:
    """Where harnesses are installed."""
    return env.REINS_HOME / "harnesses"
