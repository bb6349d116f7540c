"""Rows put into a table: compiled once for each table and engine."""

from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from api.db import run_each
from api.services.prepared import Prepared

INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert(tx: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Puts the rows in; a column left out gets its default or null."""
    if rows:
        statement = _insertion(table, tx.dialect, unless_taken=False)
        run_each(tx, statement.sql, [statement.bound(row) for row in rows])


def insert_unless_taken(tx: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> int:
    """How many of the rows went in: those for which there was none with the same key."""
    statement = _insertion(table, tx.dialect, unless_taken=True)
    return run_each(tx, statement.sql, [statement.bound(row) for row in rows]) if rows else 0


@cache
def defaults(table: sa.Table) -> dict[str, Any]:
    """What each column holds if it is left out."""
    return {column.name: getattr(column.default, "arg", None) for column in table.c}


@lru_cache(maxsize=256)
def _insertion(table: sa.Table, dialect: sa.Dialect, unless_taken: bool) -> Prepared:
    values: dict[str, Any] = {name: bindparam(name, default) for name, default in defaults(table).items()}
    statement = INSERTS[dialect.name](table).values(values)
    return Prepared(statement.on_conflict_do_nothing() if unless_taken else statement, dialect)
