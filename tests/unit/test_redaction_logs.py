"""No log line holds a secret, however it got there, and none is longer than a person can read."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.logs import configure_logs
from bot.redaction import Redactor

SECRET = "c0ffee00-dead-4bee-8bad-f00dfeedface"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    yield from configured(io.StringIO())


@pytest.fixture
def terminal() -> Iterator[io.StringIO]:
    yield from configured(Terminal())


def configured(stream: io.StringIO) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure_logs(Redactor([SECRET]), stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def parsed(stream: io.StringIO) -> list[dict[str, Any]]:
    assert SECRET not in stream.getvalue()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


class Holder:
    def __repr__(self) -> str:
        return f"Holder({SECRET})"


def fail() -> None:
    local = "_".join(["seen", "only", "in", "a", "local"])
    raise RuntimeError(f"refused for {SECRET}", len(local))


def test_secrets_in_messages_values_keys_and_objects(lines: io.StringIO) -> None:
    logger = structlog.stdlib.get_logger("reins.test")
    logger.info(f"using {SECRET}", nested={"a": [SECRET, {SECRET: 1}]}, thing=Holder(), raw=SECRET.encode(), n=3)
    (line,) = parsed(lines)
    assert line["event"] == "using [redacted]"
    assert line["nested"] == {"a": ["[redacted]", {"[redacted]": 1}]}
    assert line["thing"] == "Holder([redacted])"
    assert (line["raw"], line["n"], line["level"], line["logger"]) == ("[redacted]", 3, "info", "reins.test")
    assert line["timestamp"].endswith("Z")


def test_tracebacks_are_scrubbed_and_show_no_local_variables(lines: io.StringIO) -> None:
    for logger in (structlog.stdlib.get_logger("a"), logging.getLogger("b")):
        try:
            fail()
        except RuntimeError:
            logger.exception("it failed")
    for line in parsed(lines):
        assert "refused for [redacted]" in line["exception"]
        assert "raise RuntimeError" in line["exception"]
        assert "seen_only_in_a_local" not in str(line)


def test_other_libraries_log_the_same_way_and_only_what_matters(lines: io.StringIO) -> None:
    logging.getLogger("slack_bolt.App").info("chatter")
    logging.getLogger("sqlalchemy.engine").info("chatter")
    logging.getLogger("slack_bolt.App").warning("token %s refused", SECRET)
    (line,) = parsed(lines)
    assert (line["event"], line["logger"], line["level"]) == ("token [redacted] refused", "slack_bolt.App", "warning")


def test_long_fields_keep_their_beginning_and_end(lines: io.StringIO) -> None:
    logger = structlog.stdlib.get_logger("a")
    logger.info("long", text="begin" + "x" * 1_000_000 + "end", many=["y" * 100] * 10_000)
    (line,) = parsed(lines)
    assert line["text"].startswith("begin")
    assert line["text"].endswith("end")
    assert len(line["text"]) <= 8192
    assert len(line["many"]) <= 8192
    assert lines.getvalue().count("\n") == 1


def test_a_terminal_gets_plain_text_without_control_characters(terminal: io.StringIO) -> None:
    structlog.stdlib.get_logger("a").info(f"hello {SECRET} \x1b]0;owned\x07", other="\x9b31m")
    assert "hello [redacted]" in terminal.getvalue()
    assert SECRET not in terminal.getvalue()
    assert "\x1b]0" not in terminal.getvalue()
    assert "\x9b" not in terminal.getvalue()


def run(body: str, expected_code: int) -> list[dict[str, Any]]:
    """What a process of its own logs: these are the reports Python would print by itself."""
    preamble = f"""
import logging, threading, warnings
from bot.logs import configure_logs, log_uncaught
from bot.redaction import Redactor
secret = "-".join({SECRET.split("-")!r})
configure_logs(Redactor([secret]))
log_uncaught()
def fail():
    raise RuntimeError(secret)
"""
    done = subprocess.run(
        [sys.executable, "-c", preamble + body],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == expected_code
    assert SECRET not in done.stdout + done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_what_nothing_caught_is_scrubbed_too() -> None:
    events = run(
        """
class Finalized:
    def __del__(self):
        fail()
warnings.warn(secret)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Finalized()
fail()
""",
        expected_code=1,
    )
    assert [event["level"] for event in events] == ["warning", "critical", "error", "critical"]
    assert all("[redacted]" in str(event) for event in events)


def test_a_record_that_cannot_be_written_is_told_without_its_arguments() -> None:
    (event,) = run('logging.getLogger("b").warning("%d", secret)', expected_code=0)
    assert event["event"] == "a log record could not be written"
    assert event["reason"] == "TypeError"
