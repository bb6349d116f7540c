"""Statements compiled once for each engine, then only bound and run.

SQLAlchemy builds them, knows the engines' dialects and the types; its execution, which costs
four times as much as these short statements themselves, is left out. Why, and what was
measured: `docs/decisions/0003-prepared-statements.md`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

Converter = Callable[[Any], Any]


class Prepared:
    """A statement as one engine's driver takes it: its SQL, and how to send values."""

    def __init__(self, statement: sa.Executable, dialect: sa.Dialect):
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        self.sql = str(compiled)
        self._positions = compiled.positiontup if compiled.positional else None
        self._defaults = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self._senders = converters(
            {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        )

    def bound(self, values: Mapping[str, Any]) -> Any:
        """What the driver takes as parameters."""
        given = {**self._defaults, **values}
        for name, convert in self._senders.items():
            given[name] = convert(given[name])
        return given if self._positions is None else [given[name] for name in self._positions]


def converters(by_place: Mapping[str, Converter | None]) -> dict[str, Converter]:
    """The places that need converting, each with its converter."""
    return {place: convert for place, convert in by_place.items() if convert is not None}
