"""An agent's definition: what a session keeps of it, and what tightens afterwards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.core.policy import Policy
from bot.core.standing import Drive
from bot.core.thread import Menu
from bot.settings import AgentConfig, Config


class AgentSnapshot(BaseModel):
    """The agent as it was when the session opened. Harness and instructions stay; ``policy`` can only tighten."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    harness: str
    model: str | None = None
    instructions: str = ""
    sandbox: str
    policy: Policy
    provider: str | None = None
    drive: Drive = "channel"


def menu_for_channel(config: Config, channel_id: str) -> Menu:
    """What a message in this channel can choose from; the channel's agent, or else the default, when it does not."""
    channel = config.channels.get(channel_id)
    return Menu(
        agents={name: agent.harness for name, agent in config.agents.items()},
        default_agent=channel.agent if channel is not None else config.defaults.agent,
    )


def snapshot(config: Config, name: str) -> AgentSnapshot:
    """The agent as the configuration has it now. Raises KeyError."""
    return _snapshot(name, config.agents[name])


def drive_now(snapshot: AgentSnapshot, config: Config) -> Drive:
    """The stricter of the session's snapshot and today's configuration."""
    current = config.agents.get(snapshot.name)
    return "owner" if snapshot.drive == "owner" or (current is not None and current.drive == "owner") else "channel"


def policy_now(snapshot: AgentSnapshot, config: Config) -> Policy:
    """The stricter of the session's snapshot and today's configuration."""
    current = config.agents.get(snapshot.name)
    if snapshot.policy == "deny-all" or current is None:
        return "deny-all"
    return current.policy


def _snapshot(name: str, agent: AgentConfig) -> AgentSnapshot:
    return AgentSnapshot(
        name=name,
        harness=agent.harness,
        model=agent.model,
        instructions=agent.instructions,
        sandbox=agent.sandbox,
        policy=agent.policy,
        provider=agent.provider,
        drive=agent.drive,
    )
