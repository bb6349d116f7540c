"""PostgreSQL goes away, comes back, is slow or full: nothing is done twice, and every answer says what is known."""

import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from api.commands.migrate import migrate
from api.db import Database, run, unhurried, whole_or_not
from api.engines import connect
from api.errors import ConnectionLost, OutcomeUnknown, TimedOut, Unavailable
from api.models import users
from api.models.columns import now
from api.settings import Settings
from app import create_app
from tests.client import BOX, token_of
from tests.conftest import people
from tests.postgres import Server, Wire, server, url_on

NINA = {"name": "nina", "display_name": "Nina", "admin": False}
BEARER = {"Authorization": f"Bearer {token_of('edith')}"}


@pytest.fixture(scope="module")
def primary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("own") / "postgres") as made:
        migrate(Settings(database_url=made.url))
        database = Database(Settings(database_url=made.url))
        database.write(people)
        database.close()
        yield made


@pytest.fixture
def wire(primary: Server) -> Iterator[Wire]:
    made = Wire(primary.port)
    yield made
    made.close()


@pytest.fixture
def its_app(wire: Wire) -> Iterator[Flask]:
    """The app, connected over the wire."""
    app = create_app(Settings(database_url=url_on(wire.port), rate_limit_per_minute=0))
    yield app
    app.extensions["database"].close()


@pytest.fixture
def its_database(its_app: Flask, primary: Server) -> Iterator[Database]:
    yield its_app.extensions["database"]
    primary.tell("DELETE FROM users WHERE name = 'nina'")


def add_nina(tx: sa.Connection) -> str:
    tx.execute(sa.insert(users), {**NINA, "created_at": now()})
    return "done"


def ninas(primary: Server) -> str:
    return primary.tell("SELECT count(*) FROM users WHERE name = 'nina'")


def end_session(primary: Server, tx: sa.Connection) -> None:
    pid = tx.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    primary.tell(f"SELECT pg_terminate_backend({pid}, 5000)")


def post(app: Flask, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().post(BOX, json={"text": "x"}, headers={**BEARER, **named})


def articles(primary: Server) -> int:
    return int(primary.tell("SELECT count(*) FROM articles"))


@pytest.mark.parametrize("past_sqlalchemy", [True, False])
def test_work_that_loses_its_connection_starts_over(
    its_database: Database, primary: Server, past_sqlalchemy: bool
) -> None:
    attempts = []

    def work(tx: sa.Connection) -> str:
        add_nina(tx)
        attempts.append(1)
        if len(attempts) == 1:
            end_session(primary, tx)
            with whole_or_not(tx) if past_sqlalchemy else tx.begin_nested():
                add_nina(tx)
        return "done"

    assert its_database.write(work) == "done"
    assert len(attempts) == 2
    assert ninas(primary) == "1"
    assert its_database.engine.pool.checkedout() == 0


def test_work_that_loses_every_connection_is_given_up(its_database: Database, primary: Server) -> None:
    attempts = []

    def work(tx: sa.Connection) -> None:
        attempts.append(add_nina(tx))
        end_session(primary, tx)
        run(tx, "SELECT 1", ())

    with pytest.raises(ConnectionLost):
        its_database.write(work)
    assert len(attempts) == 3
    assert ninas(primary) == "0"
    assert its_database.engine.pool.checkedout() == 0


def in_the_end(found: Callable[[], object], expected: object) -> bool:
    """The server may still be at a commit that has reached it."""
    until = time.monotonic() + 20
    while found() != expected and time.monotonic() < until:
        time.sleep(0.01)
    return found() == expected


@pytest.mark.parametrize(("cut", "there"), [("before", "0"), ("after", "1")])
def test_a_commit_that_is_not_answered_is_never_repeated(
    its_database: Database, wire: Wire, primary: Server, cut: str, there: str
) -> None:
    attempts = []

    def work(tx: sa.Connection) -> None:
        attempts.append(add_nina(tx))
        wire.cut_at_commit = cut

    with pytest.raises(OutcomeUnknown):
        its_database.write(work)
    assert len(attempts) == 1
    assert in_the_end(lambda: ninas(primary), there)
    assert its_database.engine.pool.checkedout() == 0


@pytest.mark.parametrize(("cut", "made"), [("before", 0), ("after", 1)])
def test_a_client_is_told_that_the_outcome_is_unknown(
    its_app: Flask, wire: Wire, primary: Server, cut: str, made: int
) -> None:
    before = articles(primary)
    wire.cut_at_commit = cut
    response = post(its_app)
    assert (response.status_code, response.json["code"]) == (503, "outcome_unknown")
    assert "Retry-After" not in response.headers
    assert "Idempotency-Key" in response.json["detail"]
    assert "nothing was changed" not in response.json["detail"]
    assert in_the_end(lambda: articles(primary), before + made)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_an_idempotency_key_finds_the_outcome_out(its_app: Flask, wire: Wire, primary: Server, cut: str) -> None:
    before = articles(primary)
    wire.cut_at_commit = cut
    response = post(its_app, Idempotency_Key=f"cut-{cut}")
    assert response.status_code == 201
    assert articles(primary) == before + 1
    again = post(its_app, Idempotency_Key=f"cut-{cut}")
    assert (again.json, again.headers["Idempotent-Replayed"]) == (response.json, "true")
    assert articles(primary) == before + 1


def test_a_read_that_loses_its_connection_begins_anew(its_app: Flask, primary: Server) -> None:
    client = its_app.test_client()
    database: Database = its_app.extensions["database"]
    assert client.get(BOX, headers=BEARER).status_code == 200
    sessions = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'claimspan'"
    lost = []

    @sa.event.listens_for(database.engine, "checkout")
    def after_the_ping(_connection: Any, _record: Any, _proxy: Any) -> None:
        if not lost:
            lost.append(primary.tell(sessions))

    assert client.get(BOX, headers=BEARER).status_code == 200
    assert int(lost[0]) >= 1
    assert database.engine.pool.checkedout() == 0


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_is_not_noticed(its_app: Flask, primary: Server, mode: str) -> None:
    assert post(its_app).status_code == 201
    before = articles(primary)
    primary.stop(mode)
    primary.start()
    assert its_app.test_client().get(BOX, headers=BEARER).status_code == 200
    assert post(its_app).status_code == 201
    assert articles(primary) == before + 1


def test_a_server_that_stays_away_is_unavailable_until_it_is_back(its_app: Flask, primary: Server) -> None:
    client = its_app.test_client()
    assert client.get("/readyz").status_code == 200
    primary.stop()
    for response in (client.get(BOX, headers=BEARER), post(its_app), client.get("/readyz")):
        assert (response.status_code, response.json["code"]) == (503, "unavailable")
        assert response.headers["Retry-After"] == "1"
    assert client.get("/healthz").status_code == 200
    primary.start()
    assert client.get("/readyz").status_code == 200
    assert post(its_app).status_code == 201


def test_a_lock_that_others_hold_is_not_waited_for_forever(primary: Server) -> None:
    app = create_app(Settings(database_url=primary.url, lock_timeout_ms=50, rate_limit_per_minute=0))
    location = post(app).headers["Location"]
    client = app.test_client()
    tag = client.get(location, headers=BEARER).headers["ETag"]
    with psycopg.connect(primary.url) as other:
        other.execute("SELECT 1 FROM articles FOR UPDATE")
        response = client.patch(location, json={"title": "New"}, headers={**BEARER, "If-Match": tag})
        assert (response.status_code, response.json["code"]) == (503, "timed_out")
        assert response.headers["Retry-After"] == "1"
    assert client.patch(location, json={"title": "New"}, headers={**BEARER, "If-Match": tag}).status_code == 200
    app.extensions["database"].close()


def test_a_statement_that_takes_too_long_is_stopped_unless_it_may(primary: Server) -> None:
    database = Database(Settings(database_url=primary.url, statement_timeout_ms=50))
    with pytest.raises(TimedOut):
        database.write(lambda tx: run(tx, "SELECT pg_sleep(10)", ()))
    with database.snapshot() as tx:
        unhurried(tx)
        run(tx, "SELECT pg_sleep(0.2)", ())
    database.close()


def test_a_transaction_that_says_nothing_is_ended_unless_it_may(primary: Server) -> None:
    database = Database(Settings(database_url=primary.url, idle_timeout_ms=50, rate_limit_per_minute=0))
    with psycopg.connect(primary.url, autocommit=True) as clock, database.snapshot() as tx:
        unhurried(tx)
        clock.execute("SELECT pg_sleep(0.3)")
        run(tx, "SELECT 1", ())

    def work(tx: sa.Connection) -> None:
        run(tx, "SELECT 1", ())
        primary.tell("SELECT pg_sleep(0.3)")
        run(tx, "SELECT 1", ())

    with pytest.raises(Unavailable):
        database.write(work)
    assert database.engine.pool.checkedout() == 0
    database.close()


class Slow(BytesIO):
    """A body that keeps the database waiting."""

    def readinto(self, room: Any) -> int:
        time.sleep(0.3)
        return super().readinto(room)


def test_a_body_that_comes_slowly_outlasts_the_limit_on_idle_transactions(primary: Server) -> None:
    app = create_app(Settings(database_url=primary.url, idle_timeout_ms=50, rate_limit_per_minute=0))
    response = app.test_client().post(
        BOX, input_stream=Slow(b'{"text": "slow"}'), content_length=16, content_type="application/json", headers=BEARER
    )
    assert response.status_code == 201
    app.extensions["database"].close()


class Cutting(BytesIO):
    """A body that has the next commit cut off."""

    wire: Wire
    cut: str

    def readinto(self, room: Any) -> int:
        self.wire.cut_at_commit = self.cut
        return super().readinto(room)


@pytest.mark.parametrize(("cut", "state", "made"), [("before", "failed", 0), ("after", "finished", 1)])
def test_the_report_of_an_import_says_what_came_of_a_commit_that_was_not_answered(
    its_app: Flask, wire: Wire, primary: Server, cut: str, state: str, made: int
) -> None:
    before = articles(primary)
    line = f'{{"article": {{"text": "x", "external_id": "import-{cut}"}}}}\n'.encode()
    body = Cutting(line)
    body.wire, body.cut = wire, cut
    client = its_app.test_client()
    refused = client.post(
        "/v1/projects/default/imports?mode=atomic",
        input_stream=body,
        content_length=len(line),
        content_type="application/x-ndjson",
        headers=BEARER,
    )
    assert (refused.status_code, refused.json["code"]) == (503, "outcome_unknown")
    report = client.get(f"/v1/imports/{refused.json['import']}", headers=BEARER).json
    assert (report["state"], report["created"]) == (state, made)
    assert articles(primary) == before + made


@pytest.mark.parametrize(
    ("sqlstate", "error"),
    [
        ("08006", ConnectionLost),
        ("25006", Unavailable),
        ("25P03", ConnectionLost),
        ("53100", Unavailable),
        ("53200", Unavailable),
        ("53300", Unavailable),
        ("55P03", TimedOut),
        ("57014", TimedOut),
        ("57P01", ConnectionLost),
        ("57P02", ConnectionLost),
        ("57P03", ConnectionLost),
    ],
)
@pytest.mark.parametrize("past_sqlalchemy", [True, False])
def test_what_postgresql_refuses_has_a_word(
    its_database: Database, sqlstate: str, error: type[Exception], past_sqlalchemy: bool
) -> None:
    refuse = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"
    with pytest.raises(error) as raised:
        its_database.write(lambda tx: run(tx, refuse, ()) if past_sqlalchemy else tx.exec_driver_sql(refuse))
    assert raised.type is error


def test_a_database_that_takes_no_changes_still_reads(primary: Server) -> None:
    app = create_app(
        Settings(database_url=f"{primary.url}?options=-c%20default_transaction_read_only%3Don", rate_limit_per_minute=0)
    )
    response = post(app)
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    assert app.test_client().get(BOX, headers=BEARER).status_code == 200
    app.extensions["database"].close()


def test_too_many_connections_are_unavailable(primary: Server) -> None:
    primary.tell("CREATE ROLE crowded LOGIN CONNECTION LIMIT 0")
    app = create_app(Settings(database_url=primary.url.replace("postgres@", "crowded@"), rate_limit_per_minute=0))
    response = app.test_client().get(BOX, headers=BEARER)
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
    app.extensions["database"].close()


def test_a_busy_pool_is_unavailable(primary: Server) -> None:
    database = Database(Settings(database_url=primary.url, pool_size=1, pool_timeout_ms=10))
    with database.snapshot(), pytest.raises(Unavailable, match="connections"):
        database.snapshot()
    database.close()


def test_commits_are_durable_whatever_the_server_says(primary: Server) -> None:
    for url, expected in (("off", "on"), ("local", "local")):
        options = f"?options=-c%20synchronous_commit%3D{url}"
        database = Database(Settings(database_url=primary.url + options))
        with database.snapshot() as tx:
            assert run(tx, "SHOW synchronous_commit", ()).fetchone() == (expected,)
        database.close()


def test_the_server_sees_who_is_connected(primary: Server) -> None:
    database = Database(Settings(database_url=primary.url, application_name="desk 3"))
    with database.snapshot() as tx:
        assert run(tx, "SHOW application_name", ()).fetchone() == ("desk 3",)
    database.close()


def test_migrations_know_no_time_limit(primary: Server) -> None:
    engine = connect(Settings(database_url=primary.url, statement_timeout_ms=5, lock_timeout_ms=5), migrates=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.1)")
    engine.dispose()
