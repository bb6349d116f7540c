"""The same request sent again has no second effect."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import idempotency_keys
from api.models.columns import now
from api.services.idempotency import SWEPT
from tests.client import BOX, Client, code


def test_the_first_answer_is_replayed(editor: Client) -> None:
    first = editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    again = editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status_code, again.data) == (201, first.data)
    assert {name: again.headers[name] for name in ("ETag", "Location")} == {
        name: first.headers[name] for name in ("ETag", "Location")
    }
    assert len(editor.all(BOX)) == 1


def test_a_key_belongs_to_its_request(editor: Client, owner: Client) -> None:
    editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    assert editor.post(f"{editor.article()}/claims", {"spans": []}, Idempotency_Key="k").status_code == 422
    assert code(editor.post(BOX, {"text": "y"}, Idempotency_Key="k")) == "idempotency_key_reused"
    assert owner.post(BOX, {"text": "y"}, Idempotency_Key="k").status_code == 201


def test_a_refused_request_does_not_use_the_key_up(editor: Client) -> None:
    editor.article(external_id="taken")
    assert editor.post(BOX, {"text": "x", "external_id": "taken"}, Idempotency_Key="k").status_code == 409
    assert editor.post(BOX, {"text": "x"}, Idempotency_Key="k").status_code == 201


def test_a_key_is_kept_for_a_day(editor: Client, database: Database) -> None:
    editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    database.write(lambda tx: tx.execute(sa.update(idempotency_keys).values(created_at=now() - timedelta(hours=25))))
    assert "Idempotent-Replayed" not in editor.post(BOX, {"text": "x"}, Idempotency_Key="k").headers
    assert len(editor.all(BOX)) == 2


def kept_too_long(database: Database, count: int) -> None:
    row = {"user": "olga", "fingerprint": "f" * 64, "status": 201, "headers": {}, "body": b"{}"}
    rows = [{**row, "key": f"old-{n}", "created_at": now() - timedelta(hours=25)} for n in range(count)]
    database.write(lambda tx: tx.execute(sa.insert(idempotency_keys), rows))


def of_olga(database: Database) -> int:
    with database.snapshot() as tx:
        mine = sa.select(sa.func.count()).where(idempotency_keys.c.user == "olga")
        return int(tx.execute(mine).scalar_one())


def test_no_request_clears_away_all_that_a_busy_day_has_left(editor: Client, database: Database) -> None:
    kept_too_long(database, SWEPT + 10)
    editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    assert of_olga(database) == 10
    editor.post(BOX, {"text": "x"}, Idempotency_Key="l")
    assert of_olga(database) == 0


def test_nobody_waits_for_who_clears_away(editor: Client, database: Database) -> None:
    if database.sqlite:
        pytest.skip("where everybody writes in turn")
    kept_too_long(database, 10)
    statuses = []

    def clear(tx: sa.Connection) -> None:
        tx.execute(sa.delete(idempotency_keys).where(idempotency_keys.c.key == "old-0"))
        with ThreadPoolExecutor(1) as other:
            request = other.submit(editor.post, BOX, {"text": "x"}, Idempotency_Key="k")
            statuses.append(request.result(timeout=5).status_code)

    database.write(clear)
    assert (statuses, of_olga(database)) == ([201], 0)


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_key_is_a_plain_word(editor: Client, key: str) -> None:
    response = editor.post(BOX, {"text": "x"}, Idempotency_Key=key)
    assert (response.status_code, code(response)) == (400, "malformed")


def test_the_first_answer_is_replayed_though_its_quote_stands_nowhere_any_more(editor: Client) -> None:
    article = editor.article()
    draft = {"spans": [{"exact": "counts 2,950"}]}
    first = editor.post(f"{article}/claims", draft, Idempotency_Key="mark-1")
    editor.revise(article, "Nothing of it is left.")
    again = editor.post(f"{article}/claims", draft, Idempotency_Key="mark-1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
