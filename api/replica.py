"""A copy of the database that follows it at some distance, for reads that say how new it has to be.

Positions are those of PostgreSQL's write-ahead log, as numbers.
"""

import logging
import re
import time

import sqlalchemy as sa

from api.errors import Unavailable
from api.logs import words

ANY, LATEST = "any", "latest"
"""Words for a token: whatever there is, and nothing but the newest."""
WRITTEN = "SELECT pg_current_wal_flush_lsn()::text"
"""Where the log ends on the disk. (Where the next entry begins may be behind a page's head, which no replica reaches
before that entry comes.)"""
REPLAYED = "SELECT pg_last_wal_replay_lsn()::text"
LSN = re.compile(r"([0-9A-F]{1,8})/([0-9A-F]{1,8})")
REST = 5.0
"""Seconds for which a replica that did not answer is left alone."""
log = logging.getLogger(__name__)


class Replica:
    """Safe to share between threads, as the database is."""

    def __init__(self, engine: sa.Engine):
        self._engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._rests_until = 0.0

    def snapshot(self, position: int) -> sa.Connection | None:
        """A connection that sees one moment of the replica, at that position or later; None if it is not as far, or
        does not answer."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            return self._at(position)
        except sa.exc.TimeoutError:
            return None  # all its connections are busy
        except (Unavailable, self._engine.dialect.loaded_dbapi.Error) as error:
            log.warning("the replica does not answer: %s", words(error))
            self._rests_until = time.monotonic() + REST
            return None

    def _at(self, position: int) -> sa.Connection | None:
        tx = self._engine.connect()
        try:
            if _has_reached(tx, position):
                tx.begin()
                return tx
        except BaseException:
            tx.close()
            raise
        tx.close()
        return None

    def close(self) -> None:
        self._engine.dispose()


def _has_reached(tx: sa.Connection, position: int) -> bool:
    """Asked before the snapshot is taken, for one that is taken first may be older than the answer. A server only ever
    gets further, so what a connection was told once holds for it."""
    known = tx.connection.info
    if known.get(REPLAYED, -1) < position:
        # None from a server that follows nobody.
        known[REPLAYED] = number(told_alone(tx, REPLAYED) or "0/0")
    return bool(known[REPLAYED] >= position)


def told_alone(tx: sa.Connection, sql: str) -> str | None:
    """What one statement gives outside any transaction: in one exchange with the server."""
    connection = tx.connection.driver_connection
    assert connection is not None
    connection.autocommit = True
    try:
        found: str | None = connection.execute(sql).fetchone()[0]
        return found
    finally:
        if not connection.closed:
            connection.autocommit = False


def number(token: str) -> int | None:
    """The position that a token stands for; None for the newest.

    >>> number("16/B374D848"), number("any"), number("latest")
    (97500059720, 0, None)

    Raises:
        ValueError: it is no token.
    """
    if token in (ANY, LATEST):
        return 0 if token == ANY else None
    found = LSN.fullmatch(token)
    if not found:
        raise ValueError(token)
    return (int(found[1], 16) << 32) + int(found[2], 16)
