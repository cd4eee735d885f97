"""Slack's limits that rendering must keep. Sources: the Block Kit reference, and measured traps where it is silent.

Where sources disagree the smaller number stands. The local Slack has its own table; a test compares the two.
"""

from __future__ import annotations

from typing import Any

MESSAGE_BLOCKS = 50
MARKDOWN_CHARS = 12_000
"""Sum over a message's `markdown` blocks (docs.slack.dev/reference/block-kit/blocks/markdown-block)."""
MESSAGE_CHARS = 10_000
"""Our own bound: Slack answers `msg_blocks_too_long` somewhere above 12,000 characters in total, undocumented."""
SECTION_CHARS = 3_000
UPDATE_TEXT_CHARS = 4_000
"""`chat.update` refuses a longer ``text`` with `msg_too_long`."""
PLAN_TASKS = 50

FALLBACK_CHARS = 300
"""The ``text`` beside the blocks: what a notification shows."""
PLAN_CHARS = 3_000
"""The part of a turn's first message kept for its plan block, so that later steps never move the prose."""
HEAD_CHARS = 700
"""Kept for the line that says what was chosen."""
FOOT_CHARS = 500
"""Kept for the usual footer; a longer one gets a message of its own."""
MIN_MESSAGE_CHARS = 6_000
"""With less, the kept parts above would leave no room for the answer."""


def text_chars(value: Any) -> int:
    """All characters a person could read in these blocks: every string under ``text``, ``title`` or ``value``."""
    if isinstance(value, dict):
        return sum(
            len(item) if isinstance(item, str) and key in ("text", "title", "value") else text_chars(item)
            for key, item in value.items()
        )
    if isinstance(value, list):
        return sum(text_chars(item) for item in value)
    return 0
