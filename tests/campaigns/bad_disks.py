"""Databases that can't be written: the disk is full, the file is read-only, somebody holds a lock."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests.campaigns.engines import database
from tests.campaigns.stage import Stage

MEGABYTES = 24
LOCK = "import fcntl, sys\nsys.path.insert(0, '')\nfrom api.engines import sqlite\n"
HOLDS = {
    "lock": LOCK + "held = sqlite.connect(sys.argv[1], isolation_level=None)\nheld.execute('BEGIN IMMEDIATE')\n",
    "turn": LOCK + "held = open(sys.argv[1] + '-turn', 'ab')\nfcntl.flock(held, fcntl.LOCK_EX)\n",
}
WAITS = "print(flush=True)\nsys.stdin.read()\n"


@contextmanager
def small_disk(engine: str) -> Iterator[str]:
    """The URL of a fresh database on a disk of few megabytes; PostgreSQL keeps its log elsewhere.

    Raises:
        PermissionError: who runs this may not mount one.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=777", "tmpfs", folder]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            raise PermissionError("may not mount a disk")
        try:
            if engine == "sqlite":
                yield f"sqlite:///{Path(folder) / 'campaign.db'}"
            else:
                with database(engine) as url:
                    yield _in_tablespace(url, folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def _in_tablespace(url: str, folder: str) -> str:
    with psycopg.connect(url, autocommit=True) as connection:
        (home,) = connection.execute("SHOW data_directory").fetchone()  # type: ignore[misc]
        os.chown(folder, os.stat(home).st_uid, -1)
        connection.execute(f"CREATE TABLESPACE small LOCATION '{folder}'")
        connection.execute("CREATE DATABASE claimspan_small TABLESPACE small")
    return sa.make_url(url).set(database="claimspan_small").render_as_string(hide_password=False)


@contextmanager
def full(stage: Stage) -> Iterator[None]:
    """Something else has taken the rest of the disk."""
    ballast = _folder(stage) / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    try:
        yield
    finally:
        ballast.unlink()


def _folder(stage: Stage) -> Path:
    if stage.engine == "sqlite":
        return _file(stage).parent
    with psycopg.connect(stage.url) as connection:
        row = connection.execute("SELECT pg_tablespace_location(oid) FROM pg_tablespace WHERE spcname = 'small'")
        return Path(str(row.fetchone()[0]))  # type: ignore[index]


@contextmanager
def read_only(stage: Stage) -> Iterator[None]:
    """The database and its log can't be written.

    Raises:
        PermissionError: who runs this may not make files immutable.
    """
    with _immutable(stage, ".db", "-wal"):
        yield


@contextmanager
def read_only_disk(stage: Stage) -> Iterator[None]:
    """As when the system has mounted the disk read-only after a fault: nothing can be written, not even by way of
    memory, and the system ends who tries that."""
    with _immutable(stage, ".db", "-wal", "-shm"):
        yield


@contextmanager
def _immutable(stage: Stage, *ends: str) -> Iterator[None]:
    files = [file for file in _file(stage).parent.iterdir() if file.name.endswith(ends)]
    if subprocess.run(["chattr", "+i", *files], capture_output=True, check=False).returncode:
        raise PermissionError("may not make files immutable")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", *files], check=True)


@contextmanager
def locked(stage: Stage) -> Iterator[None]:
    """Another process is in the middle of a long write, or on PostgreSQL of a change of a table."""
    if stage.engine == "postgresql":
        with psycopg.connect(stage.url) as connection:
            connection.execute("LOCK TABLE revisions IN SHARE ROW EXCLUSIVE MODE")
            yield
            connection.rollback()
    else:
        with _held(stage, "lock"):
            yield


@contextmanager
def turn_held(stage: Stage) -> Iterator[None]:
    """Another process has its turn to write and does not end it."""
    with _held(stage, "turn"):
        yield


@contextmanager
def _held(stage: Stage, what: str) -> Iterator[None]:
    command = [sys.executable, "-c", HOLDS[what] + WAITS, str(_file(stage))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        try:
            yield
        finally:
            holder.communicate()


def _file(stage: Stage) -> Path:
    return Path(str(sa.make_url(stage.url).database))
