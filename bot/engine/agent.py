"""An agent's definition: what a session keeps of it, and what tightens afterwards."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from bot.core.policy import Policy
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


def agent_for_channel(config: Config, channel_id: str) -> AgentSnapshot:
    """The agent a new session in this channel gets: the channel's, or else the default."""
    channel = config.channels.get(channel_id)
    name = channel.agent if channel is not None else config.defaults.agent
    return _snapshot(name, config.agents[name])


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
    )
