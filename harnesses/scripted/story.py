"""`script: story`: what a turn of a real agent looks like, told at a pace a person can follow. All of it is made up."""

import re
from typing import Any

from harnesses.scripted.session import Session

_STEPS = ("Reproduce the failure", "Find the cause", "Fix it", "Run the tests again")
_OPENING = "I will run the test a few times first: a flaky test that fails once in a while hides its cause.\n\n"
_FINDING = (
    "It fails one time in five, always around midnight: `expires_at` is compared as **local** time, and the "
    "fixture is in UTC.\n\n"
)
_ANSWER = """\
### The flaky test is fixed

`test_token_expires` compared a local time with a UTC time, so it failed when the two were on different days.

```python
- if token.expires_at < datetime.now():
+ if token.expires_at < datetime.now(UTC):
```

| run | before | after |
|---|---:|---:|
| `pytest --count 20` | 4 failed | 20 passed |
| seconds | 3.1 | 2.9 |

- Changed: `auth/token.py`, one line
- Not changed: the fixture, which was right all along
"""
_WORDS = re.compile(r"\S+\s*|\s+")


def story(session: Session, arguments: str) -> None:
    """``arguments``: how much slower than usual, "0.1" is ten times as fast."""
    pace = float(arguments or 1)
    test = "pytest tests/test_token.py --count 20"
    _plan(session, 0)
    _tell(session, _OPENING, pace)
    _call(session, pace, test, "execute", {"command": test}, "4 failed, 16 passed in 3.1 s", failed=True)
    _plan(session, 1)
    _call(session, pace, "Read auth/token.py", "read", {"path": "auth/token.py"}, "31 lines")
    _call(session, pace, "Search for expires_at", "search", {"pattern": "expires_at"}, "3 places")
    _tell(session, _FINDING, pace)
    _plan(session, 2)
    _call(session, pace, "Edit auth/token.py", "edit", {"path": "auth/token.py"}, "1 line changed")
    _plan(session, 3)
    _call(session, pace, test, "execute", {"command": test}, "20 passed in 2.9 s")
    _plan(session, 4)
    _tell(session, _ANSWER, pace)
    session.usage = (18_240, 912)


def _tell(session: Session, text: str, pace: float) -> None:
    for word in _WORDS.findall(text):
        session.say(word)
        session.pause(0.02 * pace)


def _plan(session: Session, done: int) -> None:
    states = ["completed" if i < done else "in_progress" if i == done else "pending" for i in range(len(_STEPS))]
    entries = [{"content": s, "priority": "medium", "status": state} for s, state in zip(_STEPS, states, strict=True)]
    session.update("plan", entries=entries)


def _call(
    session: Session, pace: float, title: str, kind: str, given: dict[str, Any], output: str, *, failed: bool = False
) -> None:
    call = session.call_id()
    session.update("tool_call", toolCallId=call, title=title, kind=kind, status="pending", rawInput=given)
    session.update("tool_call_update", toolCallId=call, status="in_progress")
    session.pause(0.8 * pace)
    content = [{"type": "content", "content": {"type": "text", "text": output}}]
    status = "failed" if failed else "completed"
    session.update("tool_call_update", toolCallId=call, status=status, content=content)
