"""Writes docs/harnesses.md from the profiles and the checks:  python docs/generate_harnesses.py"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from harnesses import catalog
from harnesses.checks import CHECKS
from harnesses.profile import Profile

PAGE = Path(__file__).with_name("harnesses.md")
_TOKENS = {
    "per_turn": "those of the turn",
    "cumulative": "those of the turn, as the difference of a running total; unknown in the first turn after a resume",
    "last_step": "those of the turn when it called no tool, otherwise unknown",
}


def page() -> str:
    profiles = [catalog.get(name) for name in catalog.names()]
    parts = [
        "# Harnesses",
        "<!-- Generated from harnesses/profiles and harnesses/checks.py by: python docs/generate_harnesses.py -->",
        "A harness is an agent program that Reins runs and speaks to over the Agent Client Protocol. What is special "
        "to one is in its profile in `harnesses/profiles/`. This page is made from those and from the suite of checks.",
        "Install one with `reins harness install NAME`. Run the suite against an agent of your `reins.toml`, with its "
        "own provider and a few short prompts, with `reins harness check AGENT`.",
        "## What each keeps",
        _checks(profiles),
        "“yes” is checked against the pinned version on every run of `make test-harnesses`, with a mock model behind "
        "it; nothing here was checked against a real provider. “no” is declared by the profile, and the suite fails if "
        "the harness can after all. A real provider cannot be made to fail, so `reins harness check` leaves “provider "
        "errors” out, and “model per message” as long as it is not told a second model.",
        *(part for profile in profiles for part in _harness(profile)),
    ]
    return "\n\n".join(parts) + "\n"


def _checks(profiles: list[Profile]) -> str:
    head = "| check | what is promised | " + " | ".join(profile.name for profile in profiles) + " |"
    rows = [head, "|" + " --- |" * (2 + len(profiles))]
    for name, check in CHECKS.items():
        marks = ["no" if name in profile.cannot else "yes" for profile in profiles]
        rows.append(f"| {name} | {check.promise} | " + " | ".join(marks) + " |")
    return "\n".join(rows)


def _harness(profile: Profile) -> list[str]:
    facts = [
        f"Install: {_install(profile)}",
        f"Provider APIs: {', '.join(f'`{api}`' for api in profile.apis) or 'none, it asks no model'}",
        f"Models: {profile.models}",
        f"Tokens reported: {_TOKENS[profile.usage]}",
        f"Needs user namespaces inside its sandbox: {'yes' if profile.nested_userns else 'no'}",
    ]
    unasked = "\n".join(f"- {sentence}" for sentence in profile.unasked)
    parts = [
        f"## {profile.name}",
        (sys.modules[type(profile).__module__].__doc__ or "").strip(),
        "\n".join(f"- {fact}" for fact in facts),
        f"Without asking for permission:\n\n{unasked}",
    ]
    if profile.cannot:
        cannot = "\n".join(f"- {name}: {reason}" for name, reason in profile.cannot.items())
        parts.append(f"What it cannot:\n\n{cannot}")
    return parts


def _install(profile: Profile) -> str:
    if profile.lock is None:
        return "nothing to install"
    wanted = json.loads((profile.lock / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = ", ".join(f"npm `{name}` {version}" for name, version in wanted.items())
    return f"`reins harness install {profile.name}` ({packages}; no install scripts are run)"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
