"""The settings as documentation, from the models that judge them."""

from __future__ import annotations

import json
import types
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic.fields import FieldInfo

from bot.settings.config import section_models
from bot.settings.environment import Environment


def settings_table() -> str:
    """Two Markdown tables, the environment's and the file's, one row per setting."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    lines += [
        _row(name, "`$XDG_DATA_HOME/reins`" if name == "REINS_HOME" else _default(field), field)
        for name, field in Environment.model_fields.items()
    ]
    lines += ["", "| in `reins.toml` | default | meaning |", "|---|---|---|"]
    for section, (model, named) in section_models().items():
        table = f"{section}.{'ID' if section == 'channels' else 'NAME'}" if named else section
        lines += [_row(f"[{table}] {name}", _default(field), field) for name, field in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, default: str, field: FieldInfo) -> str:
    accepted = _choices(field.annotation) or _range(field)
    meaning = f"{field.description} ({accepted})" if accepted else str(field.description)
    return f"| `{name}` | {default} | {meaning.replace('|', '&#124;')} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "unset" if field.default is None else f"`{json.dumps(field.default)}`"


def _choices(annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(f'`"{choice}"`' for choice in get_args(annotation))
    if get_origin(annotation) in (Union, types.UnionType):
        return "".join(_choices(part) for part in get_args(annotation))
    return ""


def _range(field: FieldInfo) -> str:
    low = high = None
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge(ge=bound):
                low = f"at least {bound:,}"
            case annotated_types.Gt(gt=bound):
                low = f"more than {bound:,}"
            case annotated_types.Le(le=bound):
                high = f"at most {bound:,}"
            case _:
                continue
    return ", ".join(bound for bound in (low, high) if bound)
