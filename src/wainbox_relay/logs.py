"""The relay's log: one line a record, and never what a customer wrote, a phone number or a
credential (`docs/operating.md`).

Our own records are names of events with values that are ids, enums and numbers; what slips in
besides is hidden here. Records of libraries pass the same gate.
"""

import logging
import re
import sqlite3
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LONGEST = 200
"""Characters of one value; a longer one is somebody's text, not a fact about the relay."""

MOST_FRAMES = 12

_HIDDEN = re.compile(
    r"(^|_)(text|body|caption|content|preview|note|name|username|subject|query"
    r"|token|secret|password|authorization|signature|cookie|credentials?|headers?|payload|raw)$"
)
_MASKED = re.compile(r"(^|_)(phone|phones|wa_id|to|recipient|customer|user_id|identity|wamid)$")
_PHONE = re.compile(r"\+\d{5,13}(?=\d\d)|(?<![\w+.:-])\d{8,13}(?=\d\d(?![\w.:-]))")
_TOKEN = re.compile(r"\bwbx_\w+|\bEAA\w{10,}|\bBearer\s+\S+", re.IGNORECASE)
_SPEAKING = (OSError, sqlite3.Error)
"""Errors whose words are the system's; those of others may quote what somebody wrote."""

_QUIET = ("httpx", "httpcore", "aiosqlite", "apprise", "asyncio", "uvicorn")


def configure(
    level: Literal["debug", "info", "warning", "error"] = "info",
    form: Literal["auto", "json", "console"] = "auto",
    file: str = "",
) -> None:
    """Sends every record of the process through one gate, to a file or standard error."""
    stream: TextIO = _private(Path(file)) if file else sys.stderr
    person = form == "console" or (form == "auto" and stream.isatty())
    speaking = level == "debug"
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _Errors(speaking=speaking),
        hide,
    ]
    structlog.configure(
        processors=[*steps, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *steps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _line(person)],
        )
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    _hush(logging.DEBUG if speaking else logging.WARNING)


def hide(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Leaves of a record what may be seen: short values without secrets or control characters."""
    return {plain(key): _shown(key, value) for key, value in event.items()}


def plain(text: str) -> str:
    """The text on one line, with everything that is not plainly visible written as an escape."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _shown(key: str, value: object) -> object:
    if key.startswith("_") or value is None or isinstance(value, bool | int | float):
        # Keys with an underscore are structlog's own and never written.
        return value if not (_MASKED.search(key) and isinstance(value, int)) else mask(str(value))
    if _HIDDEN.search(key):
        return "[hidden]"
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(key, each) for each in list(value)[:20]]
    if isinstance(value, BaseException):
        return type(value).__name__
    if not isinstance(value, str):
        return f"[{type(value).__name__}]"
    if key == "number":
        # WhatsApp's id of one of our own numbers: digits, and nobody's phone.
        return plain(value[:LONGEST])
    return mask(value) if _MASKED.search(key) else _text(value)


def _text(value: str) -> str:
    if len(value) > LONGEST:
        return f"[{len(value)} characters]"
    return plain(_TOKEN.sub("[hidden]", _PHONE.sub("**", value)))


def mask(value: str) -> str:
    """A phone number or a WhatsApp id, known by its last two characters alone."""
    return plain(f"**{value[-2:]}") if value else ""


class _Errors:
    """Tells an exception on one line: its kind and where it came from. Its words only when they
    are the system's, or when the log is set to speak freely."""

    def __init__(self, *, speaking: bool) -> None:
        self._speaking = speaking

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        error = _alone(_error(event.pop("exc_info", None)))
        event.pop("stack_info", None)
        if error is not None:
            event["error"] = _chain(error)
            event["where"] = _frames(error.__traceback__)
            if self._speaking or isinstance(error, _SPEAKING):
                event["said"] = str(error)
        return event


def _error(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exception() if given else None


def _alone(error: BaseException | None) -> BaseException | None:
    """What a task group wrapped, when it is one thing: the group itself says nothing."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        (error,) = error.exceptions
    return error


def _chain(error: BaseException) -> str:
    """The kinds of an exception and of what it came from."""
    kinds = [type(error).__name__]
    while (cause := error.__cause__ or error.__context__) is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        error = cause
    return " from ".join(kinds)


def _frames(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames]


def _line(person: bool) -> Processor:  # noqa: FBT001 - a choice between two
    if person:
        return structlog.dev.ConsoleRenderer(pad_event_to=30, sort_keys=False)
    return structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=False)


def _private(path: Path) -> TextIO:
    """A log that only its owner may read."""
    path.touch(mode=0o600)
    return path.open("a", encoding="utf-8")


def _hush(level: int, loggers: Iterable[str] = _QUIET) -> None:
    for name in loggers:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(level)
    # A server that ran before in this process has set a level of its own.
    logging.getLogger("uvicorn.error").setLevel(logging.NOTSET)
    # Requests are counted, not listed: their paths hold references and their queries words.
    logging.getLogger("uvicorn.access").disabled = True
