"""Rows as answers: a select whose labels are the fields of the contract, dots for nesting.

A shape is written once, as a select, and wrapped in a `Reading`. That compiles it once for
each engine and afterwards only binds and fetches; what it finds becomes either rows for the
verbs to work with or answers that go over the wire as they are. Lists inside an answer (a
claim's spans) come from a second reading, dealt out by `grouped`.
"""

from collections import namedtuple
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from api.db import run
from api.errors import NotFound
from api.services.prepared import Converter, Prepared, converters, display, function_of

Answer = dict[str, Any]
Found = Any
"""A row as a finder gives it, a named tuple: the thing's own columns, and the caller's `caller_role`."""


class NotMade(Answer):
    """The answer to a request to make something, for which nothing was made: it is there already."""


class Reading:
    """A select, ready to be run on either engine with values for its parameters."""

    def __init__(self, statement: sa.Select[Any]):
        self.statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, tx: sa.Connection, **values: Any) -> list[Found]:
        """What was found, as named tuples."""
        compiled = self._for(tx)
        return [compiled.as_row(values) for values in compiled.fetch(tx, values)]

    def tuples(self, tx: sa.Connection, **values: Any) -> list[tuple[Any, ...]]:
        """What was found as the driver gives it, in half the time: for very many rows of mere text and numbers."""
        return self._for(tx).fetch(tx, values)

    def row_or_none(self, tx: sa.Connection, **values: Any) -> Found | None:
        found = self.rows(tx, **values)
        return found[0] if found else None

    def row(self, tx: sa.Connection, **values: Any) -> Found:
        """Raises: NotFound: nothing was found."""
        found = self.rows(tx, **values)
        if not found:
            raise NotFound
        return found[0]

    def values(self, tx: sa.Connection, **values: Any) -> list[Any]:
        """The first column of what was found."""
        return [row[0] for row in self.rows(tx, **values)]

    def value(self, tx: sa.Connection, **values: Any) -> Any:
        """The first column of the first row; None if there is none."""
        return next(iter(self.values(tx, **values)), None)

    def answers(self, tx: sa.Connection, **values: Any) -> list[Answer]:
        """What was found, as nested dicts; an inner object whose first field is null is null itself."""
        compiled = self._for(tx)
        return [compiled.as_answer(values) for values in compiled.fetch(tx, values)]

    def answer(self, tx: sa.Connection, **values: Any) -> Answer:
        """Raises: NotFound: nothing was found."""
        found = self.answers(tx, **values)
        if not found:
            raise NotFound
        return found[0]

    def grouped(self, tx: sa.Connection, by: str, **values: Any) -> dict[str, list[Answer]]:
        """The answers by one of their fields; the statement must sort by it first."""
        return {key: list(members) for key, members in groupby(self.answers(tx, **values), key=itemgetter(by))}

    def _for(self, tx: sa.Connection) -> "_Compiled":
        name = tx.dialect.name
        if name not in self._compiled:
            self._compiled[name] = _Compiled(self.statement, tx.dialect)
        return self._compiled[name]


class _Compiled(Prepared):
    """A select as one engine's driver takes it, and what makes rows and answers of what comes back."""

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect):
        super().__init__(statement, dialect)
        columns = list(statement.selected_columns)
        labels = [str(column.key) for column in columns]
        getters = converters({f"get{at}": _getter(column.type, dialect) for at, column in enumerate(columns)})
        names: dict[str, Any] = {**getters, "Row": namedtuple("Row", labels, rename=True)}
        values = [f"get{at}(row[{at}])" if f"get{at}" in getters else f"row[{at}]" for at in range(len(columns))]
        self.as_row = function_of("row", f"Row({', '.join(values)})", names)
        self.as_answer = function_of("row", _literal(labels, values), names)

    def fetch(self, tx: sa.Connection, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = run(tx, self.sql, self.bound(values)).fetchall()
        return rows


def _getter(type_: sa.types.TypeEngine[Any], dialect: sa.Dialect) -> Converter | None:
    """What turns the driver's value into ours; the drivers give text, numbers and null right already."""
    if not isinstance(type_, (sa.types.TypeDecorator, sa.Boolean)):
        return None
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _literal(labels: list[str], values: list[str]) -> str:
    """The source of a dict display, `claimant.name` inside the one of `claimant`.

    >>> _literal(["id", "by.name", "by.kind"], ["row[0]", "row[1]", "row[2]"])
    "{'id': row[0], 'by': None if row[1] is None else {'name': row[1], 'kind': row[2]}}"
    """
    fields: dict[str, list[tuple[str, str]]] = {}
    for label, value in zip(labels, values, strict=True):
        name, _, inner = label.partition(".")
        fields.setdefault(name, []).append((inner, value))
    return display({name: _inner(parts) for name, parts in fields.items()})


def _inner(parts: list[tuple[str, str]]) -> str:
    field, value = parts[0]
    return f"None if {value} is None else {display(dict(parts))}" if field else value


COUNTED = ("review_version", "claim_count", "evidence_count", "assessment_count", "relation_count")


def tag(thing: Mapping[str, Any]) -> str:
    """What tells one state of a thing from any other: when it was made, its version, what it counts.

    When it was made, because what is deleted and made anew in the same place begins at version 1
    again. Counts, because they change without the thing itself being changed.
    """
    counts = (str(thing[name]) for name in COUNTED if name in thing)
    return ".".join((version_tag(thing), *counts))


def review_tag(thing: Mapping[str, Any]) -> str:
    """The part of a claim's tag that changes with the claim itself, and with where it stands."""
    return f"{version_tag(thing)}.{thing['review_version']}"


def version_tag(thing: Mapping[str, Any]) -> str:
    """The part of the tag that only a change of the thing itself changes."""
    return f"{int(thing['created_at'].timestamp() * 1_000_000):x}.{thing['version']}"
