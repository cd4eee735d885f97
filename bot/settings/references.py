"""What names what inside `reins.toml`: agents, harnesses and providers, judged on the raw document so that a mistake
elsewhere in the file does not hide one here."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from bot.settings.config import ProviderApi
from bot.settings.locate import KeyPath

Finding = tuple[KeyPath, str, str]
"""Where, what was found, what was expected."""

Raw = Mapping[str, Any]


def one_of(names: Iterable[str], found: str) -> str:
    """ "one of a, b, c", with the nearest in front where one is near."""
    known = sorted(names)
    listed = "one of " + ", ".join(f"`{name}`" for name in known) if known else "none, as there are none"
    near = difflib.get_close_matches(found, known, n=1)
    return f"{listed} (did you mean `{near[0]}`?)" if near else listed


def named_tables(document: Raw, section: str) -> dict[str, Raw]:
    """The ``[section.NAME]`` tables of a document that may be wrong in any way."""
    tables = document.get(section)
    if not isinstance(tables, dict):
        return {}
    return {name: table for name, table in tables.items() if isinstance(table, dict)}


def unknown_agents(document: Raw) -> Iterator[Finding]:
    """Every agent that is named but not defined."""
    agents = named_tables(document, "agents")
    defaults = document.get("defaults")
    named: list[tuple[KeyPath, Any]] = []
    if isinstance(defaults, dict):
        named.append((("defaults", "agent"), defaults.get("agent")))
    named += [
        (("channels", name, "agent"), table.get("agent")) for name, table in named_tables(document, "channels").items()
    ]
    for path, agent in named:
        if isinstance(agent, str) and agent not in agents:
            yield path, f"the agent `{agent}`, which has no [agents.{agent}]", one_of(agents, agent)


def choose_providers(
    document: Raw, harness_apis: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, str], list[Finding]]:
    """The provider of every agent that needs one, and everything that is in the way of choosing."""
    providers = named_tables(document, "providers")
    chosen: dict[str, str] = {}
    findings: list[Finding] = []
    for name, agent in named_tables(document, "agents").items():
        harness = agent.get("harness")
        if not isinstance(harness, str):
            continue
        if harness not in harness_apis:
            path = ("agents", name, "harness")
            findings.append(
                (path, f"the harness `{harness}`, which Reins does not know", one_of(harness_apis, harness))
            )
            continue
        outcome = _choose(name, agent, harness_apis[harness], providers)
        if isinstance(outcome, str):
            chosen[name] = outcome
        elif outcome is not None:
            findings.append(outcome)
    return chosen, findings


def _choose(name: str, agent: Raw, apis: tuple[str, ...], providers: Mapping[str, Raw]) -> str | Finding | None:
    harness, wanted = agent["harness"], agent.get("provider")
    path: KeyPath = ("agents", name, "provider")
    speaks = " or ".join(f'"{api}"' for api in apis)
    if wanted is not None:
        if not isinstance(wanted, str):
            return None  # its type is reported where types are judged
        if not apis:
            return path, f"a provider for `{harness}`", f"no `provider`: `{harness}` talks to no model"
        if wanted not in providers:
            return path, f"the provider `{wanted}`, which has no [providers.{wanted}]", one_of(providers, wanted)
        api = providers[wanted].get("api")
        if api in get_args(ProviderApi) and api not in apis:
            return (
                path,
                f'the provider `{wanted}`, whose api is "{api}"',
                f"one whose api is {speaks}, as `{harness}` speaks",
            )
        return wanted
    if not apis:
        return None
    fitting = sorted(provider for provider, table in providers.items() if table.get("api") in apis)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        listed = ", ".join(f"`{provider}`" for provider in fitting)
        return path, f"{len(fitting)} providers that `{harness}` could use", f"`provider` to name one of {listed}"
    if any(table.get("api") not in get_args(ProviderApi) for table in providers.values()):
        return None  # that provider's own mistake is reported, and may be all there is to it
    return path, f"no provider that `{harness}` could use", f"a [providers.NAME] whose api is {speaks}"
