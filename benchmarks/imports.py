"""`make bench-imports`: generated dossiers through the real server, plain and packed, as ratios to the least that has
to be done for their rows (`bulk_floor`); then the same files again, of which nothing may change.

Memory is what the server's workers and the client grow by, each from before the first import to its own worst moment.
`--tenfold` sends ten times as much as well, and tells how many times longer it takes.
"""

import argparse
import gzip
import secrets
import shutil
import statistics
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import orjson

from api.db import Database
from api.settings import Settings
from benchmarks import bulk_floor
from benchmarks.at_size import ENGINES, fresh
from benchmarks.generated import dossiers
from benchmarks.main_job import TOKEN, Client
from benchmarks.memory import Growth, service
from benchmarks.server import claimspan
from benchmarks.uploads import upload

TO_REACH, AGAIN_TO_REACH, MOST_GROWTH, MOST_TIMES = 0.30, 1.5, 64, 10.5
FLOORS = 3
MEGABYTE = 2**20


class Bench:
    """The service with its database, and how much its workers have grown."""

    def __init__(self, port: int, database: Database, articles: int):
        self._port, self._database, self._articles = port, database, articles
        for _ in range(20):
            Client(port).send("GET", "/v1/me")  # has every worker load what it needs to answer at all
        self._workers = service(port)[1:]
        self._growth = Growth(self._workers)

    def new_project(self) -> str:
        slug = f"bench-{secrets.token_hex(4)}"
        Client(self._port).send("POST", "/v1/projects", {"slug": slug, "name": slug})
        return slug

    def floor(self, file: Path) -> float:
        return bulk_floor.seconds(self._database, self.new_project(), file)

    def twice(self, name: str, file: Path, times: int = 1) -> tuple[float, float]:
        """Seconds of the first import of the file, and of the second."""
        project = self.new_project()
        first = self._sent(name, project, file, "created", times)
        return first, self._sent(f"{name}, again", project, file, "unchanged", times)

    def _sent(self, name: str, project: str, file: Path, outcome: str, times: int) -> float:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            sent = pool.submit(upload, self._port, TOKEN, project, file).result()
        number = self._articles * times
        if (sent.report["lines"], sent.report[outcome]) != (number, number):
            raise RuntimeError(f"expected {number} lines {outcome}, found {sent.report}")
        if service(self._port)[1:] != self._workers:
            raise RuntimeError("a worker of the server has ended")
        grown = self._growth.each()
        megabytes = (sum(grown), max(grown), sent.growth)
        columns = "".join(f"{each / MEGABYTE:>12.1f}" for each in megabytes)
        print(f"{name:<24}{sent.seconds:>10.1f}{number / sent.seconds:>12,.0f}{columns}", flush=True)
        return sent.seconds


def write(folder: Path, number: int) -> tuple[Path, Path]:
    """The dossiers in a file, and packed in another."""
    plain, packed = folder / f"{number}.ndjson", folder / f"{number}.ndjson.gz"
    with plain.open("wb") as out:
        out.writelines(orjson.dumps(dossier) + b"\n" for dossier in dossiers(number))
    with plain.open("rb") as whole, gzip.open(packed, "wb", 6) as out:
        shutil.copyfileobj(whole, out)
    return plain, packed


def run(url: str, folder: Path, articles: int, tenfold: bool) -> None:
    plain, packed = write(folder, articles)
    with claimspan(url, TOKEN) as port:
        database = Database(Settings(database_url=url))
        bench = Bench(port, database, articles)
        size = plain.stat().st_size / MEGABYTE
        print(
            f"\n{database.engine.dialect.name}: {articles:,} articles of 10 claims with 2 links each, {size:,.0f} MB\n"
        )
        print(f"{'work':<24}{'seconds':>10}{'articles/s':>12}{'server, MB':>12}{'a worker':>12}{'client':>12}")
        floors = [bench.floor(plain)]
        first, again = bench.twice("import", plain)
        floors.append(bench.floor(plain))
        first_packed, again_packed = bench.twice("import of gzip", packed)
        floors += [bench.floor(plain) for _ in range(FLOORS - len(floors))]
        floor = statistics.median(floors)
        print(f"{'the least to be done':<24}{floor:>10.1f}{articles / floor:>12,.0f}\n")
        _compare("import, to the least", floor / first, f"at least {TO_REACH}")
        _compare("import of gzip, to the least", floor / first_packed, f"at least {TO_REACH}")
        _compare("again, to the first", first / again, f"at least {AGAIN_TO_REACH}")
        _compare("again of gzip, to the first", first_packed / again_packed, f"at least {AGAIN_TO_REACH}")
        if tenfold:
            print()
            ten, ten_again = bench.twice("import of ten times", write(folder, articles * 10)[0], 10)
            _compare("ten times, in time", ten / first, f"at most {MOST_TIMES}")
            _compare("ten times again, in time", ten_again / again, f"at most {MOST_TIMES}")
        print(f"(the server is to grow by less than {MOST_GROWTH} MB)")
        database.close()


def _compare(name: str, ratio: float, to_reach: str) -> None:
    print(f"{name:<34}{ratio:>8.2f}   {to_reach}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--tenfold", action="store_true", help="ten times as many as well")
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="of a fresh database")
    parser.add_argument("--database-url", default="", help="a database that is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.database_url:
            run(options.database_url, Path(folder), options.articles, options.tenfold)
        else:
            with fresh(options.engine) as url:
                run(url, Path(folder), options.articles, options.tenfold)


if __name__ == "__main__":
    main()
