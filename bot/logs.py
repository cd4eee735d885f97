"""What the service says about itself: one JSON object per line on stderr (plain text on a terminal), scrubbed.

`configure_logs` routes structlog and the standard library's logging through the same steps; `log_uncaught` adds what
Python would otherwise print by itself.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

import structlog

from bot.redaction import Redactor

if TYPE_CHECKING:
    from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

MAX_FIELD_CHARS = 8192
"""The longest one field of one line may be, in characters."""

_QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "alembic", "sqlalchemy", "asyncio", "httpx", "acp")
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}


def configure_logs(redactor: Redactor, stream: TextIO | None = None) -> None:
    """Log to ``stream`` (stderr by default) from now on, in place of whatever was configured before."""
    target = sys.stderr if stream is None else stream
    terminal = target.isatty()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_steps(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            # As text, and so without local variables; the tracebacks of rich would show them.
            structlog.processors.format_exc_info,
            _Scrub(redactor, for_terminal=terminal),
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = _Handler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for former in root.handlers[:]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_shared_steps(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def log_uncaught() -> None:
    """Log what nothing caught, in any thread or finalizer, and warnings, instead of letting Python print them."""
    logger = structlog.stdlib.get_logger("uncaught")

    def main_thread(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        logger.critical("uncaught", exc_info=(kind, error, trace))

    def other_thread(args: threading.ExceptHookArgs) -> None:
        exc_info = _exc_info(args.exc_type, args.exc_value, args.exc_traceback)
        logger.critical("uncaught in a thread", thread=args.thread.name if args.thread else None, exc_info=exc_info)

    def finalizer(args: sys.UnraisableHookArgs) -> None:
        exc_info = _exc_info(args.exc_type, args.exc_value, args.exc_traceback)
        logger.error("raised where nothing could catch it", where=repr(args.object), exc_info=exc_info)

    sys.excepthook = main_thread
    threading.excepthook = other_thread
    sys.unraisablehook = finalizer
    logging.captureWarnings(True)


def _exc_info(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> ExcInfo:
    return kind, kind() if error is None else error, trace


def _shared_steps() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


class _Scrub:
    """The last step before rendering: no secret in any string, nothing longer than `MAX_FIELD_CHARS`."""

    def __init__(self, redactor: Redactor, *, for_terminal: bool) -> None:
        self._redactor = redactor
        self._for_terminal = for_terminal

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        return {self._text(name): self._field(value) for name, value in event.items()}

    def _field(self, value: object) -> object:
        plain = self._plain(value)
        if isinstance(plain, str):
            return bounded(plain)
        if isinstance(plain, dict | list):
            whole = json.dumps(plain, ensure_ascii=False)
            return plain if len(whole) <= MAX_FIELD_CHARS else bounded(whole)
        return plain

    def _plain(self, value: object) -> object:
        """The value in JSON's terms. What JSON has no terms for becomes its repr, and is scrubbed as text."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self._text(value)
            case Mapping() | MutableMapping():
                return {self._text(str(key)): self._plain(member) for key, member in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._plain(member) for member in value]
            case bytes():
                return self._text(value.decode("utf-8", "backslashreplace"))
            case _:
                return self._text(repr(value))

    def _text(self, text: str) -> str:
        scrubbed = self._redactor.scrub(text)
        return scrubbed.translate(_CONTROL) if self._for_terminal else scrubbed


def bounded(text: str) -> str:
    """``text`` cut in its middle to `MAX_FIELD_CHARS`: of a traceback both the beginning and the end tell."""
    if len(text) <= MAX_FIELD_CHARS:
        return text
    head, tail = MAX_FIELD_CHARS // 4, MAX_FIELD_CHARS // 2
    return f"{text[:head]}… {len(text) - head - tail} characters left out …{text[-tail:]}"


class _Handler(logging.StreamHandler[TextIO]):
    """Says that a record could not be written without repeating it: Python's own report prints its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:
        kind = sys.exc_info()[0]
        said: dict[str, Any] = {
            "event": "a log record could not be written",
            "reason": kind.__name__ if kind else None,
            "from": f"{record.module}:{record.lineno}",
        }
        try:
            self.stream.write(json.dumps(said) + "\n")
        except (OSError, ValueError):  # the stream itself is gone, and with it the place to say so
            return
