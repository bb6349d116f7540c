"""The same request sent again has no second effect."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from api.db import Database
from api.models import idempotency_keys
from api.models.columns import now
from api.services.idempotency import SWEPT
from tests.client import BOX, TEXT, Client, code

NEXT = "/v1/projects/default/queue/next"


def test_the_first_answer_is_replayed(editor: Client) -> None:
    first = editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    again = editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert (again.status_code, again.data, again.content_type) == (201, first.data, "application/json")
    assert {name: again.headers[name] for name in ("ETag", "Location")} == {
        name: first.headers[name] for name in ("ETag", "Location")
    }
    assert [f"/v1/articles/{item['id']}" for item in editor.all(BOX)] == [first.headers["Location"]]
    assert first.json == editor.get(first.headers["Location"]).json


def test_a_claim_is_leased_once_and_the_next_key_leases_the_next(reviewer: Client, editor: Client) -> None:
    article = editor.article()
    for _ in range(2):
        editor.claim(article)
    first, again, other = (reviewer.post(NEXT, {}, Idempotency_Key=key) for key in ("k", "k", "l"))
    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 200]
    assert first.data == again.data != other.data
    assert [answer.headers.get("Idempotent-Replayed") for answer in (first, again, other)] == [None, "true", None]


def test_that_there_was_nothing_to_do_is_replayed_too(reviewer: Client, editor: Client) -> None:
    first = reviewer.post(NEXT, {}, Idempotency_Key="k")
    editor.claim(editor.article())
    again = reviewer.post(NEXT, {}, Idempotency_Key="k")
    assert (first.status_code, again.status_code, again.data, again.content_type) == (204, 204, b"", None)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_that_nothing_had_to_be_made_is_replayed_too(editor: Client) -> None:
    article = editor.article()
    tag = editor.tag(article)
    first, again = (
        editor.post(f"{article}/revisions", {"text": TEXT}, If_Match=tag, Idempotency_Key="k") for _ in range(2)
    )
    assert (first.status_code, again.status_code, again.data) == (200, 200, first.data)
    assert "Location" not in first.headers
    assert (again.headers["ETag"], again.headers["Idempotent-Replayed"]) == (first.headers["ETag"], "true")


def test_a_key_belongs_to_its_request(editor: Client, owner: Client) -> None:
    editor.post(BOX, {"text": "x"}, Idempotency_Key="k")
    assert editor.post(f"{editor.article()}/claims", {"spans": []}, Idempotency_Key="k").status_code == 422
    reused = editor.post(BOX, {"text": "y"}, Idempotency_Key="k")
    assert (reused.status_code, code(reused)) == (422, "idempotency_key_reused")
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
    assert response.json["detail"] == "Expected an Idempotency-Key of 1 to 255 printable ASCII characters."


def test_a_key_may_be_as_long_as_the_limit(editor: Client) -> None:
    assert editor.post(BOX, {"text": "x"}, Idempotency_Key="x" * 255).status_code == 201


def test_an_answer_with_a_secret_is_not_kept_so_it_takes_no_key(editor: Client) -> None:
    refused = editor.post("/v1/tokens", {}, Idempotency_Key="k")
    assert (refused.status_code, code(refused)) == (400, "malformed")
    assert refused.json["detail"] == "This answer holds a secret and is not kept: send no Idempotency-Key."
    assert len(editor.all("/v1/tokens")) == 1


def test_the_first_answer_is_replayed_though_its_quote_stands_nowhere_any_more(editor: Client) -> None:
    article = editor.article()
    draft = {"spans": [{"exact": "counts 2,950"}]}
    first = editor.post(f"{article}/claims", draft, Idempotency_Key="mark-1")
    editor.revise(article, "Nothing of it is left.")
    again = editor.post(f"{article}/claims", draft, Idempotency_Key="mark-1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotent-Replayed"] == "true"
