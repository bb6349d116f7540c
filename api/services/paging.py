"""Lists: filtered, sorted, and paged by key, so that no row is lost or doubled under ties."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam

from api.errors import Fault, Invalid
from api.models.columns import Id, Moment
from api.services.answers import Answer, Reading
from api.text.times import moment

Keys = Mapping[str, sa.ColumnElement[Any]]
"""What a list is sorted by, under the names that the items give it; together they tell any two rows apart."""
Filters = Mapping[str, sa.ColumnElement[Any]]
"""By query parameter: a condition that binds its value under its name, or, for a parameter that
may be given several times, the column that must hold one of its values."""


KEPT = 128
"""Ways of asking for which a list keeps the statement, some 40 kB each: filters can be combined in millions of ways."""
Asked = tuple[tuple[str, int | None], ...]
"""The filters in use, each with the number of its values, or None if it takes just one."""


class Listing:
    """A select as a list. Its statement is built once for each of the ways of asking last used, then only bound.

    `-` in front of an order's name turns it round. `default` is the order of a query that names none.
    """

    def __init__(
        self,
        statement: sa.Select[Any],
        orders: Mapping[str, Keys],
        filters: Filters | None = None,
        default: str | None = None,
    ):
        self._statement = statement
        self._default = default or next(iter(orders))
        self._orders = orders
        self._filters = filters or {}
        self._asking = lru_cache(KEPT)(self._built)

    def page(self, tx: sa.Connection, query: Answer, **bound: Any) -> Answer:
        """`{items, next}`: the page that `query` asks for, and the cursor of the one behind it, or None.

        `bound` are the values of the statement's own parameters.

        Raises:
            Invalid: the cursor is not one that this list gave for this order.
        """
        sort, cursor, limit = query.get("sort", self._default), query["cursor"], query["limit"]
        keys = self._orders[sort.removeprefix("-")]
        asked, values = in_use(self._filters, query)
        last = _decoded(cursor, sort, keys) if cursor else {}
        reading = self._asking(sort, asked, bool(cursor))
        items = reading.answers(tx, most=limit + 1, **bound, **values, **last)
        more = len(items) > limit
        items = items[:limit]
        return {"items": items, "next": _encoded(sort, [items[-1][name] for name in keys]) if more else None}

    def _built(self, sort: str, filters: Asked, further: bool) -> Reading:
        keys = self._orders[sort.removeprefix("-")]
        backwards = sort.startswith("-")
        statement = self._statement.where(*conditions(self._filters, filters))
        if further:
            here = sa.tuple_(*keys.values())
            last = sa.tuple_(*(bindparam(f"last_{name}", type_=key.type) for name, key in keys.items()))
            statement = statement.where(here < last if backwards else here > last)
        order = (key.desc() if backwards else key.asc() for key in keys.values())
        return Reading(statement.order_by(*order).limit(bindparam("most", type_=sa.Integer)))


def in_use(filters: Filters, query: Answer) -> tuple[Asked, dict[str, Any]]:
    """Which of the filters the query uses, and the values that their conditions bind."""
    given = {name: query[name] for name in filters if name in query}
    asked = tuple((name, len(value) if isinstance(value, list) else None) for name, value in given.items())
    return asked, _numbered(given)


def conditions(filters: Filters, asked: Asked) -> list[sa.ColumnElement[Any]]:
    """What the filters in use say in SQL."""
    return [
        filters[name] if count is None else filters[name].in_([bindparam(f"any_{name}_{n}") for n in range(count)])
        for name, count in asked
    ]


def _numbered(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values by the parameters that take them: `status` with two values becomes `any_status_0` and `_1`.

    (SQLAlchemy itself calls a nameless parameter `status_1`.)
    """
    several = {
        f"any_{name}_{n}": each
        for name, value in given.items()
        if isinstance(value, list)
        for n, each in enumerate(value)
    }
    return {name: value for name, value in given.items() if not isinstance(value, list)} | several


def _encoded(sort: str, values: list[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps([sort, *values])).decode().rstrip("=")


def _decoded(cursor: str, sort: str, keys: Keys) -> dict[str, Any]:
    try:
        of, *values = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if of != sort:
            raise ValueError
        return {f"last_{name}": _typed(value, keys[name].type) for name, value in zip(keys, values, strict=True)}
    except (ValueError, TypeError, AttributeError):
        detail = f"Expected a cursor that this list gave for sort={sort}, found {cursor[:80]!r}."
        raise Invalid(Fault("/cursor", "cursor", detail)) from None


def _typed(value: Any, type_: sa.types.TypeEngine[Any]) -> Any:
    if isinstance(type_, Moment):
        return moment(value)
    if isinstance(type_, Id):
        return str(UUID(value))
    if isinstance(type_, sa.Integer):
        if type(value) is not int or not 0 <= value < 2**31:
            raise ValueError
        return value
    if not (value is None or isinstance(value, str)) or "\0" in (value or ""):
        raise ValueError
    return value
