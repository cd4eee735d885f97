"""`reins.toml` from disk to a valid `Config`, or everything that is wrong with it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from bot.redaction import Redactor
from bot.settings.config import KEY_REFERENCE, SANDBOX_NONE, Config, section_models
from bot.settings.locate import KeyPath, key_lines, line_of
from bot.settings.problems import ConfigError, Problem
from bot.settings.references import Finding, choose_providers, one_of, unknown_agents

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MAX_FILE_BYTES = 1_000_000
"""A settings file larger than this is not one."""

_SHOWN_CHARS = 200
_SHAPES_ONLY = Redactor(())


def load_config(path: Path, *, harness_apis: Mapping[str, tuple[str, ...]]) -> Config:
    """The settings in the file at ``path``.

    ``harness_apis`` names every harness there is and the provider APIs it speaks; an empty tuple means that it talks
    to no model. `ConfigError` lists every problem found, with its line.
    """
    document = _read(path)
    try:
        raw = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(path, document, error)]) from None
    chosen, findings = choose_providers(raw, harness_apis)
    findings += unknown_agents(raw)
    try:
        config = Config.model_validate(_with_providers(raw, chosen))
    except ValidationError as error:
        findings += (_finding(detail) for detail in error.errors(include_url=False))
    if findings:
        lines = key_lines(document)
        raise ConfigError(
            Problem(_clip(found), expected, path, line_of(lines, where)) for where, found, expected in findings
        )
    return config


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        expected = "the settings file there (`reins init` writes one; REINS_CONFIG names another)"
        raise ConfigError([Problem(f"no readable file ({error.strerror})", expected, path)]) from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError([Problem("more than 1 MB", "a settings file", path)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError([Problem("bytes that are not UTF-8", "text in UTF-8", path, line)]) from None


def _syntax_problem(path: Path, document: str, error: tomllib.TOMLDecodeError) -> Problem:
    said = str(error)
    place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)\Z", said)
    if place is None:
        return Problem(said, "valid TOML", path)
    line = int(place[1]) if place[1] else document.count("\n") + 1
    return Problem(said[: place.start()][:1].lower() + said[: place.start()][1:], "valid TOML", path, line)


def _with_providers(raw: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    if not chosen:
        return raw
    agents = {
        name: {**agent, "provider": chosen[name]} if name in chosen else agent for name, agent in raw["agents"].items()
    }
    return {**raw, "agents": agents}


def _finding(detail: ErrorDetails) -> Finding:
    path = detail["loc"]
    match detail["type"]:
        case "extra_forbidden":
            return path, f"the unknown key `{path[-1]}`", one_of(_known_keys(path), str(path[-1]))
        case "missing":
            what = "table" if len(path) == 1 else "key"
            return path, f"no {what} `{path[-1]}` in {_table_name(path[:-1])}", _expected(path, detail)
        case _ if path[-1] == "[key]":
            return path[:-1], f"the name `{path[-2]}`", _expected_name(path)
        case _:
            return path, f"{_table_name(path)} = {_shown(path, detail['input'])}", _expected(path, detail)


def _known_keys(path: KeyPath) -> Iterator[str]:
    if len(path) == 1:
        yield from section_models()
    else:
        yield from section_models()[str(path[0])][0].model_fields


def _table_name(path: KeyPath) -> str:
    return ".".join(str(part) for part in path) if path else "the file"


def _expected_name(path: KeyPath) -> str:
    if path[0] == "channels":
        return "a Slack channel id such as C0123ABCD (in Slack: the channel's name, then About, at the bottom)"
    return "at most 40 letters, digits, dots, dashes and underscores"


def _expected(path: KeyPath, detail: ErrorDetails) -> str:
    if path[0] == "agents" and path[-1] == "sandbox":
        return SANDBOX_NONE
    if path[0] == "providers" and path[-1] == "key":
        return KEY_REFERENCE
    if detail["type"] == "missing" and len(path) > 1:
        return str(section_models()[str(path[0])][0].model_fields[str(path[-1])].description)
    if detail["type"] == "missing":
        model, named = section_models()[str(path[0])]
        required = ", ".join(name for name, field in model.model_fields.items() if field.is_required())
        return f"[{path[0]}{'.NAME' if named else ''}] with {required}"
    if detail["type"] == "too_short" and path == ("agents",):
        return "at least one [agents.NAME]"
    if detail["type"] == "string_pattern_mismatch":
        return "a name: " + _expected_name(("agents",))
    said = detail["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return "a table" if detail["type"] in ("model_type", "dict_type") else said


def _shown(path: KeyPath, value: object) -> str:
    """What was written, unless a secret may have been written there."""
    if path[0] == "providers" and len(path) > 2:
        return "a value that cannot be used (not shown)"
    match value:
        case dict():
            return "a table" if value else "an empty table"
        case list():
            return "an array"
        case bool():
            return str(value).lower()
        case _:
            return repr(value)


def _clip(found: str) -> str:
    text = _SHAPES_ONLY.scrub(found)
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}… ({len(text)} characters)"
