"""What is open to all, and what stands around every answer."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from api.commands.migrate import migrate
from api.db import Database
from api.settings import Settings
from app import create_app


@pytest.fixture
def own_database(empty_database: Settings) -> Settings:
    """One whose tables a test may spoil."""
    migrate(empty_database)
    return empty_database


def test_it_is_ready_with_the_tables_of_its_version_only(own_database: Settings) -> None:
    app = create_app(own_database)
    database: Database = app.extensions["database"]
    anonymous = app.test_client()
    assert anonymous.get("/readyz").status_code == 200
    database.write(lambda tx: tx.execute(sa.text("UPDATE alembic_version SET version_num = '0001'")))
    answer = anonymous.get("/readyz")
    assert (answer.status_code, answer.content_type, answer.json["code"]) == (
        503,
        "application/problem+json",
        "unavailable",
    )
    assert "found 0001" in answer.json["detail"]
    database.write(lambda tx: tx.execute(sa.text("DROP TABLE alembic_version")))
    assert "found None" in anonymous.get("/readyz").json["detail"]
    database.close()


def test_it_is_alive_without_a_database_but_not_ready(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'x.db'}", "postgresql://nobody@127.0.0.1:1/nothing"):
        app = create_app(Settings(database_url=url))
        anonymous = app.test_client()
        assert anonymous.get("/healthz").status_code == 200
        answer = anonymous.get("/readyz")
        assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
        app.extensions["database"].close()


def test_a_failure_behind_the_view_is_a_problem_too(own_database: Settings) -> None:
    app = create_app(own_database)

    @app.after_request
    def fail(_response: object) -> None:
        raise KeyError("what nobody foresaw")

    answer = app.test_client().get("/healthz", headers={"X-Request-Id": "mine"})
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert (answer.json["code"], answer.json["request_id"]) == ("internal", "mine")
    assert answer.headers["X-Request-Id"] == "mine"
    app.extensions["database"].close()


def test_transactions_that_start_over_are_counted(own_database: Settings) -> None:
    app = create_app(own_database)
    database: Database = app.extensions["database"]
    before = app.extensions["metrics"].text()
    database.on_retry()
    assert app.extensions["metrics"].text() != before
    assert b"claimspan_transaction_retries_total 1.0" in app.extensions["metrics"].text()
    database.close()
