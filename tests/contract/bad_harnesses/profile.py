"""The profile of `misbehave`, and a Spec in a temporary directory."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harnesses.errors import AgentError
from harnesses.profile import Api, Launch, Spec, TokensCounted
from harnesses.updates import FailureClass

PROGRAM = Path(__file__).with_name("misbehave.py")


@dataclass(frozen=True)
class Misbehaving:
    manner: str
    name: str = "misbehaving"
    apis: tuple[Api, ...] = ()
    models: str = "None."
    unasked: tuple[str, ...] = ()
    nested_userns: bool = False
    lock: Path | None = None
    usage: TokensCounted = "per_turn"
    served_model_key: str | None = None
    allow_options: frozenset[str] = frozenset()
    deny_options: frozenset[str] = frozenset()
    cannot: Mapping[str, str] = field(default_factory=dict)

    def launch(self, spec: Spec) -> Launch:
        return Launch(argv=(sys.executable, "-I", "-S", str(PROGRAM), self.manner))

    def session_meta(self, spec: Spec) -> dict[str, Any]:
        return {}

    def cost_before(self, spec: Spec, harness_session_id: str) -> float | None:
        return 0.0

    def classify(self, error: AgentError, spec: Spec) -> tuple[FailureClass, str]:
        return "provider_error", error.message

    def model_id(self, spec: Spec, model: str) -> str:
        return model

    def hostile_repository(self, marker: Path) -> Mapping[str, str]:
        return {}


def spec_in(directory: Path, **changes: Any) -> Spec:
    workspace = directory / "workspace"
    workspace.mkdir(parents=True, exist_ok=True)
    fields: dict[str, Any] = {
        "session_id": "session-1",
        "home": directory / "home",
        "tmp": directory / "tmp",
        "workspace": workspace,
        "install_dir": directory / "install",
        "model": None,
        "instructions": "",
        "provider": None,
    }
    return Spec(**(fields | changes))
