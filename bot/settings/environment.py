"""What the process environment may say: Slack's tokens and the two places on disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.settings.address import checked_address
from bot.settings.problems import ConfigError, Problem


def _bot_token(value: SecretStr) -> SecretStr:
    return _token(value, "xoxb-", "the Bot User OAuth Token (xoxb-…) from OAuth & Permissions")


def _app_token(value: SecretStr) -> SecretStr:
    return _token(value, "xapp-", "an App-Level Token (xapp-…) with connections:write from Basic Information")


def _token(value: SecretStr, prefix: str, expected: str) -> SecretStr:
    text = value.get_secret_value().strip()
    if not text.startswith(prefix) or not text.isprintable() or " " in text or len(text) < len(prefix) + 3:
        raise ValueError(expected)
    return SecretStr(text)


def _api_url(value: str) -> str:
    if not value.endswith("/api/"):
        raise ValueError("an address that ends in /api/")
    return checked_address(value)


def _absolute(value: Path) -> Path:
    return Path(os.path.abspath(value.expanduser()))  # noqa: PTH100 - resolve() would follow links


def default_home() -> Path:
    """``$XDG_DATA_HOME/reins``, or ``~/.local/share/reins``. A relative XDG path is ignored, as the XDG Base
    Directory Specification asks."""
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (data if data.is_absolute() else Path.home() / ".local" / "share") / "reins"


class Environment(BaseSettings):
    """The variables Reins itself reads. An empty variable counts as unset. Tokens never appear in a repr or an error.

    The tokens are optional here because reading the log or checking the settings needs none; `slack_tokens` asks.
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True, case_sensitive=True
    )

    SLACK_BOT_TOKEN: Annotated[SecretStr, AfterValidator(_bot_token)] | None = Field(
        default=None, description="the app's bot token (xoxb-…)"
    )
    SLACK_APP_TOKEN: Annotated[SecretStr, AfterValidator(_app_token)] | None = Field(
        default=None, description="the app-level token (xapp-…) for Socket Mode"
    )
    SLACK_API_URL: Annotated[str, AfterValidator(_api_url)] = Field(
        default="https://slack.com/api/", description="where Slack answers; ends in /api/"
    )
    REINS_HOME: Annotated[Path, AfterValidator(_absolute)] = Field(
        default_factory=default_home, description="the database, the homes of sessions and the installed harnesses"
    )
    REINS_CONFIG: Annotated[Path, AfterValidator(_absolute)] | None = Field(
        default=None, description="the settings file; else `./reins.toml`, else `reins.toml` in REINS_HOME"
    )

    @property
    def config_path(self) -> Path:
        """The settings file to read; it may not exist, which `load_config` then says."""
        if self.REINS_CONFIG is not None:
            return self.REINS_CONFIG
        here = Path.cwd() / "reins.toml"
        return here if here.is_file() else self.REINS_HOME / "reins.toml"

    def slack_tokens(self) -> tuple[SecretStr, SecretStr]:
        """The bot token and the app-level token. `ConfigError` names what is not set."""
        bot, app = self.SLACK_BOT_TOKEN, self.SLACK_APP_TOKEN
        if bot is not None and app is not None:
            return bot, app
        missing = [name for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN") if getattr(self, name) is None]
        fields = type(self).model_fields
        raise ConfigError(
            Problem(found=f"no {name}", expected=f"{fields[name].description} from api.slack.com/apps")
            for name in missing
        )


def load_environment() -> Environment:
    """The environment of this process, or a `ConfigError` with everything wrong in it."""
    try:
        return Environment()
    except ValidationError as error:
        raise ConfigError(
            Problem(
                found=f"a value of {problem['loc'][0]} that cannot be used (not shown)",
                expected=problem["msg"].removeprefix("Value error, "),
            )
            for problem in error.errors(include_input=False, include_url=False)
        ) from None
