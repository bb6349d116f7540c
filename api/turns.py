"""Turns: writers of one SQLite file queue here, not in SQLite, which sleeps longer and longer between its tries."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import sqlalchemy as sa

from api.errors import Unavailable

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows

GATE_PAUSE = 0.0001
"""Seconds between looks at the gate: as fast as waiting in the kernel, which knows no time limit."""


class Turns:
    """Threads queue on a lock, processes on a file beside the database."""

    def __init__(self, url: sa.URL, seconds: float):
        self._turn = threading.Lock()
        self._gate = _gate(url)
        self._seconds = seconds

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Waits for this thread's turn, then for this process's.

        Raises:
            Unavailable: it is not its turn within the time.
        """
        deadline = time.monotonic() + self._seconds
        if not self._turn.acquire(timeout=self._seconds):
            raise Unavailable("Too many are writing; try again shortly.")
        try:
            while self._gate and not _passed(self._gate):
                if time.monotonic() > deadline:
                    raise Unavailable("Another process is writing for too long; try again shortly.")
                time.sleep(GATE_PAUSE)
            try:
                yield
            finally:
                if self._gate:
                    fcntl.flock(self._gate, fcntl.LOCK_UN)
        finally:
            self._turn.release()

    def close(self) -> None:
        if self._gate:
            self._gate.close()


def _gate(url: sa.URL) -> IO[bytes] | None:
    return open(f"{url.database}-turn", "ab") if url.database and fcntl else None


def _passed(gate: IO[bytes]) -> bool:
    try:
        fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
