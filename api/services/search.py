"""Words looked for in texts, in either case."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func

from api.services.answers import Answer


def contains(text: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Whether the text contains what the query has as `q`."""
    return func.lower(text).like(bindparam("q"), escape="/")


def as_patterns(query: Answer) -> Answer:
    """The query with `q` as the LIKE pattern that `contains` takes."""
    if "q" not in query:
        return query
    escaped = query["q"].lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return {**query, "q": f"%{escaped}%"}
