"""Whether a SQLite database is in use: every process that has it keeps a shared lock beside it, for as long.

The engine's own locks do not tell: a process that has the database may have no connection to it just now.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment] # not on Windows


class InUse(Exception):
    """Others have the database."""


def held(database: str | None) -> IO[bytes] | None:
    """The lock of one that uses the database: it holds until this is closed, or the process ends. Waits while somebody
    has the database to themselves."""
    if not (database and fcntl):
        return None
    lock = _file(database)
    fcntl.flock(lock, fcntl.LOCK_SH)
    return lock


@contextmanager
def alone(database: str) -> Iterator[None]:
    """Nobody else uses the database inside, and nobody begins to.

    Raises:
        InUse: others do already.
    """
    with _file(database) as lock:
        if fcntl:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InUse from None
        yield


def _file(database: str) -> IO[bytes]:
    return beside(f"{database}-use")


def beside(path: str) -> IO[bytes]:
    """A file beside the database, made if it is not there, for a lock."""
    try:
        new = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return open(path, "ab")
    give_to_owner_of_folder(Path(path))
    return os.fdopen(new, "ab")


def give_to_owner_of_folder(file: Path) -> None:
    """What root makes, the service has to open, which is seldom root."""
    if getattr(os, "geteuid", int)() == 0 and sys.platform != "win32":
        folder = file.absolute().parent.stat()
        os.chown(file, folder.st_uid, folder.st_gid, follow_symlinks=False)
