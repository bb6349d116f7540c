"""What a large import leaves the engine with."""

from api.db import Database
from api.services.imports import MANY_LINES
from tests.client import Client
from tests.resources.test_imports import counts, lines, send


def test_after_a_large_import_the_engine_knows_how_large_its_tables_are(editor: Client, database: Database) -> None:
    many = lines(*({"article": {"external_id": f"a-{n}", "text": f"Text {n}."}} for n in range(MANY_LINES)))
    assert counts(send(editor, many)) == (MANY_LINES, MANY_LINES, 0, 0, 0)
    if not database.sqlite:
        with database.snapshot() as tx:
            known = tx.exec_driver_sql("SELECT reltuples FROM pg_class WHERE relname = 'articles'").scalar()
        assert known == MANY_LINES
