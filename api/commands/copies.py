"""Copies of SQLite databases: each as of one moment, one file, looked through before it is trusted."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from api.commands.beside import part_of
from api.in_use import InUse
from api.services.instance import VERSION
from api.settings import Settings

try:
    import pysqlite3 as sqlite
except ImportError:
    import sqlite3 as sqlite

STEP = 1_000
"""Pages between two looks at how far it has come."""
SHOWN = 3
LOGS = ("-wal", "-journal")
"""Beside a database, what is not in it yet; SQLite takes it for that of whatever stands under the name."""
Progress = Callable[[int, int], None]
"""Told how many pages are copied, and of how many."""


class Damaged(Exception):
    """A file is no database of this service, or a broken one; the message says what is wrong."""


def copied(source: Path, target: Path, progress: Progress) -> str:
    """Copies the database into a new file and looks through the copy; gives the version of its tables.

    Others may go on writing: their changes wait in the log until the copy is made, and are not in it.

    Raises:
        Damaged: the copy does not hold.
    """
    try:
        with closing(_plain(source)) as origin, closing(_plain(target)) as copy:
            # What is read within one transaction is of one moment; without, the copy would begin anew at every change.
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            copy.execute("PRAGMA synchronous = OFF")  # it is put on the disk as a whole, and named only then
            origin.backup(copy, pages=STEP, progress=lambda _, left, pages: progress(pages - left, pages), sleep=0)
            origin.execute("COMMIT")
    except sqlite.DatabaseError as error:
        raise Damaged(str(error)) from None
    return looked_through(target)


def looked_through(file: Path) -> str:
    """The version of the tables in the file, which afterwards needs no log beside it.

    Raises:
        Damaged: it is no database of this service, or SQLite finds faults in it.
        InUse: somebody has it open.
    """
    try:
        with closing(_plain(file)) as alone:
            faults = [str(row[0]) for row in alone.execute(f"PRAGMA integrity_check({SHOWN})") if row[0] != "ok"]
            faults += [f"a row of {row[0]} refers to nothing" for row in alone.execute("PRAGMA foreign_key_check")]
            versions = alone.execute(str(VERSION)).fetchall() if _has_version(alone) else []
            alone.execute("PRAGMA journal_mode = DELETE")
    except sqlite.DatabaseError as error:
        raise InUse if "locked" in str(error) else Damaged(str(error)) from None
    if faults or not versions:
        raise Damaged("; ".join(faults[:SHOWN]) or "it has no tables of this service")
    return str(versions[0][0])


def _has_version(connection: Any) -> bool:
    return bool(connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").fetchone())


def _plain(file: Path) -> Any:
    """A connection that leaves the file's manner of writing as it is."""
    return sqlite.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)


@contextmanager
def bar(name: str) -> Iterator[Progress]:
    """On the terminal, if there is one, how far it has come."""
    with click.progressbar(length=1, label=name, file=sys.stderr, hidden=not sys.stderr.isatty()) as shown:

        def progress(done: int, pages: int) -> None:
            shown.length = pages
            shown.update(done - shown.pos)

        yield progress


@contextmanager
def private_part_of(file: Path) -> Iterator[Path]:
    """Where a database is made that is to stand under this name once it is whole; only its owner can read it.

    Raises:
        ClickException: it can't be made, or another command is making it.
    """
    with part_of(file, 0o600) as (part, _):
        _clear(part)
        try:
            yield part
        finally:
            _clear(part)


def put_in_place(part: Path, file: Path) -> None:
    """Gives the file its name, once it is on the disk. A log that another has left under that name goes."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    _clear(file)
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _clear(file: Path) -> None:
    for end in (*LOGS, "-shm"):
        Path(f"{file}{end}").unlink(missing_ok=True)


def database_file(settings: Settings, instead: str) -> Path:
    """The file of the service's database.

    Raises:
        UsageError: it is PostgreSQL, which has its own ways.
    """
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        raise click.UsageError(f"The database is PostgreSQL: use {instead}; docs/operation.md shows how.")
    return Path(str(url.database))
