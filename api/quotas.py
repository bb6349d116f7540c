"""Requests counted by token, for all processes of the service in one place: beside the database, in it, or in Redis.

A request is counted in one statement, under the lock that this takes anyway, and read from the clock of the place. What
can't be counted is let through: a quota keeps the service quick for all, and shuts out nobody.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
import redis
import sqlalchemy as sa
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.engines import arguments
from api.rules.quotas import Policy, Quota
from api.settings import Settings
from api.turns import Gate

log = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds that a request waits to be counted."""
REST = 1.0
"""Seconds for which nothing is counted after that failed: nobody should wait for what is away."""
SUFFIX = "-quotas"

CREATE = "CREATE TABLE IF NOT EXISTS quotas (key TEXT PRIMARY KEY, full_at INTEGER NOT NULL) WITHOUT ROWID"
TAKE_IN_SQLITE = """
INSERT INTO quotas (key, full_at) VALUES (:key, :now + :interval)
ON CONFLICT (key) DO UPDATE SET full_at = max(iif(full_at > :impossible, 0, full_at), :now) + :interval
WHERE max(iif(full_at > :impossible, 0, full_at), :now) + :interval <= :now + :capacity
RETURNING full_at"""
LOOK_IN_SQLITE = "SELECT full_at FROM quotas WHERE key = :key"

NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
"""Also inside the statement: as of when the row is locked, and not of before the wait."""
FULL = f"greatest(CASE WHEN q.full_at > {NOW} + %(slack)s THEN 0 ELSE q.full_at END, {NOW})"
TAKE_IN_POSTGRESQL = f"""
WITH taken AS (
    INSERT INTO quotas AS q (key, full_at) VALUES (%(key)s, {NOW} + %(interval)s)
    ON CONFLICT (key) DO UPDATE SET full_at = {FULL} + %(interval)s
    WHERE {FULL} + %(interval)s <= {NOW} + %(capacity)s
    RETURNING full_at
)
SELECT (SELECT full_at FROM taken), (SELECT full_at FROM quotas WHERE key = %(key)s), {NOW}"""  # noqa: S608 (own words)
FORGET_IN_POSTGRESQL = f"DELETE FROM quotas WHERE full_at < {NOW}"  # noqa: S608

TAKE_IN_REDIS = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, capacity, slack = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = tonumber(redis.call('GET', KEYS[1]) or 0)
if full < now or full > now + slack then
    full = now
end
if full + interval > now + capacity then
    return {0, full - now}
end
full = full + interval
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000))
return {1, full - now}"""


Faults = tuple[type[Exception], ...]


class Place(Protocol):
    """Where requests are counted."""

    faults: Faults
    """What it raises when it is away."""

    def take(self, key: str, policy: Policy) -> tuple[bool, int]:
        """Whether there may be one more, and in how many microseconds the bucket is full."""

    def begin(self) -> None:
        """What is to be done once, before the server starts."""

    def close(self) -> None:
        """Gives back connections and files; they are opened again when needed."""


class Quotas:
    """What each token has left. Safe to share between threads, not between processes."""

    def __init__(self, settings: Settings):
        most = settings.rate_limit_per_minute
        self._policy = Policy(most, settings.rate_limit_burst or most)
        self._place = place(settings) if most else None
        self._rests_until = 0.0

    def take(self, key: str) -> Quota | None:
        """What is left after one more request; None if there is no limit, or it can't be counted."""
        if self._place is None or time.monotonic() < self._rests_until:
            return None
        try:
            granted, full_in = self._place.take(key, self._policy)
        except self._place.faults as error:
            self._rest(error)
            return None
        return Quota(self._policy, granted, full_in)

    def begin(self) -> None:
        """Makes room for the counts of a server that starts."""
        if self._place:
            try:
                self._place.begin()
            except self._place.faults as error:
                self._rest(error)
            self._place.close()

    def close(self) -> None:
        if self._place:
            self._place.close()

    def _rest(self, error: Exception) -> None:
        self._rests_until = time.monotonic() + REST
        log.warning("requests can't be counted, and are let through: %s", error)


def place(settings: Settings) -> Place:
    if settings.rate_limit_url:
        return InRedis(settings.rate_limit_url)
    url = sa.make_url(settings.database_url)
    return InPostgresql(url, settings) if url.get_backend_name() == "postgresql" else InFile(str(url.database))


class InFile:
    """A small SQLite file beside the database, that nobody waits on the disk for.

    The database's own lock may be held for long by an import. What is lost with the power is what was counted.
    """

    faults: Faults = (sqlite3.Error, OSError)

    def __init__(self, database: str):
        self._path = database + SUFFIX
        self._turn = threading.Lock()
        self._opened: Any = None

    def take(self, key: str, policy: Policy) -> tuple[bool, int]:
        with self._alone() as tx:
            now = time.time_ns() // 1000
            bound = {
                "key": key,
                "now": now,
                "interval": policy.interval,
                "capacity": policy.capacity,
                "impossible": now + policy.slack,
            }
            row = tx.execute(TAKE_IN_SQLITE, bound).fetchone()
            if row:
                return True, row[0] - now
            (full_at,) = tx.execute(LOOK_IN_SQLITE, {"key": key}).fetchone()
            return False, full_at - now

    def begin(self) -> None:
        """Counts anew. A file that is broken is made anew too."""
        try:
            with self._alone() as tx:
                tx.execute("DELETE FROM quotas")
        except sqlite3.DatabaseError:
            for suffix in ("", "-wal", "-shm"):
                Path(self._path + suffix).unlink(missing_ok=True)

    def close(self) -> None:
        tx, gate = self._opened or (None, None)
        self._opened = None
        for opened in (tx, gate):
            if opened:
                opened.close()

    @contextmanager
    def _alone(self) -> Iterator[Any]:
        """The file, for one thread of one process at a time. SQLite itself would sleep between its tries."""
        if not self._turn.acquire(timeout=PATIENCE):
            raise TimeoutError("another thread takes too long")
        try:
            tx, gate = self._opened = self._opened or self._open()
            if not gate.passed(time.monotonic() + PATIENCE):
                raise TimeoutError("another process takes too long")
            try:
                yield tx
            finally:
                gate.leave()
        finally:
            self._turn.release()

    def _open(self) -> Any:
        with ExitStack() as opened:
            gate = opened.enter_context(closing(Gate(self._path + "-turn")))
            tx = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=PATIENCE)
            opened.callback(tx.close)
            tx.execute("PRAGMA journal_mode = WAL")
            tx.execute("PRAGMA synchronous = OFF")
            tx.execute(CREATE)
            opened.pop_all()
        return tx, gate


class InPostgresql:
    """A table that is not in the server's log, by statements that don't wait for it."""

    faults: Faults = (sa.exc.SQLAlchemyError, psycopg.Error)

    def __init__(self, url: sa.URL, settings: Settings):
        variables: dict[str, int | str] = {"synchronous_commit": "off", "statement_timeout": round(PATIENCE * 1000)}
        self._engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            pool_size=settings.threads,
            max_overflow=0,
            connect_args=arguments(url, settings, variables),
        )

    def take(self, key: str, policy: Policy) -> tuple[bool, int]:
        bound = {"key": key, "interval": policy.interval, "capacity": policy.capacity, "slack": policy.slack}
        taken, before, now = self._run(TAKE_IN_POSTGRESQL, bound).fetchone()
        if taken is not None:
            return True, taken - now
        return False, policy.capacity if before is None else before - now

    def begin(self) -> None:
        """Forgets tokens that have all their requests again."""
        self._run(FORGET_IN_POSTGRESQL)

    def close(self) -> None:
        self._engine.dispose()

    def _run(self, sql: str, bound: dict[str, Any] | None = None) -> Any:
        """In the driver's own words: every request waits for this."""
        connection = self._engine.raw_connection()
        try:
            return connection.cursor().execute(sql, bound)
        except psycopg.Error:
            connection.invalidate()
            raise
        finally:
            connection.close()


class InRedis:
    """A key for each token, that goes when all its requests are there again."""

    faults: Faults = (redis.RedisError, OSError)

    def __init__(self, url: str):
        self._client = redis.Redis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self._take = self._client.register_script(TAKE_IN_REDIS)

    def take(self, key: str, policy: Policy) -> tuple[bool, int]:
        granted, full_in = self._take([f"claimspan:quota:{key}"], [policy.interval, policy.capacity, policy.slack])
        return bool(granted), int(full_in)

    def begin(self) -> None:
        pass

    def close(self) -> None:
        self._client.close()
