"""What `reins.toml` may say. The descriptions here are the documentation: `settings_table` prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from bot.core.policy import Policy
from bot.core.standing import Drive
from bot.settings.address import checked_address
from bot.settings.problems import ConfigError, Problem

SANDBOX_NONE = (
    'sandbox = "none", written out: the harness then runs with the rights of the account Reins runs as, with its files '
    'and its network. No other kind exists yet, and Reins does not choose "none" for you'
)
KEY_REFERENCE = (
    'key = "env:NAME", where NAME is the environment variable that holds the key (keys do not belong in this file; '
    "if one was written here, replace it at the provider)"
)

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$")]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[CGD][A-Z0-9]{2,20}$")]
Seconds = Annotated[float, Field(gt=0, le=604_800)]
ProviderApi = Literal["anthropic", "openai", "gemini"]


def _key_reference(value: str) -> str:
    if not re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(KEY_REFERENCE)
    return value


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True, allow_inf_nan=False)


class Defaults(_Table):
    agent: Name = Field(description="the agent that answers where no channel names another")


class AgentConfig(_Table):
    harness: str = Field(description="the program that runs the loop; `reins harness list` names them")
    model: str | None = Field(default=None, min_length=1, description="the harness's own choice if unset")
    instructions: str = Field(default="", max_length=20_000, description="put before the first prompt of every session")
    sandbox: Literal["none"] = Field(description='must be written: `"none"` runs the harness with the rights of Reins')
    policy: Policy = Field(default="deny-all", description="the answer to whatever the harness asks permission for")
    drive: Drive = Field(
        default="channel",
        description="who may prompt and steer a session: every member in the channel, or its owner, who opened it",
    )
    provider: Name | None = Field(
        default=None, description="a name from `[providers]`; the only one whose api the harness speaks if unset"
    )


class ProviderConfig(_Table):
    api: ProviderApi = Field(description="the protocol the provider speaks")
    base_url: Annotated[str, AfterValidator(checked_address)] = Field(
        description="where it answers, without the API's own path: https, or http on this machine"
    )
    key: Annotated[str, AfterValidator(_key_reference)] = Field(
        description="`env:NAME`, the environment variable that holds the key; never the key"
    )

    @property
    def key_variable(self) -> str:
        """The name of the environment variable that holds the key."""
        return self.key.removeprefix("env:")


class ChannelConfig(_Table):
    agent: Name = Field(
        description="the agent that answers in this channel (the table is named by its id, e.g. C0123ABCD)"
    )


class Limits(_Table):
    max_running: int = Field(default=8, ge=1, le=1000, description="harness processes at once; further turns wait")
    max_queued_per_thread: int = Field(default=50, ge=1, le=10_000, description="messages that may wait in one thread")
    message_chars: int = Field(
        default=10_000, ge=6000, le=10_000, description="characters in one Slack message before the next is begun"
    )
    turn_messages: int = Field(
        default=20, ge=1, le=1000, description="Slack messages one turn may fill; the rest becomes a file"
    )
    answer_chars: int = Field(
        default=10_000_000, ge=10_000, le=10_000_000, description="characters one turn may say before it is ended"
    )
    prompt_chars: int = Field(default=100_000, ge=1000, le=10_000_000, description="characters in one prompt")
    file_bytes: int = Field(
        default=10_485_760, ge=1, le=104_857_600, description="bytes in one file, from a message or to the thread"
    )
    files_per_message: int = Field(
        default=6, ge=0, le=50, description="files taken from one message, and sent after one turn"
    )


class Timeouts(_Table):
    initialize: Seconds = Field(default=60, description="seconds a harness may take to start")
    silence: Seconds = Field(default=600, description="seconds a turn may go without a word from the harness")
    wall: Seconds = Field(default=7200, description="seconds a turn may take in all")
    idle: Seconds = Field(default=900, description="seconds a process without work is kept for the next message")
    drain: Seconds = Field(default=30, description="seconds running turns are given when the service stops")


class Config(_Table):
    """`reins.toml`, valid: every agent named exists, and ``AgentConfig.provider`` is chosen (None for a harness that
    needs no provider)."""

    defaults: Defaults
    agents: dict[Name, AgentConfig] = Field(min_length=1)
    providers: dict[Name, ProviderConfig] = Field(default_factory=dict)
    channels: dict[ChannelId, ChannelConfig] = Field(default_factory=dict)
    limits: Limits = Field(default_factory=Limits)
    timeouts: Timeouts = Field(default_factory=Timeouts)

    def resolve_keys(self, environ: Mapping[str, str]) -> dict[str, SecretStr]:
        """The key of every provider, by the provider's name. `ConfigError` names every variable that is not usable."""
        keys: dict[str, SecretStr] = {}
        problems: list[Problem] = []
        for name, provider in self.providers.items():
            variable = provider.key_variable
            value = environ.get(variable, "").strip()
            if not value:
                expected = f"the key of provider `{name}` in it (or no [providers.{name}] in the settings)"
                problems.append(Problem(found=f"no value for {variable}", expected=expected))
            elif not value.isprintable() or " " in value:
                expected = f"the key of provider `{name}` alone, on one line, without quotes or spaces"
                problems.append(Problem(found=f"spaces or control characters in {variable}", expected=expected))
            else:
                keys[name] = SecretStr(value)
        if problems:
            raise ConfigError(problems)
        return keys


def section_models() -> dict[str, tuple[type[_Table], bool]]:
    """The tables of the file: name → the model, and whether the table holds named ones (``[agents.NAME]``)."""
    return {
        "defaults": (Defaults, False),
        "agents": (AgentConfig, True),
        "providers": (ProviderConfig, True),
        "channels": (ChannelConfig, True),
        "limits": (Limits, False),
        "timeouts": (Timeouts, False),
    }
