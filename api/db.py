"""One engine, two kinds of transaction: reading from a snapshot, and writing.

SQLite: WAL, every commit on the disk before it is acknowledged; writers queue on a lock of the
process, then on a file, and only then `BEGIN IMMEDIATE`. PostgreSQL: snapshots are `REPEATABLE
READ, READ ONLY`; writes are `READ COMMITTED` and start over when the engine asks for it.
"""

import logging
import random
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import sqlalchemy as sa
from psycopg.types.string import TextLoader

from api.errors import Conflict, Unavailable
from api.settings import Settings

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows
try:
    import pysqlite3 as sqlite
except ImportError:
    import sqlite3 as sqlite

T = TypeVar("T")
log = logging.getLogger(__name__)

WRITES = "claimspan_writes"
SERIALIZATION_FAILURE, DEADLOCK = "40001", "40P01"
ATTEMPTS = 8
CACHE_KIB = 8_192
"""What each SQLite connection of each process may keep of the database. More is in the system's cache, once for all:
queries of 100,000 claims take as long with 2 MiB as with 64, all of which an import would fill."""
GATE_PAUSE = 0.0001
"""Seconds between looks at the gate: as fast as waiting in the kernel, which knows no time limit."""


class Database:
    """The way to the rows. Safe to share between threads, not between processes."""

    def __init__(self, settings: Settings):
        self.engine = self._snapshots = self._writes = connect(settings)
        self.sqlite = self.engine.dialect.name == "sqlite"
        self._gate = _gate(self.engine.url) if self.sqlite else None
        if self.sqlite:
            self._writes = self.engine.execution_options(**{WRITES: True})
        else:
            self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._turn = threading.Lock()
        self._patience = settings.busy_timeout_ms / 1000

    def snapshot(self) -> sa.Connection:
        """A connection that sees one moment of the database until it is closed, and can't write.

        Raises:
            Unavailable: the database does not answer.
        """
        tx = _within_reach(self._snapshots.connect)
        try:
            tx.begin()
        except BaseException:
            tx.close()
            raise
        return tx

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` gives, committed. This is the only commit there is.

        `work` may run more than once (serialization failure, deadlock), each time from nothing.

        Raises:
            Conflict: rows that `work` built upon vanished, or others got in the way every time.
            Unavailable: the database does not answer, is locked for too long, or is read-only.
        """
        for attempt in range(ATTEMPTS):
            try:
                with self._writer() as tx:
                    return work(tx)
            except _StartOver:
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (jitter)
        raise Conflict("Others keep changing the same things; try again shortly.")

    def take_stock(self) -> None:
        """Has PostgreSQL learn how large its tables have grown. It would do so by itself a minute later, and until then
        looks for rows the slow way; SQLite decides without."""
        if not self.sqlite:
            self.write(lambda tx: tx.exec_driver_sql("ANALYZE"))

    def close(self) -> None:
        """Gives back connections and files, for good."""
        self.engine.dispose()
        if self._gate:
            self._gate.close()

    @contextmanager
    def _writer(self) -> Iterator[sa.Connection]:
        if not self.sqlite:
            with _within_reach(self._writes.connect) as tx, tx.begin():
                yield tx
        else:
            with _within_reach(self._writes.connect) as tx, _alone(self._turn, self._gate, self._patience), tx.begin():
                yield tx


def _gate(url: sa.URL) -> IO[bytes] | None:
    """The file that writers of all processes queue at, beside the database."""
    return open(f"{url.database}-turn", "ab") if url.database and fcntl else None


@contextmanager
def _alone(turn: threading.Lock, gate: IO[bytes] | None, seconds: float) -> Iterator[None]:
    """Waits for this thread's turn, then for this process's. `BEGIN IMMEDIATE` alone would do, but sleeps
    longer and longer between its tries.

    Raises:
        Unavailable: it is not its turn within that time.
    """
    deadline = time.monotonic() + seconds
    if not turn.acquire(timeout=seconds):
        raise Unavailable("Too many are writing; try again shortly.")
    try:
        while gate and not _passed(gate):
            if time.monotonic() > deadline:
                raise Unavailable("Another process is writing for too long; try again shortly.")
            time.sleep(GATE_PAUSE)
        try:
            yield
        finally:
            if gate:
                fcntl.flock(gate, fcntl.LOCK_UN)
    finally:
        turn.release()


def _passed(gate: IO[bytes]) -> bool:
    try:
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _within_reach(connect: Callable[[], sa.Connection]) -> sa.Connection:
    try:
        return connect()
    except sa.exc.TimeoutError as error:
        raise Unavailable("All connections to the database are busy; try again shortly.") from error


def run(tx: sa.Connection, sql: str, values: Any) -> Any:
    """The cursor of a statement in the driver's own words: the short way past SQLAlchemy's execution."""
    return _run(tx, "execute", sql, values)


def run_each(tx: sa.Connection, sql: str, values: list[Any]) -> int:
    """Runs the statement once for each of the values; gives how many rows that touched in all."""
    ran = run(tx, sql, values[0]) if len(values) == 1 else _run(tx, "executemany", sql, values)
    touched: int = ran.rowcount
    return touched


@contextmanager
def whole_or_not(tx: sa.Connection) -> Iterator[None]:
    """Takes back what was written inside if something goes wrong there. Such blocks do not nest."""
    run(tx, "SAVEPOINT part", ())
    try:
        yield
    except BaseException:
        run(tx, "ROLLBACK TO SAVEPOINT part", ())
        run(tx, "RELEASE SAVEPOINT part", ())
        raise
    run(tx, "RELEASE SAVEPOINT part", ())


def _run(tx: sa.Connection, method: str, sql: str, values: Any) -> Any:
    cursor = tx.connection.cursor()
    try:
        getattr(cursor, method)(sql, values)
    except tx.dialect.loaded_dbapi.Error as error:
        raise _meaning(error) or error from error
    return cursor


class _StartOver(Exception):
    """The engine wants the whole transaction again."""


def _meaning(error: BaseException) -> Exception | None:
    """Our word for what a driver's exception says; None if the fault is ours. Their names are from PEP 249."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if getattr(error, "sqlstate", None) in (SERIALIZATION_FAILURE, DEADLOCK):
        return _StartOver()
    if "IntegrityError" in kinds:
        return Conflict("Another change got in between; read again, then repeat.")
    if "OperationalError" in kinds:
        log.error("the database refused: %s", error)
        return Unavailable("The database can't do that now; nothing was changed.")
    return None


def _translate(context: sa.engine.ExceptionContext) -> None:
    if meaning := _meaning(context.original_exception):
        raise meaning from context.original_exception


def connect(settings: Settings) -> sa.Engine:
    """An engine for the database that the settings name, with the manners this service needs."""
    url = sa.make_url(settings.database_url)
    engine = _postgresql(url, settings) if url.get_backend_name() == "postgresql" else _sqlite(url, settings)
    sa.event.listen(engine, "handle_error", _translate)
    return engine


def _postgresql(url: sa.URL, settings: Settings) -> sa.Engine:
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_use_lifo=True,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC"},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Ids go over the wire as text and stay that; to make objects of them takes a tenth of an export.
        connection.adapters.register_loader("uuid", TextLoader)

    return engine


def _sqlite(url: sa.URL, settings: Settings) -> sa.Engine:
    if sqlite.sqlite_version_info < (3, 51, 3):
        warnings.warn(
            f"SQLite {sqlite.sqlite_version} can lose commits when it resets its log (mended in 3.51.3).",
            RuntimeWarning,
            stacklevel=2,
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # Last in, first out: a write empties the caches of all connections but its own, so the next does best on the same.
    engine = sa.create_engine(
        url,
        module=sqlite,
        pool_size=settings.pool_size,
        pool_use_lifo=True,
        connect_args={"check_same_thread": False},
    )

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {settings.busy_timeout_ms}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.create_function("lower", 1, _lower, deterministic=True)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES)
        run(connection, "BEGIN IMMEDIATE" if writes else "BEGIN", ())

    return engine


def _lower(text: str | None) -> str | None:
    """SQLite's own `lower` knows ASCII only."""
    return None if text is None else text.lower()
