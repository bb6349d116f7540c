"""One line in the log and one count for each request, whatever came of it; and the id by which to find it again.

It stands around the whole app, so that an answer is timed to its last byte, and what goes wrong outside every error
handler is still logged and answered.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from time import monotonic, perf_counter, sleep
from typing import Any

from flask import Flask, g, request
from uuid_utils import uuid7

from api.logs import request_id
from api.resources.metrics import Metrics
from api.resources.problems import failure

ENTRY = "claimspan.entry"
HEADER = "X-Request-Id"
SANE = re.compile(r"(?!cs_)[\w.-]{1,128}", re.ASCII)
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds: they are logged when something is wrong, or at the level debug."""
LAST_WORDS = 2.0
"""Seconds that a process which ends may still write."""
log = logging.getLogger("claimspan.request")
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(slots=True, eq=False)
class Entry:
    """What is to be said of a request."""

    id: str
    method: str
    begun: float = field(default_factory=perf_counter)
    status: int = 500
    route: str | None = None
    user: str | None = None
    project: str | None = None


class BrokenOff(Exception):
    """Tells the server that the answer has no end; what went wrong was logged."""


class Watched:
    """An answer on its way out."""

    __slots__ = ("_body", "_closing", "_entry", "_pieces")

    def __init__(self, body: Iterable[bytes], entry: Entry, closing: Callable[[Entry], None]):
        self._body, self._pieces, self._entry, self._closing = body, iter(body), entry, closing

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except StopIteration:
            raise
        except Exception as error:
            facts = {"request_id": self._entry.id}
            log.error("the answer broke off", exc_info=error, extra={"facts": facts})
        raise BrokenOff

    def close(self) -> None:
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._closing(self._entry)


class Journal:
    """The app, watched."""

    def __init__(self, app: Wsgi, metrics: Metrics):
        self._app = app
        self._metrics = metrics
        self._open: set[Entry] = set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        entry = environ[ENTRY] = Entry(_id(environ.get("HTTP_X_REQUEST_ID", "")), environ["REQUEST_METHOD"])
        request_id.set(entry.id)
        self._metrics.in_flight.inc()
        self._open.add(entry)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            entry.status = int(status[:3])
            return start_response(status, [*headers, (HEADER, entry.id)], exc_info)

        try:
            body = self._app(environ, start)
        except Exception as error:
            body = failure(error)(environ, start)
        return Watched(body, entry, self._close)

    def finish(self) -> None:
        """Waits until every answer is written down: a server that stops waits for the answers, but not for that."""
        deadline = monotonic() + LAST_WORDS
        while self._open and monotonic() < deadline:
            sleep(0.01)

    def _close(self, entry: Entry) -> None:
        seconds = perf_counter() - entry.begun
        self._metrics.in_flight.dec()
        self._metrics.count(entry.method, entry.route, entry.status, seconds)
        level = _level(entry)
        if log.isEnabledFor(level):
            said = {
                "method": entry.method,
                "route": entry.route,
                "status": entry.status,
                "ms": round(seconds * 1000, 2),
                "user": entry.user,
                "project": entry.project,
            }
            # The answer may be closed by another thread than began it.
            facts = {"request_id": entry.id, **{name: value for name, value in said.items() if value is not None}}
            log.log(level, "request", extra={"facts": facts})
        request_id.set("")
        self._open.discard(entry)


def _level(entry: Entry) -> int:
    if entry.status >= 500:
        return logging.ERROR if entry.status == 500 else logging.WARNING
    return logging.DEBUG if entry.route in PROBES else logging.INFO


def _id(given: str) -> str:
    """The client's own, if it has one that can stand in a log; never what looks like a token."""
    return given if SANE.fullmatch(given) else str(uuid7())


@cache
def _route(rule: str) -> str:
    """
    >>> _route("/v1/articles/<id:article>/claims")
    '/v1/articles/{article}/claims'
    """
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def note(_error: BaseException | None = None) -> None:
    """Writes down what only the app knows of the request: which of its addresses it was, and who asked."""
    entry: Entry = request.environ[ENTRY]
    entry.route = _route(request.url_rule.rule) if request.url_rule else None
    entry.user = g.caller.name if "caller" in g else None
    entry.project = g.get("project")


def install(app: Flask, metrics: Metrics) -> None:
    app.teardown_request(note)
    journal = Journal(app.wsgi_app, metrics)
    app.wsgi_app = app.extensions["journal"] = journal  # type: ignore[method-assign]
