"""`backup` and `restore`."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from flask import Flask

from api.commands.serve import prepare
from api.settings import Settings
from app import create_app
from benchmarks.server import claimspan
from tests.asking import ARTICLES, TOKEN, ask
from tests.client import Client

OTHER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1])
print(*other.execute("SELECT count(*) FROM projects").fetchone(), flush=True)
sys.stdin.readline()
"""
"""Somebody else's program, which has the database open."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the service's database is."""
    place = tmp_path / "var" / "claimspan.db"
    with made(place) as app:
        store(app, "first")
    return place


class made:
    """The app on a database there, for a while."""

    def __init__(self, place: Path):
        settings = Settings(database_url=f"sqlite:///{place}", admin_token=TOKEN)
        self.app = create_app(settings)
        prepare(settings, self.app.extensions["database"])

    def __enter__(self) -> Flask:
        return self.app

    def __exit__(self, *_: Any) -> None:
        self.app.extensions["database"].close()


def store(app: Flask, text: str) -> None:
    assert Client(app, None, TOKEN).post(ARTICLES, json={"text": text}).status_code == 201


def texts(app: Flask) -> list[str]:
    items = Client(app, None, TOKEN).get(f"{ARTICLES}?limit=200").json["items"]
    return sorted(Client(app, None, TOKEN).get(f"/v1/articles/{item['id']}").json["text"] for item in items)


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def command(place: Path, *words: str) -> tuple[int, str]:
    """As in a process of its own, which ends."""
    app = create_app(Settings(database_url=f"sqlite:///{place}"))
    with closing(app.extensions["database"]):
        return run(app, *words)


def leftovers(folder: Path) -> list[str]:
    """Of backups; what the running service counts requests in is its own."""
    ends = (".part", ".db-wal", ".db-shm")
    return [path.name for path in folder.iterdir() if path.name.endswith(ends)]


def test_a_backup_brings_back_what_was_there(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    status, said = command(file, "backup", str(backup))
    assert (status, said.startswith(f"Backed up to {backup}: ")) == (0, True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with made(file) as app:
        store(app, "second")
    before = backup.read_bytes()
    status, said = command(file, "restore", str(backup))
    assert status == 0, said
    assert backup.read_bytes() == before
    (aside,) = file.parent.glob("claimspan.db.before-*")
    assert str(aside) in said
    assert leftovers(tmp_path) + leftovers(file.parent) == []
    with made(file) as app:
        assert texts(app) == ["first"]
    with made(aside) as app:
        assert texts(app) == ["first", "second"]


def test_a_backup_is_of_one_moment_while_others_write(file: Path, tmp_path: Path) -> None:
    with made(file) as app:
        stop, written = threading.Event(), []

        def write() -> None:
            while not stop.is_set():
                store(app, f"{len(written):05}")
                written.append(len(written))

        writer = threading.Thread(target=write)
        writer.start()
        for n in range(5):
            least = len(written)
            assert run(app, "backup", str(tmp_path / f"{n}.db"))[0] == 0
            with closing(sqlite3.connect(tmp_path / f"{n}.db")) as copy:
                found = [row[0] for row in copy.execute("SELECT text FROM revisions ORDER BY text")]
            assert found[:-1] == [f"{k:05}" for k in range(len(found) - 1)]
            assert len(found) - 1 >= least
        stop.set()
        writer.join()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_what_root_restores_is_of_whom_the_folder_is(file: Path, tmp_path: Path) -> None:
    backup, folder = tmp_path / "backup.db", tmp_path / "new"
    command(file, "backup", str(backup))
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    assert command(folder / "claimspan.db", "restore", str(backup))[0] == 0
    assert {path.name: path.stat().st_uid for path in folder.iterdir() if not path.name.endswith("quotas")} == {
        "claimspan.db": 65534,
        "claimspan.db-use": 65534,
        "claimspan.db-turn": 65534,
    }


def test_a_file_that_is_there_stays_unless_told_otherwise(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    backup.write_text("mine")
    status, said = command(file, "backup", str(backup))
    assert (status, "--overwrite replaces it" in said, backup.read_text()) == (2, True, "mine")
    assert command(file, "backup", str(backup), "--overwrite")[0] == 0
    assert backup.read_bytes().startswith(b"SQLite format 3")


def test_what_can_not_be_written_is_said(file: Path, tmp_path: Path) -> None:
    assert command(file, "backup", str(file)) == (2, command(file, "backup", str(file))[1])
    status, said = command(file, "backup", str(file), "--overwrite")
    assert (status, "is the database itself" in said) == (2, True)
    status, said = command(file, "backup", str(tmp_path / "nowhere" / "x.db"))
    assert (status, "can't write" in said) == (1, True)
    status, said = command(tmp_path / "none.db", "backup", str(tmp_path / "x.db"))
    assert (status, "there is no database" in said) == (1, True)


def wrongs(good: bytes) -> Iterator[tuple[str, bytes, str]]:
    yield "nothing", b"", "no tables of this service"
    yield "text", b"hello " * 100, "not a database"
    yield "cut", good[: len(good) // 2], "malformed"
    middle = len(good) // 2
    yield "spoiled", good[:middle] + b"\xff" * 20_000 + good[middle + 20_000 :], ""


def test_what_is_no_whole_backup_is_not_restored(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert command(file, "backup", str(backup))[0] == 0
    before = file.read_bytes()
    for name, content, says in wrongs(backup.read_bytes()):
        wrong = tmp_path / name
        wrong.write_bytes(content)
        status, said = command(file, "restore", str(wrong))
        assert (status, "can't be restored" in said, says in said) == (1, True, True), (name, said)
    with closing(sqlite3.connect(backup)) as newer, newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    status, said = command(file, "restore", str(backup))
    assert (status, "a newer service made" in said) == (1, True)
    assert file.read_bytes() == before
    assert not [*file.parent.glob("*before*")]


def test_a_database_in_use_is_not_replaced(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert command(file, "backup", str(backup))[0] == 0
    with claimspan(f"sqlite:///{file}", TOKEN) as port:
        status, said = command(file, "restore", str(backup))
        assert (status, "stop it first" in said) == (1, True)
        assert ask(port, "POST", ARTICLES, {"text": "goes on"})[0] == 201
    with subprocess.Popen([sys.executable, "-c", OTHER, file], stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"1\n"
        status, said = command(file, "restore", str(backup))
        assert (status, "stop it first" in said) == (1, True)
        other.communicate(b"end\n")
    assert command(file, "restore", str(backup))[0] == 0


def test_a_spoiled_database_is_replaced_too_and_all_of_it_kept(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert command(file, "backup", str(backup))[0] == 0
    with file.open("r+b") as spoiled:
        spoiled.write(os.urandom(file.stat().st_size))
    size = file.stat().st_size
    assert command(file, "restore", str(backup))[0] == 0
    (aside,) = file.parent.glob("claimspan.db.before-*")
    assert aside.stat().st_size == size
    with made(file) as app:
        assert texts(app) == ["first"]


def left_behind(place: Path, text: str) -> bytes:
    """The log that a crash leaves beside the database, after this was stored."""
    log = Path(f"{place}-wal")
    with made(place) as app:
        store(app, text)
        content = log.read_bytes()
    log.write_bytes(content)
    return content


def test_a_log_that_was_left_behind_does_not_get_into_what_is_restored(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert command(file, "backup", str(backup))[0] == 0
    log = left_behind(file, "second")
    file.rename(tmp_path / "broken.db")
    status, said = command(file, "restore", str(backup))
    assert status == 0, said
    (aside,) = file.parent.glob("claimspan.db.before-*")
    assert (aside.read_bytes(), aside.name.endswith("-wal"), str(aside) in said) == (log, True, True)
    with made(file) as app:
        assert texts(app) == ["first"]


def test_a_log_that_was_left_behind_does_not_get_into_a_backup(file: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    assert command(file, "backup", str(backup))[0] == 0
    left_behind(backup, "in the copy")
    assert command(file, "backup", str(backup), "--overwrite")[0] == 0
    with made(backup) as app:
        assert texts(app) == ["first"]


def test_postgresql_has_its_own_ways(postgres_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=postgres_url))
    with closing(app.extensions["database"]):
        status, said = run(app, "backup", str(tmp_path / "x"))
        assert (status, "use pg_dump" in said) == (2, True)
        (tmp_path / "x").touch()
        status, said = run(app, "restore", str(tmp_path / "x"))
        assert (status, "use pg_restore" in said) == (2, True)
