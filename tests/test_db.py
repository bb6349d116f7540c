"""Transactions: one moment to read from, one commit, and again when the engine asks for it."""

import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from api.commands.migrate import migrate
from api.db import Database, run
from api.engines import LOG_BYTES, sqlite
from api.errors import Conflict, Unavailable
from api.models import users
from api.models.columns import now
from api.services.instance import first_start
from api.settings import Settings
from app import create_app
from tests.client import BOX, Client, token_of

NINA = {"name": "nina", "display_name": "Nina", "admin": False}


def names(database: Database) -> set[str]:
    with database.snapshot() as tx:
        return set(tx.execute(sa.select(users.c.name)).scalars())


def test_what_fails_leaves_nothing_behind(database: Database) -> None:
    def add_and_fail(tx: sa.Connection) -> None:
        tx.execute(sa.insert(users), {**NINA, "created_at": now()})
        raise RuntimeError("after the insert")

    with pytest.raises(RuntimeError):
        database.write(add_and_fail)
    assert "nina" not in names(database)


def test_a_snapshot_sees_one_moment(database: Database) -> None:
    with database.snapshot() as tx:
        before = tx.execute(sa.select(sa.func.count()).select_from(users)).scalar_one()
        database.write(lambda other: other.execute(sa.insert(users), {**NINA, "created_at": now()}))
        assert tx.execute(sa.select(sa.func.count()).select_from(users)).scalar_one() == before
    assert "nina" in names(database)


def test_the_log_of_sqlite_shrinks_once_nobody_reads_what_was_before(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    database = Database(Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}"))
    log = tmp_path / "x.db-wal"

    def add(tx: sa.Connection) -> None:
        tx.exec_driver_sql("CREATE TABLE IF NOT EXISTS things (thing BLOB)")
        tx.exec_driver_sql(f"INSERT INTO things VALUES (zeroblob({LOG_BYTES // 4}))")

    database.write(add)
    with database.snapshot() as tx:
        tx.exec_driver_sql("SELECT count(*) FROM things").fetchall()
        for _ in range(5):
            database.write(add)
    assert log.stat().st_size > LOG_BYTES
    database.write(add)
    database.write(add)
    assert log.stat().st_size <= LOG_BYTES
    database.close()


@pytest.mark.parametrize("past_sqlalchemy", [True, False])
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_a_transaction_that_the_engine_gives_up_starts_over(
    database: Database, sqlstate: str, past_sqlalchemy: bool
) -> None:
    if database.sqlite:
        pytest.skip("SQLite has one writer at a time and never asks for it")
    give_up = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$"
    attempts = []

    def work(tx: sa.Connection) -> str:
        attempts.append(tx.execute(sa.insert(users), {**NINA, "created_at": now()}))
        if len(attempts) < 3:
            run(tx, give_up, ()) if past_sqlalchemy else tx.exec_driver_sql(give_up)
        return "done"

    assert database.write(work) == "done"
    assert len(attempts) == 3
    assert "nina" in names(database)


def test_it_does_not_start_over_for_ever(database: Database) -> None:
    if database.sqlite:
        pytest.skip("SQLite has one writer at a time and never asks for it")
    with pytest.raises(Conflict):
        database.write(lambda tx: run(tx, "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$", ()))


def test_a_locked_sqlite_file_is_unavailable_and_then_works_again(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path / 'x.db'}", busy_timeout_ms=50)
    migrate(settings)
    app = create_app(settings)
    database: Database = app.extensions["database"]
    database.write(lambda tx: first_start(tx, token_of("admin")))
    admin = Client(app, "admin")
    other_program = sqlite.connect(str(tmp_path / "x.db"), isolation_level=None)
    other_program.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        database.write(lambda tx: None)
    response = app.test_client().post(BOX, json={"text": "x"}, headers={"Authorization": f"Bearer {admin.token}"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert admin.get(BOX).status_code == 200
    other_program.execute("ROLLBACK")
    assert admin.post(BOX, {"text": "x"}).status_code == 201
    other_program.close()
    database.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_sqlite_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "x.db"
    settings = Settings(database_url=f"sqlite:///{file}")
    migrate(settings)
    database = Database(settings)
    database.write(lambda tx: run(tx, "CREATE TABLE x (y TEXT)", ()))
    assert mode(file.parent) == 0o700
    assert {mode(Path(f"{file}{end}")) for end in ("", "-wal", "-shm")} == {0o600}
    file.chmod(0o640)
    database.write(lambda tx: run(tx, "INSERT INTO x VALUES ('z')", ()))
    database.close()
    assert mode(file) == 0o640


def test_an_unreachable_postgresql_is_unavailable() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:9/none"))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.json["code"]) == (503, "unavailable")
