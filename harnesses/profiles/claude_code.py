"""Claude Code through its ACP adapter (npm `@agentclientprotocol/claude-agent-acp`), version pinned in locks/."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from harnesses.errors import AgentError, StartError
from harnesses.outside import mapping, sentence
from harnesses.profile import Api, Launch, Spec
from harnesses.profiles.failures import by_status, sentence_for, status_in
from harnesses.updates import FailureClass

_PROGRAM = Path("node_modules/@agentclientprotocol/claude-agent-acp/dist/index.js")
_AUTH_REQUIRED = -32000


@dataclass(frozen=True)
class ClaudeCode:
    name: str = "claude-code"
    apis: tuple[Api, ...] = ("anthropic",)
    unasked: tuple[str, ...] = (
        "It reads and searches files in the workspace.",
        "It runs shell commands it considers read-only, such as ls, cat and git status.",
        "It sends one extra model request per session to title it.",
    )
    nested_userns: bool = False
    lock: Path | None = Path(__file__).parent / "locks" / "claude-code"
    usage: Literal["per_turn", "cumulative"] = "per_turn"
    cost_survives_load: bool = True
    served_model_key: str | None = "_claude/model"
    allow_options: frozenset[str] = frozenset({"allow-once", "allow"})
    deny_options: frozenset[str] = frozenset({"reject", "reject-once"})
    cannot: Mapping[str, str] = field(default_factory=dict)

    def launch(self, spec: Spec) -> Launch:
        node = shutil.which("node")
        if node is None:
            raise StartError("claude-code needs Node.js 20 or newer, and there is no `node` in PATH. Install it.")
        program = spec.install_dir / _PROGRAM
        if not program.is_file():
            raise StartError("claude-code is not installed. Run `reins harness install claude-code`.")
        if spec.provider is None:
            raise StartError("claude-code needs a provider with the API anthropic.")
        env = {
            "CLAUDE_CONFIG_DIR": str(spec.home / ".claude"),
            "ANTHROPIC_BASE_URL": spec.provider.base_url,
            "ANTHROPIC_API_KEY": spec.provider.key,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_MAX_RETRIES": "2",
            # A turn is over when its work is: nothing may go on, or ask, when nobody is looking any more.
            "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
        }
        if spec.model:
            env["ANTHROPIC_MODEL"] = spec.model
        return Launch(argv=(node, str(program)), env=env)

    def session_meta(self, spec: Spec) -> dict[str, Any]:
        meta: dict[str, Any] = {
            "claudeCode": {
                "options": {
                    # A repository's own settings, hooks and MCP servers are code that nobody approved.
                    "settingSources": [],
                    "strictMcpConfig": True,
                    "promptSuggestions": False,
                    # Else plan mode lets a model decide instead of a person.
                    "settings": {"useAutoModeDuringPlan": False, "disableAutoMode": "disable"},
                }
            }
        }
        if spec.instructions:
            meta["systemPrompt"] = {"append": spec.instructions}
        return meta

    def classify(self, error: AgentError) -> tuple[FailureClass, str]:
        detail = sentence(error.message.removeprefix("Internal error: "))
        status = status_in(error.message)
        kind = mapping(error.data).get("errorKind")
        if error.code == _AUTH_REQUIRED or kind == "authentication_failed":
            failure: FailureClass = "provider_auth"
        elif kind == "rate_limit":
            failure = "provider_rate"
        else:
            failure = by_status(status)
        return failure, sentence_for(failure, status, detail)


CLAUDE_CODE = ClaudeCode()
