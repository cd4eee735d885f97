"""How a harness's permission request is answered while no person is asked: all denied, or all allowed.

Only the option ids that the profile recognised as "allow once" or "reject once" are ever chosen, so an answer cannot
change the harness's own policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, assert_never

from harnesses.updates import PermissionAsked

Policy = Literal["deny-all", "allow-all"]
Decision = Literal["allowed", "denied", "cancelled"]


@dataclass(frozen=True, slots=True)
class PermissionAnswer:
    """``option_id`` goes back over ACP; None answers `cancelled`, which no harness takes for consent."""

    decision: Decision
    option_id: str | None
    reason: str


def answer(policy: Policy, asked: PermissionAsked) -> PermissionAnswer:
    match policy:
        case "allow-all":
            if asked.allow_option is not None:
                return PermissionAnswer("allowed", asked.allow_option, "policy allow-all")
            return _deny(asked, "the harness offered no way to allow this once")
        case "deny-all":
            return _deny(asked, "policy deny-all")
        case _:
            assert_never(policy)


def _deny(asked: PermissionAsked, reason: str) -> PermissionAnswer:
    if asked.deny_option is None:
        return PermissionAnswer("cancelled", None, reason)
    return PermissionAnswer("denied", asked.deny_option, reason)
