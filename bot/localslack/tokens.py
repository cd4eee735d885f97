"""The two tokens of the one installed app."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tokens:
    """``bot`` opens the Web API and file downloads, ``app`` opens Socket Mode and nothing else. Random per start, so
    that a token written down by an earlier run opens nothing."""

    bot: str = field(default_factory=lambda: f"xoxb-local-{secrets.token_hex(12)}", repr=False)
    app: str = field(default_factory=lambda: f"xapp-local-{secrets.token_hex(12)}", repr=False)
