"""The migrations lead to exactly the models, on both engines, and bear being run by many at once."""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
import sqlalchemy as sa
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from api.commands.migrate import configuration, migrate
from api.db import Database
from api.engines import WRITES, connect
from api.models import metadata
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from tests.client import Client
from tests.conftest import people
from tests.test_concurrency import at_once


def test_the_migrated_database_is_what_the_models_say(settings: Settings) -> None:
    engine = connect(settings)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_name": of_the_models}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def of_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """Requests are counted in a table of their own (api/quotas.py), that SQLite has elsewhere."""
    return kind != "table" or name != "quotas"


def test_down_and_up_again(empty_database: Settings) -> None:
    migrate(empty_database)
    alembic.downgrade(configuration(empty_database), "base")
    engine = connect(empty_database)
    assert sa.inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()
    migrate(empty_database)


def test_racing_starts_all_end_well(empty_database: Settings) -> None:
    with ProcessPoolExecutor(4, get_context("spawn")) as pool:
        list(pool.map(migrate, [empty_database] * 4))
    engine = connect(empty_database)
    assert set(metadata.tables) < set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_a_migration_waits_for_another_as_long_as_that_takes(empty_database: Settings) -> None:
    hurried = replace(empty_database, busy_timeout_ms=1, lock_timeout_ms=1)
    migrate(empty_database)
    others = connect(empty_database).execution_options(**{WRITES: True})
    with ThreadPoolExecutor(1) as pool, others.connect() as other:
        with other.begin():
            if other.dialect.name == "postgresql":
                other.execute(sa.text("SELECT pg_advisory_xact_lock(7091726544130305)"))
            waiting = pool.submit(migrate, hurried)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
        waiting.result(timeout=30)
    others.dispose()


def test_of_racing_first_starts_one_makes_the_admin(empty_database: Settings) -> None:
    migrate(empty_database)
    databases = [Database(empty_database) for _ in range(4)]

    def start(tx: sa.Connection) -> str | None:
        made = first_start(tx, None)
        time.sleep(0.2 if made else 0)  # the others have begun by then
        return made

    tokens = at_once(4, lambda n: databases[n].write(start))
    for database in databases:
        database.close()
    assert len([token for token in tokens if token]) == 1


def test_things_survive_the_way_to_the_first_schema_and_back_and_are_adopted(
    empty_database: Settings,
) -> None:
    migrate(empty_database)
    app = create_app(empty_database)
    database: Database = app.extensions["database"]
    database.write(people)
    editor = Client(app, "edith")
    claim = editor.claim(editor.article(), {"start": 30, "end": 62}, {"exact": "2,950"})
    editor.assess(claim, "false")
    policy = {"required_assessments": 1, "consensus": "majority", "blind": False}
    Client(app, "olga").patch("/v1/projects/default", {"policy": {"consensus": "majority"}}, If_Match='"1"')
    reviewer = Client(app, "ravi")
    reviewer.assess(claim, "true", state="draft", rationale="A guess")
    editor.post(f"{claim}/evidence", {"url": "https://example.org", "published_at": "2026-03-02"})
    before = editor.get(claim).json
    database.close()

    alembic.downgrade(configuration(empty_database), "0001")
    alembic.upgrade(configuration(empty_database), "head")

    app = create_app(empty_database)
    editor, reviewer = Client(app, "edith"), Client(app, "ravi")
    assert editor.get(claim).json == before | {"review_version": 0}
    assert editor.get("/v1/projects/default").json["policy"] == policy
    assert editor.get(f"{claim}?at=2100-01-01T00:00:00Z").json["spans"] == before["spans"]
    adopted = editor.all(f"{claim}/history")
    assert [event["resource"] for event in adopted] == ["claim", "status", "assessment", "evidence"]
    assert {event["action"] for event in adopted} == {"adopted"}
    result = app.test_cli_runner().invoke(args=["history", "verify"])
    assert result.exit_code == 0, result.output
    assert "A guess" in reviewer.get(f"{claim}/history").text
    assert reviewer.delete(f"{claim}/assessments/mine", If_Match="*").status_code == 204
    app.extensions["database"].close()
