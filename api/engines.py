"""Engines with the manners this service needs: SQLite, and PostgreSQL.

SQLite: WAL, every commit on the disk before it is acknowledged, `BEGIN IMMEDIATE` for writes. PostgreSQL: the same
durability whatever the server's default is, and a limit on every wait.
"""

import os
import warnings
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.types.string import TextLoader

from api.errors import Unavailable
from api.outages import meaning
from api.settings import Settings

try:
    import pysqlite3 as sqlite
except ImportError:
    import sqlite3 as sqlite

WRITES = "claimspan_writes"
CACHE_KIB = 8_192
"""What each SQLite connection of each process may keep of the database. More is in the system's cache, once for all:
queries of 100,000 claims take as long with 2 MiB as with 64, all of which an import would fill."""
LOG_BYTES = 32 * 1024**2
"""What SQLite's log keeps on the disk once nobody needs more: it grows by all that is written while a backup is made,
or an export is read slowly."""
EVER = 2**31 - 1
"""The most milliseconds that SQLite can be told to wait."""
KEEPALIVES = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
"""A host that is gone without a word is noticed within half a minute."""
DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"


def connect(settings: Settings, url: str | None = None, migrates: bool = False) -> sa.Engine:
    """An engine for the database that the settings name, or for the one at `url`.

    If it `migrates`, its statements may take and wait as long as they need, and a file that is not there is made.
    """
    place = sa.make_url(url or settings.database_url)
    if place.get_backend_name() == "postgresql":
        engine = _postgresql(place, settings, {} if migrates else _limits(settings))
    else:
        engine = _sqlite(place, settings, migrates)
    sa.event.listen(engine, "handle_error", _translate)
    return engine


def _translate(context: sa.engine.ExceptionContext) -> None:
    # A ping that fails only has the pool connect anew.
    if context.is_pre_ping:
        return
    error = context.original_exception
    gone = context.is_disconnect or (context.connection is None and not isinstance(error, sqlite.Error))
    if found := meaning(error, gone):
        raise found from error


def _postgresql(url: sa.URL, settings: Settings, limits: Mapping[str, int]) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_timeout_ms / 1000,
        max_overflow=0,
        pool_use_lifo=True,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args=arguments(url, settings, limits),
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Ids go over the wire as text and stay that; to make objects of them takes a tenth of an export.
        connection.adapters.register_loader("uuid", TextLoader)
        # What is acknowledged is on the disk.
        connection.autocommit = True
        connection.execute(DURABLE)
        connection.autocommit = False

    @sa.event.listens_for(engine, "checkin")
    def forget(connection: Any, _record: Any) -> None:
        # After a snapshot SQLAlchemy asks for READ WRITE, also where the operator has set the default to read-only.
        if connection is not None and not connection.closed:
            connection.read_only = None

    return engine


def _limits(settings: Settings) -> dict[str, int]:
    return {
        "statement_timeout": settings.statement_timeout_ms,
        "lock_timeout": settings.lock_timeout_ms,
        "idle_in_transaction_session_timeout": settings.idle_timeout_ms,
    }


def arguments(url: sa.URL, settings: Settings, variables: Mapping[str, int | str]) -> dict[str, Any]:
    """How psycopg is to connect, with these variables of the session. What the URL itself says goes before."""
    ours = {"connect_timeout": settings.connect_timeout_s, "application_name": settings.application_name, **KEEPALIVES}
    options = [f"-c {name}={value}" for name, value in {"timezone": "UTC", **variables}.items()]
    if "options" in url.query:
        options.append(str(url.query["options"]))
    return {**{name: value for name, value in ours.items() if name not in url.query}, "options": " ".join(options)}


def _sqlite(url: sa.URL, settings: Settings, migrates: bool) -> sa.Engine:
    if sqlite.sqlite_version_info < (3, 51, 3):
        warnings.warn(
            f"SQLite {sqlite.sqlite_version} can lose commits when it resets its log (mended in 3.51.3).",
            RuntimeWarning,
            stacklevel=2,
        )
    if url.database:
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Last in, first out: a write empties the caches of all connections but its own, so the next does best on the same.
    engine = sa.create_engine(
        url,
        module=sqlite,
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_timeout_ms / 1000,
        pool_use_lifo=True,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "do_connect")
    def look(*_: Any) -> None:
        _make_or_refuse(Path(str(url.database)), migrates)

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {EVER if migrates else settings.busy_timeout_ms}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.create_function("lower", 1, _lower, deterministic=True)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        try:
            connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        except sqlite.Error as error:
            raise meaning(error, gone=False) or error from error

    return engine


def _make_or_refuse(file: Path, migrates: bool) -> None:
    """Makes the file for its owner alone, as SQLite then makes those beside it; by itself it would let everybody on the
    machine read them.

    Raises:
        Unavailable: there is none, and who connects is not who makes it.
    """
    if migrates:
        with suppress(OSError):  # it is there, or SQLite says why it can't be
            os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    elif not file.exists():
        raise Unavailable(f"There is no database {file} yet. The start of the service makes one.")


def _lower(text: str | None) -> str | None:
    """SQLite's own `lower` knows ASCII only."""
    return None if text is None else text.lower()
