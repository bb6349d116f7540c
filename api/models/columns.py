"""Column types that mean the same on both engines, and the columns that many tables share."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from uuid_utils import uuid7

from api.text.times import precise

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Id(sa.types.TypeDecorator[str]):
    """UUIDv7 in its canonical text form; PostgreSQL stores it as uuid."""

    impl = sa.CHAR(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=False))
        return dialect.type_descriptor(sa.CHAR(36))

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return None  # connections to PostgreSQL give text too


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite stores RFC 3339 text of fixed width, which sorts as time does."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.CHAR(32))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return _moment_text if dialect.name == "sqlite" else None

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _moment if dialect.name == "sqlite" else None


class When(sa.types.TypeDecorator[str]):
    """A date (`2016-12-08`) or a moment in UTC (`2016-12-08T18:00:00Z`), as precise as it was given.

    Stored without the Z, and unknown as the empty string: so text order is time order,
    a date sorts before the moments of its day, and the unknown come first on both engines.
    """

    impl = sa.String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.String(32, collation="C" if dialect.name == "postgresql" else None))

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return _day_or_moment_text

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _day_or_moment


class Json(sa.types.TypeDecorator[Any]):
    """Any JSON value, as text on both engines: what is read is what was written, in its order."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return _json_text

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _json


def _array(words: Sequence[str]) -> str:
    """As PostgreSQL writes an array; the driver's own way costs ten times as much."""
    escaped = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in escaped) + "}"


# These run for every value that is written or read: plain functions, as TypeDecorator's own way costs three calls.
def _moment_text(value: datetime | None) -> str | None:
    return None if value is None else precise(value)


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _day_or_moment_text(value: str | None) -> str:
    return (value or "").removesuffix("Z")


def _day_or_moment(value: str | None) -> str | None:
    return (value + "Z" if "T" in value else value) if value else None


def _json_text(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _json(value: str | None) -> Any:
    return None if value is None else orjson.loads(value)


class Words(sa.types.TypeDecorator[list[str]]):
    """Ids or words as one parameter, however many: so the statement stays the same."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Sequence[str] | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else _array(value)


class among(sa.sql.functions.FunctionElement[Any]):
    """Whether a column holds one of the words in a parameter."""

    # Were it Boolean, SQLAlchemy would append `= 1` on SQLite, which keeps it from using an index.
    type = sa.types.NullType()
    inherit_cache = False

    def __init__(self, column: sa.ColumnElement[Any], parameter: str):
        super().__init__(column, sa.bindparam(parameter, type_=Words))
        self.array = "uuid[]" if isinstance(column.type, Id) else "text[]"


@compiles(among, "sqlite")
def _among_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    column, words = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({words}))"  # noqa: S608 (compiled clauses)


@compiles(among, "postgresql")
def _among_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    column, words = (compiler.process(clause, **options) for clause in element.clauses)
    # The inner select has the array be made once, and not for each row that it is held against.
    return f"{column} = ANY(ARRAY(SELECT unnest(CAST({words} AS {element.array}))))"


class Day(sa.types.TypeDecorator[str]):
    """A day of the UTC calendar, as RFC 3339 writes it."""

    impl = sa.Date
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.CHAR(10) if dialect.name == "sqlite" else sa.Date())

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return None if dialect.name == "sqlite" else date.isoformat


class day_of(sa.sql.functions.FunctionElement[str]):
    """The day on which a `Moment` lies, in UTC."""

    type = Day()
    inherit_cache = True


@compiles(day_of, "sqlite")
def _day_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 10)"


@compiles(day_of, "postgresql")
def _day_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC' AS date)"


class has_element(sa.sql.functions.FunctionElement[Any]):
    """Whether a `Json` column that holds an array of strings has this one among them."""

    type = sa.types.NullType()
    inherit_cache = True


@compiles(has_element, "sqlite")
def _in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    array, member = (compiler.process(clause, **options) for clause in element.clauses)
    return f"EXISTS (SELECT 1 FROM json_each({array}) WHERE value = {member})"  # noqa: S608 (compiled clauses)


@compiles(has_element, "postgresql")
def _in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    array, member = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(CAST({array} AS jsonb) ? CAST({member} AS text))"


class sorted_by(sa.sql.functions.FunctionElement[Any]):
    """A column to sort by, and not to find rows by.

    SQLite, which does not know how large a project is, would rather walk all of it in the order of the column than
    find the few rows that are asked for and sort them.
    """

    inherit_cache = True


@compiles(sorted_by, "sqlite")
def _sorted_in_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


@compiles(sorted_by, "postgresql")
def _sorted_in_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


def new_id() -> str:
    return str(uuid7())


def now() -> datetime:
    return datetime.now(UTC)


def id_column() -> sa.Column[str]:
    return sa.Column("id", Id, primary_key=True, index=True)


def project_column() -> sa.Column[str]:
    return sa.Column("project", sa.ForeignKey("projects.slug", ondelete="CASCADE"), primary_key=True)


def user_column(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.ForeignKey("users.name", onupdate="CASCADE"), nullable=False)


def within_project(table: str, *columns: str, **options: Any) -> sa.ForeignKeyConstraint:
    """A reference to a row of the same project: (project, columns…) → (project, id)."""
    return sa.ForeignKeyConstraint(["project", *columns], [f"{table}.project", f"{table}.id"], **options)


def version_column() -> sa.Column[int]:
    return sa.Column("version", sa.Integer, nullable=False, default=1)


def created_column() -> sa.Column[datetime]:
    return sa.Column("created_at", Moment, nullable=False)


def updated_column() -> sa.Column[datetime]:
    return sa.Column("updated_at", Moment, nullable=False)
