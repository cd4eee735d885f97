"""Every knob, in one place, validated at boot. The harnesses there are come in as an argument;
nothing here imports one, nor Slack, nor storage.

- ``environment`` what the process environment may say: tokens, places
- ``config``      what `reins.toml` may say
- ``load``        the file to a valid `Config`, or all its problems at once
- ``references``  what names what inside the file
- ``locate``      which line a key stands on
- ``address``     which addresses of services are accepted
- ``table``       the settings as Markdown
- ``problems``    `ConfigError` and what it lists
"""

from bot.settings.config import (
    AgentConfig,
    ChannelConfig,
    Config,
    Defaults,
    Limits,
    ProviderConfig,
    Timeouts,
)
from bot.settings.environment import Environment, load_environment
from bot.settings.load import load_config
from bot.settings.problems import ConfigError, Problem
from bot.settings.table import settings_table

__all__ = [
    "AgentConfig",
    "ChannelConfig",
    "Config",
    "ConfigError",
    "Defaults",
    "Environment",
    "Limits",
    "Problem",
    "ProviderConfig",
    "Timeouts",
    "load_config",
    "load_environment",
    "settings_table",
]
