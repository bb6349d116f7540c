"""The ways a thing comes, changes and goes: right whoever else is writing, and told to the history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import repeat
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from api.errors import Conflict, NotFound, PreconditionFailed, Stale
from api.models.columns import among, now
from api.rules.history import differing
from api.services.answers import Found
from api.services.events import Told, record, recorded, told
from api.services.inserts import defaults, insert_unless_taken

Parts = Mapping[str, Any]
"""What belongs to a thing but stands in another table (a claim's spans), by its name in the history."""
NOTHING: Parts = MappingProxyType({})
NO_PARTS = (NOTHING, NOTHING)


def make(
    tx: sa.Connection, table: sa.Table, row: dict[str, Any], by: str, *, parts: Parts = NOTHING, private: bool = False
) -> bool:
    """Whether the thing was made; False if there is one with the same key already."""
    return make_each(tx, table, [row], by, parts=[parts], private=private)


def make_each(
    tx: sa.Connection,
    table: sa.Table,
    rows: list[dict[str, Any]],
    by: str,
    *,
    parts: Sequence[Parts] | None = None,
    private: bool = False,
) -> bool:
    """As `make`, for several things of one project, made at one moment; False if one of them was not."""
    if insert_unless_taken(tx, table, rows) < len(rows):
        return False
    changes: list[Told] = []
    for row, of_row in zip(rows, repeat(NOTHING) if parts is None else parts, strict=parts is not None):
        whole = defaults(table) | row
        changes += told(table, whole, "created", None, recorded(table, whole, of_row), private)
    if rows:
        record(tx, by, changes, rows[-1]["created_at"])
    return True


def change(
    tx: sa.Connection,
    table: sa.Table,
    row: Found,
    values: dict[str, Any],
    by: str,
    *,
    action: str = "changed",
    parts: tuple[Parts, Parts] = NO_PARTS,
    private: bool = False,
    afresh: bool = False,
) -> None:
    """Writes `values` over the row, if it still is the version that was read.

    `parts` are those that change with it, as they were and as they are. `afresh`: it is told whole,
    without what was there before.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    values = {**values, "version": row.version + 1}
    moment = now()
    statement = sa.update(table).where(*_as_read(table, row))
    if tx.execute(statement.values(_stamped(table, moment) | values)).rowcount != 1:
        raise _moved_on(tx, table, row)
    was, parts_were, parts_are = row._asdict(), *parts
    whole = recorded(table, was | values, parts_are)
    before, after = (None, whole) if afresh else differing(recorded(table, was, parts_were), whole)
    record(tx, by, told(table, was, action, before, after, private), moment)


def change_each(
    tx: sa.Connection,
    table: sa.Table,
    rows: Sequence[Found],
    values: dict[str, Any],
    by: str,
    *,
    action: str = "changed",
    parts: Mapping[str, tuple[Parts, Parts]] | None = None,
    private: bool = False,
) -> None:
    """Writes `values` over rows of one project that this transaction has locked; each is a new version then.

    `parts` as for `change`, by the rows' ids.

    Raises:
        Conflict: one of them has gone all the same.
    """
    if not rows:
        return
    mine = (table.c.project == rows[0].project, among(table.c.id, "ids"))
    moment = now()
    statement = sa.update(table).where(*mine).values(version=table.c.version + 1, **_stamped(table, moment), **values)
    if tx.execute(statement, {"ids": [row.id for row in rows]}).rowcount != len(rows):
        raise Conflict("Some of it has gone meanwhile; read again, then repeat.")
    changes = []
    for row in rows:
        was, (parts_were, parts_are) = row._asdict(), (parts or {}).get(row.id, NO_PARTS)
        whole = recorded(table, was | values | {"version": row.version + 1}, parts_are)
        changes += told(table, was, action, *differing(recorded(table, was, parts_were), whole), private)
    record(tx, by, changes, moment)


def remove(tx: sa.Connection, table: sa.Table, row: Found, by: str, *, private: bool = False) -> None:
    """Deletes the row and all below it, if it still is the version that was read.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    erase(tx, table, row)
    was = row._asdict()
    record(tx, by, told(table, was, "deleted", recorded(table, was), None, private), now())


def erase(tx: sa.Connection, table: sa.Table, row: Found) -> None:
    """As `remove`, leaving no trace in the history: for what its history goes with."""
    statement = sa.delete(table).where(*_as_read(table, row))
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
        raise changed_below(row)
    remove(tx, table, row, by)


def changed_below(row: Found) -> PreconditionFailed:
    detail = "It was not edited since you read it, but its review, or what belongs to it, has changed. Read it again."
    return PreconditionFailed(detail, version=row.version)


def lock(tx: sa.Connection, table: sa.Table, row: Found) -> None:
    """Keeps everybody else from changing the row, or adding to what hangs on it, until the transaction ends."""
    tx.execute(sa.select(table.c.version).where(*_same(table, row)).with_for_update())


def hold(tx: sa.Connection, table: sa.Table, row: Found) -> None:
    """Locks the row as `lock` does, if it still is the version that was read.

    Raises:
        Stale: somebody changed it first.
        NotFound: somebody removed it first.
    """
    if tx.execute(sa.select(table.c.version).where(*_as_read(table, row)).with_for_update()).scalar() is None:
        raise _moved_on(tx, table, row)


def _stamped(table: sa.Table, moment: datetime) -> dict[str, Any]:
    return {name: moment for name in ("updated_at", "edited_at") if name in table.c}


def _same(table: sa.Table, row: Found) -> list[sa.ColumnElement[bool]]:
    return [column == getattr(row, column.name) for column in table.primary_key]


def _as_read(table: sa.Table, row: Found) -> list[sa.ColumnElement[bool]]:
    """The version that was read; of the same thing, and not of one that was made anew in its place since."""
    return [*_same(table, row), table.c.version == row.version, table.c.created_at == row.created_at]


def _moved_on(tx: sa.Connection, table: sa.Table, row: Found) -> Stale | NotFound:
    current = tx.execute(sa.select(table.c.version).where(*_same(table, row))).scalar()
    return NotFound() if current is None else Stale(current)
