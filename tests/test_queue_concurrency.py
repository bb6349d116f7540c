"""The queue under many real processes, and how it is searched; the long form is `make campaign-queue`."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa

from api.commands.migrate import migrate
from api.db import Database, run
from api.models import claims
from api.models.columns import new_id, now
from api.services import leases
from api.services.prepared import Prepared
from api.settings import Settings
from tests.campaigns import queue as campaign
from tests.client import Client

MANY = 3000


def test_processes_that_take_at_once_get_every_place_once(empty_database: Settings) -> None:
    migrate(empty_database)
    for _, taken, faults in campaign.drive(empty_database.database_url, hands=4, times=30, number=50):
        assert faults == []
        assert sum(each.refused for each in taken) > 0


def test_nobody_is_told_that_there_is_nothing_while_a_place_is_only_locked(
    database: Database, editor: Client, reviewer: Client
) -> None:
    claim = editor.claim(editor.article())
    locked, go_on = threading.Event(), threading.Event()

    def look_at_it(tx: sa.Connection) -> None:
        tx.execute(sa.select(claims.c.id).with_for_update())
        locked.set()
        go_on.wait(20)

    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(database.write, look_at_it)
        locked.wait(20)
        answer = pool.submit(reviewer.post, "/v1/projects/default/queue/next", {})
        time.sleep(0.3)  # in which it may answer too soon
        go_on.set()
        assert answer.result().status_code == 200
        assert claim.endswith(answer.result().json["claim"]["id"])
        other.result()


@pytest.fixture
def long_queue(empty_database: Settings) -> Any:
    """A database with thousands of claims that wait, and as many that do not."""
    migrate(empty_database)
    campaign.fill(empty_database.database_url, hands=1, number=MANY)
    at = Database(empty_database)

    def settle_half(tx: sa.Connection) -> None:
        rows = [{**row._asdict(), "id": new_id(), "status": "withdrawn"} for row in tx.execute(sa.select(claims))]
        tx.execute(sa.insert(claims), rows)
        tx.exec_driver_sql("ANALYZE")

    at.write(settle_half)
    yield at
    at.close()


def plan(tx: sa.Connection, reading: Any) -> str:
    """How the engine goes about it, as it says itself."""
    prepared = Prepared(reading.statement, tx.dialect)
    explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
    values = prepared.bound({"project": "default", "caller": "hand0", "required": 2, "now": now()})
    return "\n".join(" ".join(map(str, row)) for row in run(tx, explain + prepared.sql, values).fetchall())


def test_the_next_claim_is_found_by_walking_the_index_from_the_best(long_queue: Database) -> None:
    with long_queue.snapshot() as tx:
        *own, anybodys = [plan(tx, look.best) for look in leases.LOOKS[tx.dialect.name]]
    walk = "SEARCH claims USING INDEX ix_claims_queue" if long_queue.sqlite else "Scan using ix_claims_queue on claims"
    assert walk in anybodys
    assert "TEMP B-TREE" not in anybodys
    assert "Sort" not in anybodys
    for each in [*own, anybodys]:
        assert "SCAN claims" not in each
        assert "Seq Scan on claims" not in each
    for each in own[:2]:
        assert "ix_claims_queue" not in each
