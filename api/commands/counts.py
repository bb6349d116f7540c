"""The folder in which the processes of a server keep their counts."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows

COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client looks for it."""
IN_MEMORY = Path("/dev/shm")  # noqa: S108 (the folder gets a name that nobody knows beforehand)
FOLDER, LOCK = "claimspan-", "lock"


@contextmanager
def folder_of_counts() -> Iterator[None]:
    """A new folder for each start, in memory where that can be: a full disk must not end who counts. Those of servers
    that were killed go."""
    home = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    if fcntl:
        _clear(home)
    with tempfile.TemporaryDirectory(prefix=FOLDER, dir=home) as folder, open(f"{folder}/{LOCK}.new", "ab") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        os.rename(lock.name, f"{folder}/{LOCK}")  # from now on it may be looked at
        os.environ[COUNTS] = folder
        yield


def _clear(home: Path) -> None:
    for lock in home.glob(f"{FOLDER}*/{LOCK}"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            if lock.stat().st_uid == os.geteuid() and not _is_held(lock):
                shutil.rmtree(lock.parent)


def _is_held(lock: Path) -> bool:
    """Whether a process of its server lives."""
    with lock.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
