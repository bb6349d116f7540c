"""`/metrics`: counts and times of all server processes together, in Prometheus' text format."""

import os
from contextlib import suppress
from hmac import compare_digest
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
    values,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.errors import Forbidden
from api.resources.admission import authenticate, caller
from api.settings import Settings

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of one server keep their counts; unset, there is one process."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "none"
disable_created_metrics()  # type: ignore[no-untyped-call]  # several processes have no one time at which a count began
blueprint = Blueprint("metrics", __name__)


class Metrics:
    """What is counted. Every label has a fixed set of values: no address, no id, no name that a client chooses."""

    def __init__(self) -> None:
        if DIRECTORY in os.environ and not values.ValueClass._multiprocess:
            # The library chose when it was imported: before the server made the folder, and forked this process.
            values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "claimspan_requests",
            "Requests answered, by route and status.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "claimspan_request_seconds",
            "Seconds until the last byte of the answer was taken, by route.",
            ("method", "route"),
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "claimspan_requests_in_flight",
            "Requests being answered now.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.retries = Counter(
            "claimspan_transaction_retries",
            "Transactions that the database wanted once more (serialization failures, deadlocks).",
            registry=registry,
        )
        self._exports = Counter(
            "claimspan_exports",
            "Exports sent, by format and by whether they came to their end.",
            ("format", "end"),
            registry=registry,
        )
        self._lines = Counter(
            "claimspan_import_lines", "Lines of imports that were read to their end.", ("outcome",), registry=registry
        )
        workers = Gauge(
            "claimspan_workers", "Processes that answer requests.", registry=registry, multiprocess_mode="livesum"
        )
        workers.set(1)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One request more."""
        method, route = method if method in METHODS else "other", route or NO_ROUTE
        key = (method, route, status)
        if key not in self._known:
            requests = self._requests.labels(method, route, str(status))
            self._known[key] = requests, self._seconds.labels(method, route)
        requests, times = self._known[key]
        requests.inc()
        times.observe(seconds)

    def count_export(self, format: str, whole: bool) -> None:
        self._exports.labels(format, "whole" if whole else "broken_off").inc()

    def count_lines(self, report: dict[str, int]) -> None:
        for outcome in ("created", "updated", "unchanged", "failed"):
            self._lines.labels(outcome).inc(report[outcome])

    def text(self) -> bytes:
        """All of it, of all processes; counts of those that have ended stay."""
        if DIRECTORY not in os.environ:
            return generate_latest(self._registry)
        directory = os.environ[DIRECTORY]
        _forget_the_dead(Path(directory))
        together = CollectorRegistry()
        MultiProcessCollector(together, directory)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def _forget_the_dead(directory: Path) -> None:
    """What is so now is not so in a process that was killed."""
    for file in directory.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not _is_alive(pid):
            with suppress(FileNotFoundError):  # another process looks at the same time
                mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:  # gone, or by now somebody else's
        return False
    return True


def install(app: Flask) -> Metrics:
    metrics: Metrics = Metrics()
    app.extensions["metrics"] = metrics
    app.extensions["database"].on_retry = metrics.retries.inc
    app.register_blueprint(blueprint)
    return metrics


def of_app() -> Metrics:
    metrics: Metrics = current_app.extensions["metrics"]
    return metrics


@blueprint.get("/metrics")
def read() -> Response:
    """For who watches the service: the holder of `metrics_token`, which works without the database, or an instance
    admin.

    Raises:
        Unauthenticated: there is no token.
        InvalidToken: it lets nobody in now.
        Forbidden: the token of somebody else.
    """
    settings: Settings = current_app.config["SETTINGS"]
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    is_watcher = compare_digest(secret.strip().encode(), settings.metrics_token.encode())
    if not (settings.metrics_token and is_watcher and scheme.lower() == "bearer"):
        authenticate()
        if not (caller.admin and "read" in caller.scopes):
            raise Forbidden("This needs an instance admin, with a token with the scope read; or the metrics' token.")
    return Response(of_app().text(), content_type=CONTENT_TYPE_PLAIN_0_0_4)
