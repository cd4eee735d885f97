"""What every method works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.localslack.interactions import Interactions
from bot.localslack.permits import Permits
from bot.localslack.posting import Posting
from bot.localslack.sockets import SocketMode
from bot.localslack.state import State
from bot.localslack.web_api.args import Args


@dataclass(frozen=True, slots=True)
class Context:
    state: State
    posting: Posting
    permits: Permits
    interactions: Interactions
    socket_mode: SocketMode


Handler = Callable[[Context, Args], dict[str, Any]]
