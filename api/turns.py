"""Turns: writers of one SQLite file queue here, not in SQLite, which sleeps longer and longer between its tries."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from api.errors import Unavailable
from api.in_use import beside

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows

PAUSE = 0.0001
"""Seconds between looks at a gate: as fast as waiting in the kernel, which knows no time limit."""


class Gate:
    """A file that one process at a time has to itself, where the platform knows such locks."""

    def __init__(self, path: str):
        self._file = beside(path) if fcntl else None

    def passed(self, deadline: float) -> bool:
        """Whether it could be had until then, by `time.monotonic`."""
        while self._file:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(PAUSE)
        return True

    def leave(self) -> None:
        if self._file:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._file:
            self._file.close()


class Turns:
    """Threads queue on a lock, processes on a file beside the database."""

    def __init__(self, url: sa.URL, seconds: float):
        self._turn = threading.Lock()
        self._gate = Gate(f"{url.database}-turn") if url.database else None
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
            if self._gate and not self._gate.passed(deadline):
                raise Unavailable("Another process is writing for too long; try again shortly.")
            try:
                yield
            finally:
                if self._gate:
                    self._gate.leave()
        finally:
            self._turn.release()

    def close(self) -> None:
        if self._gate:
            self._gate.close()
