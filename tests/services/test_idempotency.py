"""A key is held by the first request that comes with it, and gives that one's answer for a day."""

from datetime import timedelta
from hashlib import sha256

import pytest
import sqlalchemy as sa

from api.db import Database
from api.errors import Conflict, KeyReused
from api.models import idempotency_keys as keys
from api.models.columns import now
from api.services.idempotency import FirstAnswer, first_answer, given, keep

SAME, OTHER = sha256(b"one request").hexdigest(), sha256(b"another").hexdigest()
ANSWER = FirstAnswer(201, {"ETag": '"1"', "Location": "/v1/articles/a"}, b'{"id":"a"}')


def ask(database: Database, user: str = "edith", key: str = "k", fingerprint: str = SAME) -> FirstAnswer | None:
    return database.write(lambda tx: first_answer(tx, user, key, fingerprint))


def answered(database: Database, user: str = "edith", key: str = "k") -> None:
    """What is left of a request that came with the key and got the answer."""

    def work(tx: sa.Connection) -> None:
        assert first_answer(tx, user, key, SAME) is None
        keep(tx, user, key, ANSWER)

    database.write(work)


def let_pass(database: Database, time: timedelta) -> None:
    database.write(lambda tx: tx.execute(sa.update(keys).values(created_at=now() - time)))


def test_who_asks_again_gets_the_first_answer(database: Database) -> None:
    answered(database)
    assert ask(database) == ANSWER
    with database.snapshot() as tx:
        assert given(tx, "edith", "k", SAME) == ANSWER


def test_a_key_is_its_users_own(database: Database) -> None:
    answered(database)
    answered(database, user="olga")
    answered(database, key="another")


def test_a_key_that_came_with_another_request_is_refused(database: Database) -> None:
    answered(database)
    with pytest.raises(KeyReused) as refused:
        ask(database, fingerprint=OTHER)
    assert refused.value.detail == ("This Idempotency-Key came with another address or body before; use a new one.")


def test_a_request_that_has_no_answer_yet_is_not_begun_a_second_time(database: Database) -> None:
    assert ask(database) is None
    with pytest.raises(Conflict) as refused:
        ask(database)
    assert refused.value.detail == "The first request with this Idempotency-Key is still being answered."


def test_an_answer_is_kept_for_a_day_and_not_longer(database: Database) -> None:
    answered(database)
    let_pass(database, timedelta(hours=23))
    assert ask(database) == ANSWER
    let_pass(database, timedelta(hours=25))
    with database.snapshot() as tx:
        assert given(tx, "edith", "k", SAME) is None
    assert ask(database) is None


def test_whoever_comes_with_a_key_clears_away_those_that_are_a_day_old(database: Database) -> None:
    answered(database, key="old")
    let_pass(database, timedelta(hours=25))
    answered(database, key="new")
    answered(database, key="newer")
    with database.snapshot() as tx:
        assert set(tx.scalars(sa.select(keys.c.key))) == {"new", "newer"}
