"""How to start one harness and how to read what it says. Its quirks live in its profile and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from harnesses.errors import AgentError
from harnesses.updates import FailureClass

Api = Literal["anthropic", "openai", "gemini"]
TokensCounted = Literal[
    "per_turn",
    "cumulative",  # since the session began
    "last_step",  # of the turn's last model request only: the turn's own when it called no tool, unknown otherwise
]


@dataclass(frozen=True)
class Provider:
    """Where models are asked. ``base_url`` without the API's own path, e.g. ``https://api.anthropic.com``."""

    api: Api
    base_url: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class Spec:
    """Everything one process needs. The directories belong to one session; ``home`` lives as long as the session
    does, ``tmp`` as long as the process. ``install_dir`` is where `harnesses.install` put this harness, see
    `harnesses.install.directory`."""

    session_id: str
    home: Path
    tmp: Path
    workspace: Path
    install_dir: Path
    model: str | None
    instructions: str
    provider: Provider | None


@dataclass(frozen=True)
class Launch:
    """``argv[0]`` is an absolute path. ``env`` is added to PATH, HOME, TMPDIR, LANG and TERM, nothing else.
    ``files`` are written into HOME before the start: relative path → text."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
    files: Mapping[str, str] = field(default_factory=dict, repr=False)


class Profile(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def apis(self) -> tuple[Api, ...]:
        """The provider APIs it can use, best first; empty when it needs no provider."""

    @property
    def models(self) -> str:
        """How its model is chosen, and for which part of a session: a sentence for a person."""

    @property
    def unasked(self) -> tuple[str, ...]:
        """What it does without asking for permission: sentences for a person."""

    @property
    def nested_userns(self) -> bool:
        """Whether its own sandbox needs user namespaces inside ours."""

    @property
    def lock(self) -> Path | None:
        """The directory with its package.json and package-lock.json; None when there is nothing to install."""

    @property
    def usage(self) -> TokensCounted:
        """What the `usage` of a PromptResponse counts. The cost in `usage_update` is cumulative in every harness."""

    @property
    def served_model_key(self) -> str | None:
        """The key in `_meta` of a `usage_update` under which it names the model that answers. None: it does not, and
        the model chosen in its configuration is as much as is known."""

    @property
    def allow_options(self) -> frozenset[str]:
        """Option ids that mean "allow this once". The option's kind has to say so too."""

    @property
    def deny_options(self) -> frozenset[str]:
        """Option ids that mean "refuse this once, and go on". The option's kind has to say so too."""

    @property
    def cannot(self) -> Mapping[str, str]:
        """Checks of `harnesses.selfcheck` that this harness cannot pass → the reason."""

    def launch(self, spec: Spec) -> Launch:
        """Raises StartError when something is missing. Touches no file."""

    def session_meta(self, spec: Spec) -> dict[str, Any]:
        """`_meta` of session/new and session/load; empty for none."""

    def cost_before(self, spec: Spec, harness_session_id: str) -> float | None:
        """The cost in US dollars from which the harness will go on counting once it has loaded that session; None if
        it cannot be known. Called before the load. Blocking."""

    def classify(self, error: AgentError, spec: Spec) -> tuple[FailureClass, str]:
        """The failure class of an error answer, and a sentence for a person without the harness's name. Blocking:
        it may look into the session's HOME for what the answer leaves out."""

    def model_id(self, spec: Spec, model: str) -> str:
        """What the harness calls that model of the provider in its own configuration."""

    def hostile_repository(self, marker: Path) -> Mapping[str, str]:
        """Files that a repository could carry to have code run or rights given unasked: relative path → text. The
        code makes the file ``marker``. For `harnesses.selfcheck`."""
