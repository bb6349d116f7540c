"""`make bench-exports`: every format over HTTP from the real server, beside rows read by the bare driver.

Each round exports every format and then runs the floor: the same rows read by the driver in the same batches, put
into nested dicts and written by `orjson.dumps`, in this process. The ratio of `ndjson` is to the floor (rates), that of
every other format to `ndjson` (times); both are medians over the rounds. Memory is what all processes of the server
together held at most during an export, more than before the first.
"""

import argparse
import socket
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import islice
from typing import Any

import orjson
import sqlalchemy as sa

from api.db import Database, run
from api.exports import formats
from api.settings import Settings
from benchmarks.at_size import ENGINES, TOKEN, fresh
from benchmarks.clients import request
from benchmarks.generated import dossiers
from benchmarks.large_project import analyze
from benchmarks.memory import forget_peak, peak, resident, service
from benchmarks.server import claimspan

EXPORT = "/v1/projects/default/export?format={}"
NATIVE, PACKED = "ndjson", "ndjson, gzip"
BATCH = 100
LEAST, MOST, MOST_MEMORY = 0.40, 3.0, 64
CHILDREN = ("spans", "evidence", "assessments")
JSON_COLUMNS = ("metadata", "types", "tags", "appearances", "first_appearance", "same_as", "assessments_of")

IDS = "SELECT id FROM articles WHERE project = 'default' AND id > '{}' ORDER BY id LIMIT {}"
ARTICLES = """
    SELECT a.*, r.text, r.text_sha256, r.code_points FROM articles a
    JOIN revisions r ON r.project = a.project AND r.article = a.id AND r.n = a.revision
    WHERE a.project = 'default' AND a.id BETWEEN '{}' AND '{}' ORDER BY a.id"""
CLAIMS = """
    SELECT c.*, k.name, k.kind, k.job_title, k.same_as,
        r.method, r.by, r.rationale, r.resolved_at, r.assessments AS assessments_of FROM claims c
    LEFT JOIN claimants k ON k.project = c.project AND k.id = c.claimant
    LEFT JOIN resolutions r ON r.project = c.project AND r.claim = c.id
    WHERE c.project = 'default' AND c.article BETWEEN '{}' AND '{}'"""
OF_CLAIMS = """
    SELECT x.* FROM claims c JOIN {} x ON x.project = c.project AND x.claim = c.id
    WHERE c.project = 'default' AND c.article BETWEEN '{}' AND '{}'"""
Row = dict[str, Any]


@dataclass(frozen=True)
class Took:
    """One export, or one run of the floor."""

    size: float
    """In MB."""
    seconds: float

    @property
    def rate(self) -> float:
        return self.size / self.seconds


def fill(port: int, articles: int) -> None:
    """Imports the generated dossiers, every claim with an assessment."""
    lines = (orjson.dumps(dossier) + b"\n" for dossier in dossiers(articles, ["admin"]))
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-ndjson"}
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/v1/projects/default/imports", _in_pieces(lines), headers, encode_chunked=True)
    answer = connection.getresponse()
    report = orjson.loads(answer.read())
    if answer.status != 201 or report["created"] != articles:
        raise RuntimeError(f"{answer.status}: {report}")


def _in_pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    return iter(lambda: b"".join(islice(lines, 20)), b"")


def exported(port: int, name: str) -> Took:
    """A whole export, read as fast as it comes and thrown away."""
    packing = {"Accept_Encoding": "gzip"} if name == PACKED else {}
    address = EXPORT.format(NATIVE if packing else name)
    begun, size, buffer = time.perf_counter(), 0, bytearray(1 << 20)
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(request("GET", address, TOKEN, Connection="close", **packing))
        head = client.recv(12, socket.MSG_WAITALL)
        while came := client.recv_into(buffer):
            size += came
    if head != b"HTTP/1.1 200":
        raise RuntimeError(f"{name}: {bytes(buffer[:600])!r}")
    return Took(size / 1e6, time.perf_counter() - begun)


def floor(database: Database) -> Took:
    """All dossiers, as somebody who takes care would write them without the service."""
    begun, size, last = time.perf_counter(), 0, "00000000-0000-0000-0000-000000000000"
    with database.snapshot() as tx:
        while ids := [str(row[0]) for row in run(tx, IDS.format(last, BATCH), ()).fetchall()]:
            size += sum(len(orjson.dumps(dossier)) + 1 for dossier in _nested(tx, ids[0], ids[-1]))
            last = ids[-1]
    return Took(size / 1e6, time.perf_counter() - begun)


def _nested(tx: sa.Connection, first: str, last: str) -> Iterator[Row]:
    parts = {name: _grouped("claim", _rows(tx, OF_CLAIMS.format(name, first, last))) for name in CHILDREN}
    claims = _rows(tx, CLAIMS.format(first, last))
    for claim in claims:
        for name, found in parts.items():
            claim[name] = found[claim["id"]]
    by_article = _grouped("article", claims)
    return (
        {"article": article, "claims": by_article[article["id"]]} for article in _rows(tx, ARTICLES.format(first, last))
    )


def _rows(tx: sa.Connection, sql: str) -> list[Row]:
    cursor = run(tx, sql, ())
    names = [column[0] for column in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for name in set(JSON_COLUMNS).intersection(names):
        for row in found:
            row[name] = orjson.Fragment(row[name] or "null")
    return found


def _grouped(by: str, rows: Iterable[Row]) -> Mapping[Any, list[Row]]:
    groups = defaultdict(list)
    for row in rows:
        groups[row[by]].append(row)
    return groups


def measure(url: str, articles: int, rounds: int) -> tuple[dict[str, list[Took]], dict[str, float]]:
    """What each format and the floor took in each round, and the memory that each format needed at most, in MB."""
    with claimspan(url, TOKEN) as port:
        fill(port, articles)
    database = Database(Settings(database_url=url))
    if not database.sqlite:
        analyze(database)
    with claimspan(url, TOKEN) as port:
        works = {name: partial(exported, port, name) for name in (NATIVE, PACKED, *sorted({*formats()} - {NATIVE}))}
        found: dict[str, list[Took]] = {name: [] for name in ("floor", *works)}
        memory: dict[str, float] = dict.fromkeys(works, 0.0)
        server = service(port)
        before = sum(map(resident, server))
        for n in range(rounds):
            print(f"round {n + 1} of {rounds}", flush=True)
            for name, work in works.items():
                for pid in server:
                    forget_peak(pid)
                found[name].append(work())
                memory[name] = max(memory[name], (sum(map(peak, server)) - before) / 1e6)
            found["floor"].append(floor(database))
    database.close()
    return found, memory


def report(engine: str, articles: int, found: dict[str, list[Took]], memory: dict[str, float]) -> None:
    print(f"\n{engine}: {articles:,} articles; medians\n")
    print(f"{'what':<28}{'MB':>9}{'MB/s':>9}{'articles/s':>12}{'ratio':>8}{'to reach':>10}{'memory, MB':>12}")
    for name, took in found.items():
        rates, seconds = statistics.median(each.rate for each in took), statistics.median(each.seconds for each in took)
        line = f"{name:<28}{took[0].size:>9,.1f}{rates:>9,.1f}{articles / seconds:>12,.0f}"
        print(line + ("" if name == "floor" else f"{_ratio(name, found):>18}{memory[name]:>12,.0f}"))
    print(f"memory to reach: at most {MOST_MEMORY} MB")


def _ratio(name: str, found: dict[str, list[Took]]) -> str:
    if name == NATIVE:
        ratio = statistics.median(a.rate / b.rate for a, b in zip(found[name], found["floor"], strict=True))
        return f"{ratio:.2f}{LEAST:>10.2f}"
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(found[name], found[NATIVE], strict=True))
    return f"{ratio:.2f}{MOST:>10.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="both if left out")
    options = parser.parse_args()
    for engine in options.engine or ENGINES:
        with fresh(engine) as url:
            report(engine, options.articles, *measure(url, options.articles, options.rounds))


if __name__ == "__main__":
    main()
