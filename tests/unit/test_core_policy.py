"""A permission request is only ever answered with what the harness itself offered for exactly that meaning."""

from __future__ import annotations

import pytest

from bot.core.policy import PermissionAnswer, Policy, answer
from harnesses.updates import PermissionAsked, ToolCall


@pytest.mark.parametrize(
    ("policy", "allow", "deny", "answered"),
    [
        ("allow-all", "yes", "no", PermissionAnswer("allowed", "yes", "policy allow-all")),
        ("allow-all", "yes", None, PermissionAnswer("allowed", "yes", "policy allow-all")),
        ("allow-all", None, "no", PermissionAnswer("denied", "no", "the harness offered no way to allow this once")),
        ("allow-all", None, None, PermissionAnswer("cancelled", None, "the harness offered no way to allow this once")),
        ("deny-all", "yes", "no", PermissionAnswer("denied", "no", "policy deny-all")),
        ("deny-all", "yes", None, PermissionAnswer("cancelled", None, "policy deny-all")),
        ("deny-all", None, None, PermissionAnswer("cancelled", None, "policy deny-all")),
    ],
)
def test_answer(policy: Policy, allow: str | None, deny: str | None, answered: PermissionAnswer) -> None:
    asked = PermissionAsked(request_id="r", tool=ToolCall(tool_call_id="1"), allow_option=allow, deny_option=deny)
    assert answer(policy, asked) == answered
