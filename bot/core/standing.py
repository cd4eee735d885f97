"""Who somebody is to the team, and who may drive a thread."""

from __future__ import annotations

from typing import Literal

Standing = Literal["member", "guest", "stranger", "bot"]
"""Only members may prompt or steer; what the others say is context."""
Drive = Literal["owner", "channel"]
"""Who drives a session: the member who opened it, or every member who can write in its channel."""
