"""Idempotency-Key: the same request sent again gets the first answer, not a second effect.

The key is taken and the answer kept in the transaction of the effect itself. So a crash
leaves neither or both, and of two equal requests at once the second waits, then replays.
"""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Conflict, KeyReused
from api.models import idempotency_keys as keys
from api.models.columns import now
from api.services.answers import Reading
from api.services.inserts import insert_unless_taken

KEPT = timedelta(hours=24)
SWEPT = 50
"""Most of those that are too old which one request clears away: a day's may be a million."""
_mine = (keys.c.user == bindparam("of"), keys.c.key == bindparam("name"))
_too_old = keys.c.created_at < bindparam("before", type_=keys.c.created_at.type)
FORGET = sa.delete(keys).where(*_mine, _too_old)
_some = select(keys.c.user, keys.c.key).where(_too_old).order_by(keys.c.created_at).limit(SWEPT)
SWEEP = sa.delete(keys).where(sa.tuple_(keys.c.user, keys.c.key).in_(_some.with_for_update(skip_locked=True)))
FIND = Reading(select(keys).where(*_mine))
KEEP = (
    sa.update(keys)
    .where(*_mine)
    .values(status=bindparam("code"), headers=bindparam("lines"), body=bindparam("content"))
)


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    status: int
    headers: dict[str, str]
    body: bytes


def given(tx: sa.Connection, user: str, key: str, fingerprint: str) -> FirstAnswer | None:
    """The answer that the key's first request got; None if there was none in the last 24 hours.

    `fingerprint` stands for the whole request (SHA-256 in hex).

    Raises:
        KeyReused: the key came with another request.
    """
    row = FIND.row_or_none(tx, of=user, name=key)
    if row is None or row.status is None or row.created_at < now() - KEPT:
        return None
    if row.fingerprint != fingerprint:
        raise KeyReused("This Idempotency-Key came with another address or body before; use a new one.")
    return FirstAnswer(row.status, row.headers, row.body)


def first_answer(tx: sa.Connection, user: str, key: str, fingerprint: str) -> FirstAnswer | None:
    """As `given`; if this is the first request with the key, it then holds it.

    Raises:
        KeyReused: the key came with another request.
        Conflict: the first request is still being answered.
    """
    tx.execute(FORGET, {"of": user, "name": key, "before": now() - KEPT})
    if insert_unless_taken(tx, keys, [{"user": user, "key": key, "fingerprint": fingerprint, "created_at": now()}]):
        return None
    answer = given(tx, user, key, fingerprint)
    if answer is None:
        raise Conflict("The first request with this Idempotency-Key is still being answered.")
    return answer


def keep(tx: sa.Connection, user: str, key: str, answer: FirstAnswer) -> None:
    """Keeps the answer, and clears away some that are too old, except where others are at it."""
    kept = {"of": user, "name": key, "code": answer.status, "lines": answer.headers, "content": answer.body}
    tx.execute(KEEP, kept)
    tx.execute(SWEEP, {"before": now() - KEPT})
