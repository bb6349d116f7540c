"""The three ways a row comes, changes and goes that are right whoever else is writing."""

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from api.db import run, run_each
from api.errors import NotFound, PreconditionFailed, Stale
from api.models.columns import now
from api.services.answers import Found
from api.services.prepared import Prepared

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert(tx: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Puts the rows in; a column left out gets its default or null."""
    statement = _insertion(table, tx.dialect, unless_taken=False)
    run_each(tx, statement.sql, [statement.bound(row) for row in rows])


def insert_unless_taken(tx: sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Whether the row went in; False if one with the same key was there already."""
    statement = _insertion(table, tx.dialect, unless_taken=True)
    inserted: int = run(tx, statement.sql, statement.bound(row)).rowcount
    return inserted == 1


@lru_cache(maxsize=256)
def _insertion(table: sa.Table, dialect: sa.Dialect, unless_taken: bool) -> Prepared:
    defaults: dict[str, Any] = {column.name: getattr(column.default, "arg", None) for column in table.c}
    values: dict[str, Any] = {name: bindparam(name, default) for name, default in defaults.items()}
    statement = INSERTS[dialect.name](table).values(values)
    return Prepared(statement.on_conflict_do_nothing() if unless_taken else statement, dialect)


def make(tx: sa.Connection, table: sa.Table, row: dict[str, Any], by: str) -> bool:
    """Whether the thing was made; False if there is one with the same key already."""
    return insert_unless_taken(tx, table, row)


def change(tx: sa.Connection, table: sa.Table, row: Found, values: dict[str, Any], by: str) -> None:
    """Writes `values` over the row, if it still is the version that was read.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    if "updated_at" in table.c:
        values = {"updated_at": now(), **values}
    statement = sa.update(table).where(*_same(table, row), table.c.version == row.version)
    if tx.execute(statement.values(version=row.version + 1, **values)).rowcount != 1:
        raise _moved_on(tx, table, row)


def remove(tx: sa.Connection, table: sa.Table, row: Found, by: str) -> None:
    """Deletes the row and all below it, if it still is the version that was read.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    statement = sa.delete(table).where(*_same(table, row), table.c.version == row.version)
    if tx.execute(statement).rowcount != 1:
        raise _moved_on(tx, table, row)


def remove_as_seen(tx: sa.Connection, table: sa.Table, row: Found, counted: dict[str, int], by: str) -> None:
    """Deletes the row and all below it, if no more hangs on it than `row` shows.

    `counted` are the counts again, read by this transaction after it has locked the row.

    Raises:
        PreconditionFailed: something was added or removed below it.
        Stale, NotFound: as for `remove`.
    """
    if any(getattr(row, name) != count for name, count in counted.items()):
        raise PreconditionFailed("What hangs on it has changed since you read it; read it again.", version=row.version)
    remove(tx, table, row, by)


def lock(tx: sa.Connection, table: sa.Table, row: Found) -> None:
    """Keeps everybody else from changing the row, or adding to what hangs on it, until the transaction ends."""
    tx.execute(sa.select(table.c.version).where(*_same(table, row)).with_for_update())


def hold(tx: sa.Connection, table: sa.Table, row: Found) -> None:
    """Locks the row as `lock` does, if it still is the version that was read.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    locked = sa.select(table.c.version).where(*_same(table, row)).with_for_update()
    if tx.execute(locked).scalar() != row.version:
        raise _moved_on(tx, table, row)


def _same(table: sa.Table, row: Found) -> list[sa.ColumnElement[bool]]:
    return [column == getattr(row, column.name) for column in table.primary_key]


def _moved_on(tx: sa.Connection, table: sa.Table, row: Found) -> Stale | NotFound:
    current = tx.execute(sa.select(table.c.version).where(*_same(table, row))).scalar()
    return NotFound() if current is None else Stale(current)
