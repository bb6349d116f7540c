"""Two kinds of transaction: reading from a snapshot, and writing.

SQLite: writers queue on a lock of the process, then on a file, and only then `BEGIN IMMEDIATE`. PostgreSQL: snapshots
are `REPEATABLE READ, READ ONLY`; writes are `READ COMMITTED` and start over when the engine asks for it, or when the
connection is lost; but never once COMMIT was sent.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar

import sqlalchemy as sa

from api import in_use
from api.engines import WRITES, connect
from api.errors import Conflict, ConnectionLost, Interrupted, OutcomeUnknown, Unavailable
from api.logs import words
from api.outages import Outage, meaning
from api.replica import LATEST, WRITTEN, Replica, told_alone
from api.settings import Settings
from api.turns import Turns

T = TypeVar("T")
log = logging.getLogger(__name__)

ATTEMPTS = 8
LOSSES = 3
"""Connections that one piece of work may lose: it might be the cause."""
UNHURRIED = (
    "SELECT set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)"
)


class Database:
    """The way to the rows. Safe to share between threads, not between processes."""

    def __init__(self, settings: Settings):
        self.engine = self._snapshots = self._writes = connect(settings)
        self.sqlite = self.engine.dialect.name == "sqlite"
        self.replica = Replica(connect(settings, settings.replica_url)) if settings.replica_url else None
        self._turns = Turns(self.engine.url, settings.busy_timeout_ms / 1000) if self.sqlite else None
        self._in_use = in_use.held(self.engine.url.database) if self.sqlite else None
        self._outage = Outage()
        self.on_retry: Callable[[], object] = lambda: None
        if self.sqlite:
            self._writes = self.engine.execution_options(**{WRITES: True})
        else:
            self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def snapshot(self) -> sa.Connection:
        """A connection that sees one moment of the database until it is closed, and can't write.

        Raises:
            Unavailable: the database does not answer.
        """
        tx = self._connected(self._snapshots)
        try:
            tx.begin()
        except BaseException:
            tx.close()
            raise
        return tx

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` gives, committed. This is the only commit there is.

        `work` may run more than once (serialization failure, deadlock, a connection lost), each time from nothing.

        Raises:
            Conflict: rows that `work` built upon vanished, or others got in the way every time.
            Unavailable: the database does not answer, is locked for too long, or is read-only.
            OutcomeUnknown: the connection was lost during the commit.
        """
        return self.write_at(work)[0]

    def write_at(self, work: Callable[[sa.Connection], T]) -> tuple[T, str | None]:
        """As `write`; and the token of a state that has it, if there is a replica that may not."""
        losses = 0
        for attempt in range(ATTEMPTS):
            try:
                return self._written(work)
            except Interrupted:
                self.on_retry()
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (jitter)
            except ConnectionLost:
                losses += 1
                if losses == LOSSES:
                    raise
        raise Conflict("Others keep changing the same things; try again shortly.")

    def position(self) -> str | None:
        """The token of a state that has all that was written until now, if there is a replica that may not."""
        if self.replica is None:
            return None
        with self._connected(self._writes) as tx:
            return self._position(tx)

    def take_stock(self) -> None:
        """Has PostgreSQL learn how large its tables have grown, unless others hold them for long. It would do so by
        itself a minute later, and until then looks for rows the slow way; SQLite decides without."""

        def analyze(tx: sa.Connection) -> None:
            unhurried(tx)
            tx.exec_driver_sql("ANALYZE")

        if not self.sqlite:
            with suppress(Unavailable):
                self.write(analyze)

    def close(self) -> None:
        """Gives back connections and files, for good."""
        self.engine.dispose()
        if self.replica:
            self.replica.close()
        if self._turns:
            self._turns.close()
        if self._in_use:
            self._in_use.close()

    def _written(self, work: Callable[[sa.Connection], T]) -> tuple[T, str | None]:
        with self._connected(self._writes) as tx, self._turns.mine() if self._turns else nullcontext():
            with tx.begin() as transaction:
                done = work(tx)
                _commit(transaction)
            return done, self._position(tx)

    def _position(self, tx: sa.Connection) -> str | None:
        """Asked after the commit; if that can't be told, what is newest has it too."""
        if self.replica is None:
            return None
        try:
            return told_alone(tx, WRITTEN)
        except tx.dialect.loaded_dbapi.Error as error:
            log.warning("the database does not tell its position: %s", words(error))
            return LATEST

    def _connected(self, engine: sa.Engine) -> sa.Connection:
        """Raises: Unavailable: all connections are busy for too long, or the database stays away."""
        while True:
            try:
                tx = engine.connect()
            except sa.exc.TimeoutError as error:
                raise Unavailable("All connections to the database are busy; try again shortly.") from error
            except ConnectionLost as error:
                self._outage.bear(error)
            else:
                self._outage.over()
                return tx


def _commit(transaction: sa.RootTransaction) -> None:
    """Raises: OutcomeUnknown: the connection was lost before the answer came."""
    try:
        transaction.commit()
    except ConnectionLost as error:
        raise OutcomeUnknown from error


def give_back(tx: sa.Connection) -> None:
    """Closes a snapshot, also one whose connection is lost."""
    try:
        tx.close()
    except ConnectionLost:
        tx.close()


def unhurried(tx: sa.Connection) -> None:
    """The rest of the transaction may take as long as it needs, and wait for whom it serves."""
    if tx.dialect.name == "postgresql":
        run(tx, UNHURRIED, ())


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
    try:
        cursor = tx.connection.cursor()
        getattr(cursor, method)(sql, values)
    except tx.dialect.loaded_dbapi.Error as error:
        gone = bool(getattr(tx.connection.driver_connection, "closed", False))
        raise meaning(error, gone) or error from error
    except sa.exc.PendingRollbackError as error:
        raise ConnectionLost("The connection to the database was lost before this; nothing was changed.") from error
    return cursor
