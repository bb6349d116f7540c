"""Log lines on standard error, one each, as JSON or as text; none says what only the client should know.

What was sent is never in them: tokens and passwords are struck out wherever they stand, and of an error only its kind
and where it arose are told, as its words may quote a body. Those of the system and of the database's connection do not.
"""

import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

SECRETS = re.compile(r"(?<=cs_)[\w-]{16,}|(?<=eyJ)[\w-]+\.[\w-]+\.[\w-]+|(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")
"""Our tokens, those of OpenID Connect, and passwords in addresses."""
OF_THE_SYSTEM = ("OSError", "OperationalError")
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that this thread answers; empty between them."""


class Lines(logging.Formatter):
    """A record as one line of JSON: what it says, and the `facts` it was given."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            line = orjson.dumps(told(record), default=str).decode()
        except orjson.JSONEncodeError:  # a lone surrogate, from a file's name
            line = orjson.dumps({name: ascii(value) for name, value in told(record).items()}).decode()
        return without_secrets(line)


class Text(logging.Formatter):
    """The same for the eye: time, level, what it says, then the facts; a traceback below."""

    def format(self, record: logging.LogRecord) -> str:
        facts = told(record)
        head = [str(facts.pop(name)) for name in ("time", "level", "logger", "message")]
        trace = facts.pop("traceback", None)
        line = " ".join([*head, *(f"{name}={value}" for name, value in facts.items())])
        return without_secrets(f"{line}\n{trace}" if trace else line)


def told(record: logging.LogRecord) -> dict[str, Any]:
    """Everything that a record says, in its order."""
    facts: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if id := request_id.get():
        facts["request_id"] = id
    facts.update(getattr(record, "facts", {}))
    if record.exc_info and record.exc_info[1]:
        facts["error"] = words(record.exc_info[1])
        facts["traceback"] = trace(record.exc_info[1])
    return facts


def words(error: BaseException) -> str:
    """The kind of an error; and what it says, if those are words of the system.

    >>> words(KeyError("the text of a claim")), words(FileNotFoundError(2, "No such file"))
    ('KeyError', 'FileNotFoundError: [Errno 2] No such file')
    """
    kinds = type(error).__mro__
    if not any(kind.__name__ in OF_THE_SYSTEM for kind in kinds):
        return type(error).__name__
    first, *_ = str(error).splitlines() or [""]  # PostgreSQL's details and SQLAlchemy's parameters stand below
    return f"{type(error).__name__}: {first}"


def trace(error: BaseException) -> str:
    """Where an error and those that led to it arose, the first one first; lines of code, no values."""
    parts: list[str] = []
    seen: set[int] = set()
    next: BaseException | None = error
    while next is not None and id(next) not in seen:
        seen.add(id(next))
        parts.append("".join(traceback.format_tb(next.__traceback__)) + words(next))
        next = next.__cause__ or (None if next.__suppress_context__ else next.__context__)
    return "\nwhich led to:\n".join(reversed(parts))


def without_secrets(line: str) -> str:
    """
    >>> without_secrets("cs_0123456789abcdef0123 at postgresql://ada:secret@host/x")
    'cs_*** at postgresql://ada:***@host/x'
    """
    if not any(sign in line for sign in ("cs_", "eyJ", "://")):
        return line
    return SECRETS.sub(lambda found: "***" if found[1] is None else f"{found[1]}:***", line)


def configuration(level: str, format: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything from this level on, in one form, whoever says it."""
    formatter = Lines if format == "json" else Text
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["lines"], "level": level.upper()},
        # What Flask says of errors is said already (`api.resources.problems`). The server's words go with all others.
        "loggers": {"app": {"level": "CRITICAL"}, "_granian": {}},
    }
