"""The scripted harness: no model and no provider, always installed. See `harnesses.scripted`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harnesses.errors import AgentError
from harnesses.outside import mapping
from harnesses.profile import Api, Launch, Spec, TokensCounted
from harnesses.profiles.failures import by_status, sentence_for
from harnesses.updates import FailureClass


@dataclass(frozen=True)
class Scripted:
    name: str = "scripted"
    apis: tuple[Api, ...] = ()
    models: str = "`none` and `none-either`; there is no model behind either."
    unasked: tuple[str, ...] = ("It writes a file into the workspace when a prompt's script says so.",)
    nested_userns: bool = False
    lock: Path | None = None
    usage: TokensCounted = "per_turn"
    served_model_key: str | None = "scripted/model"
    allow_options: frozenset[str] = frozenset({"allow"})
    deny_options: frozenset[str] = frozenset({"reject"})
    cannot: Mapping[str, str] = field(
        default_factory=lambda: {"cancel mid-tool": "What its scripts start is meant to outlive the turn."}
    )

    def launch(self, spec: Spec) -> Launch:
        # By path and isolated: `-m` would look for the package in the workspace first.
        program = Path(__file__).parent.parent / "scripted" / "__main__.py"
        env = {"REINS_SCRIPTED_MODEL": spec.model} if spec.model else {}
        return Launch(argv=(sys.executable, "-I", "-S", str(program)), env=env)

    def session_meta(self, spec: Spec) -> dict[str, Any]:
        return {"instructions": spec.instructions} if spec.instructions else {}

    def cost_before(self, spec: Spec, harness_session_id: str) -> float | None:
        return 0.0

    def classify(self, error: AgentError, spec: Spec) -> tuple[FailureClass, str]:
        status = mapping(error.data).get("status")
        status = status if isinstance(status, int) else None
        failure = by_status(status)
        return failure, sentence_for(failure, status, error.message)

    def model_id(self, spec: Spec, model: str) -> str:
        return model

    def hostile_repository(self, marker: Path) -> Mapping[str, str]:
        code = f"open({str(marker)!r}, 'w').close()\n"
        return {name: code for name in ("sitecustomize.py", "json.py", "harnesses/__init__.py")}


SCRIPTED = Scripted()
