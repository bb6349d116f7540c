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
        self._defaults = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        binds = list(compiled.binds.items())
        senders = converters(
            {f"send{at}": bind.type.dialect_impl(dialect).bind_processor(dialect) for at, (_, bind) in enumerate(binds)}
        )
        sent = {
            name: f"send{at}(given[{name!r}])" if f"send{at}" in senders else f"given[{name!r}]"
            for at, (name, _) in enumerate(binds)
        }
        if compiled.positional:
            source = "[" + ", ".join(sent[name] for name in compiled.positiontup) + "]"
        else:
            source = display(sent)
        self._bind = function_of("given", source, senders)

    def bound(self, values: Mapping[str, Any]) -> Any:
        """What the driver takes as parameters."""
        return self._bind({**self._defaults, **values})


def function_of(argument: str, source: str, names: dict[str, Any]) -> Callable[[Any], Any]:
    """A function compiled once as namedtuple does it: a third of the time of a loop over fields.

    The source is made of labels and places in our own statements, nothing from outside.
    """
    function: Callable[[Any], Any] = eval(f"lambda {argument}: {source}", names)  # noqa: S307
    return function


def display(fields: Mapping[str, str]) -> str:
    """The source of a dict, given the source of each of its values.

    >>> display({"id": "row[0]", "name": "row[1]"})
    "{'id': row[0], 'name': row[1]}"
    """
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in fields.items()) + "}"


def converters(by_place: Mapping[str, Converter | None]) -> dict[str, Converter]:
    """The places that need converting, each with its converter."""
    return {place: convert for place, convert in by_place.items() if convert is not None}
