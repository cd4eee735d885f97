"""Text as an adversary would write it, from a seed: control sequences, fences, entities, invisible characters."""

from __future__ import annotations

import html
import html.entities
import random
import re
from collections.abc import Iterator

_TOKENS = (
    "<!channel>",
    "<!here>",
    "<!everyone>",
    "<!subteam^S0LOCAL001>",
    "<!subteam^S0LOCAL001|@team>",
    "<!date^1^{date}|x>",
    "<@U0LOCAL001>",
    "<@U0LOCAL001|ann>",
    "<#C0LOCAL001>",
    "<#C0LOCAL001|general>",
    "<https://evil.example|https://bank>",
    "<https://evil.example>",
    "<mailto:a@evil.example|a>",
    "<slack://open>",
    "<javascript:alert(1)|x>",
    "<",
    ">",
    "<<",
    ">>",
    "<!",
    "<@",
    "|",
    "!channel>",
    "@U0LOCAL001>",
    "&",
    "&amp;",
    "&lt;",
    "&gt;",
    "&lt;!channel&gt;",
    "&amp;lt;!here&amp;gt;",
    "&#60;!channel&#62;",
    "&#x3c;@U0LOCAL001&#x3E;",
    "&copy;",
    "&quot",
    "&#1234567;",
    "&nosuch;",
    "&ampx;",
    "&l",
    "t;",
    "amp;",
    "#60;",
    "```",
    "````",
    "~~~",
    "```python",
    "`",
    "``",
    "\n```\n",
    "\n~~~\n",
    "\n   ```",
    "\n    ```",
    "> ",
    "- ",
    "1. ",
    "| a | b |",
    "[x](https://evil.example/?q=secret)",
    "![i](https://evil.example/i.png)",
    "https://evil.example/?a=1&lt=2",
    "@channel",
    "*",
    "_",
    "~",
    "\\",
    "\\<",
    ":boom:",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    " ",
    "   ",
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x7f",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u200d",
    "\ufeff",
    "\u2028",
    "\u0085",
    "\ud800",
    "\udfff",
    "\ud83d\ude00",
    "😀",
    "é",
    "漢字",
    "\U000e0041",
    "\uff1c!channel\uff1e",
    "word",
    "a quick brown fox",
    "\n## Title\n",
)
_ENTITY = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,31})|#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6}));")


def hostile(random_: random.Random, pieces: int) -> str:
    """A string of up to ``pieces`` pieces, now and then with a very long run of one of them."""
    parts = random_.choices(_TOKENS, k=random_.randint(0, pieces))
    if parts and random_.random() < 0.02:
        parts[0] *= random_.randint(1, 400)
    return "".join(parts)


def hostile_strings(seed: int, count: int, pieces: int) -> Iterator[str]:
    random_ = random.Random(seed)
    for _ in range(count):
        yield hostile(random_, pieces)


def as_commonmark_reads(text: str) -> str:
    """What a CommonMark reader makes of entities, which need their semicolon, unlike in HTML."""

    def decode(match: re.Match[str]) -> str:
        name, decimal, hexadecimal = match.groups()
        if name:
            return html.entities.html5.get(name + ";", match[0])
        return html.unescape(f"&#{decimal};" if decimal else f"&#x{hexadecimal};")

    return _ENTITY.sub(decode, text)
