"""What a driver's exception means for who asked, and how long a database that is away is waited for."""

import logging
import random
import time

from api.errors import Conflict, ConnectionLost, Interrupted, TimedOut, Unavailable
from api.logs import words

AGAIN = {"40001": "serialization failure, or a replica that had to move on", "40P01": "deadlock"}
LATE = {
    "55P03": "Others hold what this needs",
    "57014": "The database took longer for this than it may",
    "25P04": "The database took longer for this than it may",
}
GONE = {
    "57P01": "stopped",
    "57P02": "crashed",
    "57P03": "starting or stopping",
    "57P05": "idle",
    "25P03": "idle within a transaction",
}
OURS = ("23502", "23514"), ("NOT NULL", "CHECK")
"""What no race explains: something of a row itself is missing, or not as it must be; as PostgreSQL's states, and as
SQLite begins to say it."""
UNWRITABLE = "25006"
DAMAGED = "DatabaseError"
"""What SQLite says of a file that is no database, or a broken one; other errors have narrower kinds."""
BEARABLE = 2.0
"""Seconds that a database may be away before requests are refused: PostgreSQL restarts in less."""
PAUSE = 0.05
log = logging.getLogger(__name__)


def meaning(error: BaseException, gone: bool) -> Exception | None:
    """Our word for a driver's exception; None if the fault is ours. `gone`: the connection has ended with it.

    The names of kinds are from PEP 249, the states from PostgreSQL's appendix A.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    state = getattr(error, "sqlstate", None) or ""
    if state in AGAIN:
        return Interrupted("The database broke this off in favour of others; nothing was changed.")
    if state in LATE:
        return TimedOut(f"{LATE[state]}; nothing was changed. Try again shortly.")
    if state in GONE or state.startswith("08") or (gone and not state):
        return ConnectionLost("The connection to the database was lost; nothing was changed. Try again shortly.")
    if "IntegrityError" in kinds:
        states, words_of_sqlite = OURS
        ours = state in states or (not state and str(error).startswith(words_of_sqlite))
        return None if ours else Conflict("Another change got in between; read again, then repeat.")
    if state == UNWRITABLE or "OperationalError" in kinds or type(error).__name__ == DAMAGED:
        log.error("the database refused: %s", words(error))
        return Unavailable("The database can't do that now; nothing was changed.")
    return None


class Outage:
    """How long the database has been away, as far as this process knows. It is waited for only in the beginning:
    later requests are refused at once, so that they don't wait behind one another."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._is_told = False

    def over(self) -> None:
        """The database answers."""
        self._since = None
        if self._is_told:
            self._is_told = False
            log.warning("the database is back")

    def bear(self, error: ConnectionLost) -> None:
        """Waits a little.

        Raises:
            Unavailable: it has been away for too long.
        """
        now = time.monotonic()
        since = self._since = self._since or now
        if now - since > BEARABLE:
            if not self._is_told:
                self._is_told = True
                log.error("the database can't be reached: %s", words(error.__cause__ or error))
            raise Unavailable("The database can't be reached; nothing was changed. Try again shortly.") from error
        time.sleep(random.uniform(PAUSE / 2, PAUSE))  # noqa: S311 (jitter)
