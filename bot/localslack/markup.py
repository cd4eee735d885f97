"""What Slack makes of text that an app sent: who is pinged, which links go live, which addresses are fetched.

Source: https://docs.slack.dev/messaging/formatting-message-text. Deliberately eager: a control sequence counts as
live inside code spans and in `markdown` blocks too, because what has not been seen to be dead must be taken as live.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SequenceKind = Literal["user", "subteam", "channel", "here", "everyone", "channel_link", "link", "special"]
PING_KINDS: frozenset[SequenceKind] = frozenset({"user", "subteam", "channel", "here", "everyone"})

_SEQUENCE = re.compile(r"<([@#!]|[A-Za-z][A-Za-z0-9+.-]*:)([^<>|]*)(?:\|([^<>]*))?>")
_MARKDOWN_LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([A-Za-z][A-Za-z0-9+.-]*:[^\s)>]+)")
_URL = re.compile(r"https?://[^\s<>|)\"'`\]]+", re.IGNORECASE)
_AT_NAME = re.compile(r"(?<![\w@])@([\w.-]+)")


@dataclass(frozen=True, slots=True)
class ControlSequence:
    """``target`` is the id or address, ``label`` what a reader sees instead of it, if the text says so."""

    kind: SequenceKind
    target: str
    label: str | None = None


def control_sequences(text: str) -> Iterator[ControlSequence]:
    """Every live control sequence of one mrkdwn text, in order."""
    for match in _SEQUENCE.finditer(text):
        mark, target, label = match.groups()
        if mark == "@":
            yield ControlSequence("user", target, label)
        elif mark == "#":
            yield ControlSequence("channel_link", target, label)
        elif mark == "!":
            yield _special(target, label)
        else:
            yield ControlSequence("link", mark + target, label)


def _special(target: str, label: str | None) -> ControlSequence:
    if target.startswith("subteam^"):
        return ControlSequence("subteam", target.removeprefix("subteam^"), label)
    match target:
        case "channel" | "group":
            return ControlSequence("channel", target, label)
        case "here":
            return ControlSequence("here", target, label)
        case "everyone":
            return ControlSequence("everyone", target, label)
        case _:
            return ControlSequence("special", target, label)


def linked_names(text: str) -> Iterator[ControlSequence]:
    """What ``link_names`` or ``parse: full`` would additionally make of plain @names."""
    for match in _AT_NAME.finditer(text):
        yield (
            _special(match.group(1), None)
            if match.group(1) in ("channel", "here", "everyone")
            else ControlSequence("user", match.group(1))
        )


def urls(text: str) -> list[str]:
    return _URL.findall(text)


def markdown_sequences(text: str) -> Iterator[ControlSequence]:
    """A `markdown` block: Slack's own sequences, and Markdown's links and images."""
    yield from control_sequences(text)
    for match in _MARKDOWN_LINK.finditer(text):
        yield ControlSequence("link", match.group(2), match.group(1))


def block_texts(node: Any) -> Iterator[tuple[str, str]]:
    """Every text of blocks that Slack interprets, as (format, text): "mrkdwn" or "markdown"."""
    if isinstance(node, Mapping):
        if node.get("type") == "mrkdwn" and isinstance(node.get("text"), str):
            yield "mrkdwn", node["text"]
        elif node.get("type") == "markdown" and isinstance(node.get("text"), str):
            yield "markdown", node["text"]
        else:
            for child in node.values():
                yield from block_texts(child)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for child in node:
            yield from block_texts(child)


def rich_text_sequences(node: Any) -> Iterator[ControlSequence]:
    """The mentions and links of rich_text elements, which are structure rather than text."""
    if isinstance(node, Mapping):
        match node.get("type"):
            case "user" if "user_id" in node:
                yield ControlSequence("user", str(node["user_id"]))
            case "usergroup" if "usergroup_id" in node:
                yield ControlSequence("subteam", str(node["usergroup_id"]))
            case "broadcast" if "range" in node:
                yield _special(str(node["range"]), None)
            case "channel" if "channel_id" in node:
                yield ControlSequence("channel_link", str(node["channel_id"]))
            case "link" if "url" in node:
                yield ControlSequence("link", str(node["url"]), node.get("text"))
            case _:
                for child in node.values():
                    yield from rich_text_sequences(child)
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for child in node:
            yield from rich_text_sequences(child)
