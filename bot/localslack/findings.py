"""What is wrong with a structure an app sent, each finding with a JSON pointer, in Slack's own words where known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]
Check = Callable[["Findings", Json, str], None]


class Findings:
    """Collects; never raises. A check of something that is not there, or of the wrong type, finds that and stops."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def add(self, problem: str, pointer: str) -> None:
        self.errors.append(f"{problem} [json-pointer:{pointer}]")

    def is_object(self, value: Any, pointer: str) -> bool:
        if isinstance(value, dict):
            return True
        self.add("must be an object", pointer)
        return False

    def fields(self, node: Json, pointer: str, required: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Every required field there, none unknown."""
        required = tuple(required)
        for name in required:
            if name not in node:
                self.add(f"missing required field: {name}", pointer)
        for name in sorted(node.keys() - {*required, *optional}):
            self.add(f"invalid additional property: {name}", pointer)

    def text(self, node: Json, name: str, pointer: str, most: int, least: int = 1) -> None:
        """A string of so many characters, if the field is there."""
        if name not in node:
            return
        value, pointer = node[name], f"{pointer}/{name}"
        if not isinstance(value, str):
            self.add("must be a string", pointer)
        elif len(value) < least:
            self.add(f"must be more than {least - 1} characters", pointer)
        elif len(value) > most:
            self.add(f"must be less than {most + 1} characters", pointer)

    def flag(self, node: Json, name: str, pointer: str) -> None:
        if name in node and not isinstance(node[name], bool):
            self.add("must be a boolean", f"{pointer}/{name}")

    def one_of(self, node: Json, name: str, pointer: str, allowed: Iterable[Any]) -> None:
        if name in node and node[name] not in tuple(allowed):
            self.add("must be a valid enum value", f"{pointer}/{name}")

    def items(self, node: Json, name: str, pointer: str, most: int, least: int = 1) -> list[tuple[Any, str]]:
        """The items of a list with so many of them, each with its pointer; [] if the field is absent or no list."""
        if name not in node:
            return []
        return self.cells(node[name], f"{pointer}/{name}", most, least)

    def cells(self, value: Any, pointer: str, most: int, least: int = 1) -> list[tuple[Any, str]]:
        """The same for a list that is in no field."""
        if not isinstance(value, list):
            self.add("must be an array", pointer)
            return []
        if len(value) < least:
            self.add(f"no fewer than {least} items allowed", pointer)
        if len(value) > most:
            self.add(f"no more than {most} items allowed", pointer)
        return [(item, f"{pointer}/{index}") for index, item in enumerate(value)]

    def child(self, node: Json, name: str, pointer: str, check: Check) -> None:
        """Check the object in this field, if the field is there."""
        if name in node and self.is_object(node[name], f"{pointer}/{name}"):
            check(self, node[name], f"{pointer}/{name}")

    def typed(self, node: Any, pointer: str, checks: Mapping[str, Check]) -> None:
        """Check an object by its type, which must be one of these."""
        if not self.is_object(node, pointer):
            return
        kind = node.get("type")
        if not isinstance(kind, str):
            self.add("missing required field: type", pointer)
        elif kind not in checks:
            self.add(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            checks[kind](self, node, pointer)

    def unique(self, named: Iterable[tuple[str, str]], what: str) -> None:
        """No two (value, pointer) alike."""
        seen: set[str] = set()
        for value, pointer in named:
            if value in seen:
                self.add(f'`{what}` "{value}" already exists', pointer)
            seen.add(value)
