"""Exports from the real server: one moment among many writers, and recognisable when they are broken off."""

import csv
import gzip
import http.client
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO
from threading import Event
from typing import Any
from zipfile import is_zipfile

import pytest
import sqlalchemy as sa

from api.db import Database
from api.exports import formats
from api.settings import Settings
from benchmarks.memory import service
from benchmarks.server import claimspan
from tests.asking import BEARER, TOKEN, ask, connection

EXPORT = "/v1/projects/default/export?format="
NDJSON = {**BEARER, "Content-Type": "application/x-ndjson"}
ARTICLES, WRITERS, WRITES = 120, 4, 250
MANY = 120
LINES = [
    json.dumps(
        {
            "article": {"external_id": f"a-{n}", "text": f"{n}{'x' * 50} " * 800},
            "claims": [
                {
                    "spans": [{"start": 0, "end": 1}],
                    "context": f"{n} " * 25_000,
                    "text": f"{n} " * 5_000,
                    "assessments": [{"reviewer": "admin", "verdict": "true", "rationale": "x" * 20_000}],
                }
            ],
        }
    )
    for n in range(MANY)
]


def bring_in(port: int, lines: list[str]) -> None:
    with connection(port) as opened:
        opened.request("POST", "/v1/projects/default/imports", "\n".join(lines).encode(), NDJSON)
        report = json.loads(opened.getresponse().read())
        assert report["created"] == len(lines), report


def dossiers(body: bytes) -> list[Any]:
    """Those of an export by lines, which is whole."""
    *found, end = [json.loads(line) for line in body.splitlines()]
    assert end == {"end": {"dossiers": len(found)}}
    return found


def export(port: int, **headers: str) -> bytes:
    """The project's export by lines; one that finds the places of its process taken asks again."""
    for _ in range(200):
        with connection(port) as opened:
            opened.request("GET", f"{EXPORT}ndjson", headers={**BEARER, **headers})
            response = opened.getresponse()
            body = response.read()
            if response.status == 200:
                return gzip.decompress(body) if response.headers["Content-Encoding"] == "gzip" else body
        assert response.status == 503
        time.sleep(0.05)
    raise AssertionError("exports stayed unavailable")


def test_an_export_among_a_thousand_writes_is_of_one_moment(empty_database: Settings) -> None:
    """Each writer makes its next claim when the one before is acknowledged, from the last article to the first. So
    what is there at any one moment is the first so many of each; and an export reads the first article first."""
    with claimspan(empty_database.database_url, TOKEN, workers=2, pool_size=4) as port:
        bring_in(
            port, [json.dumps({"article": {"external_id": f"a-{n}", "text": "word " * 400}}) for n in range(ARTICLES)]
        )
        ids = [each["article"]["id"] for each in dossiers(export(port))]
        acknowledged, done = [0] * WRITERS, Event()

        def write(writer: int) -> None:
            for n in range(WRITES):
                spans = [{"start": 0, "end": 4}]
                claim = {"spans": spans, "external_id": f"{writer}-{n}", "text": f"{writer} {n}"}
                assert ask(port, "POST", f"/v1/articles/{ids[-1 - n % ARTICLES]}/claims", claim)[0] == 201
                acknowledged[writer] = n + 1

        def read() -> list[int]:
            seen = []
            while not done.is_set():
                least = list(acknowledged)
                body = export(port)
                claims = [claim["text"].split() for each in dossiers(body) for claim in each["claims"]]
                for writer in range(WRITERS):
                    written = sorted(int(n) for who, n in claims if int(who) == writer)
                    assert written == list(range(len(written)))
                    assert len(written) >= least[writer]
                seen.append(len(claims))
            return seen

        with ThreadPoolExecutor(WRITERS + 1) as pool:
            reading = pool.submit(read)
            writing = [pool.submit(write, writer) for writer in range(WRITERS)]
            try:
                for each in writing:
                    each.result()
            finally:
                done.set()
            seen = reading.result()
        assert len([number for number in seen if 0 < number < WRITERS * WRITES]) >= 3
        assert sum(len(each["claims"]) for each in dossiers(export(port))) == WRITERS * WRITES


@pytest.fixture
def settings(empty_database: Settings) -> Settings:
    """A database that holds more than what may wait between server and client."""
    with claimspan(empty_database.database_url, TOKEN) as port:
        bring_in(port, LINES)
    return empty_database


def spoil(settings: Settings, article: str) -> None:
    """Puts something into the row of a claim that nobody can read."""
    database = Database(settings)
    sql = "UPDATE claims SET tags = '{' WHERE article IN (SELECT id FROM articles WHERE external_id = :article)"
    assert database.write(lambda tx: tx.execute(sa.text(sql), {"article": article}).rowcount) == 1
    database.close()


def fetched(port: int, format: str, **headers: str) -> tuple[int, bytes]:
    """An export as a client has it that takes the end of the answer for the end of the file."""
    with connection(port) as opened:
        opened.request("GET", EXPORT + format, headers={**BEARER, **headers})
        response = opened.getresponse()
        return response.status, response.read()


def is_whole(format: str, file: bytes) -> bool:
    """Whether its end says so."""
    if format == "brat":
        return is_zipfile(BytesIO(file))
    if format == "csv":
        return not list(csv.reader(StringIO(file.decode(), newline="")))[-1][0].startswith("BROKEN OFF")
    ends = {
        "ndjson": b'{"end":{"dossiers":%d}}\n' % MANY,
        "conll": b"# end = %d articles\n" % MANY,
        "html": b"</html>\n",
    }
    if format in ends:
        return file.endswith(ends[format])
    try:
        return bool(json.loads(file))
    except ValueError:
        return False


def test_an_export_that_the_server_cannot_finish_shows_it_in_its_last_line(settings: Settings) -> None:
    with claimspan(settings.database_url, TOKEN) as port:
        files = {format: fetched(port, format)[1] for format in formats()}
        spoil(settings, "a-90")
        cut = {format: fetched(port, format) for format in formats()}
        for format, (status, file) in cut.items():
            assert is_whole(format, files[format]), format
            assert not is_whole(format, file), format
            assert status == (500 if format == "brat" else 200)  # so much fits into the first piece, if packed
            assert len(file) < len(files[format])
        with pytest.raises(EOFError):
            gzip.decompress(fetched(port, "csv", **{"Accept-Encoding": "gzip"})[1])
        spoil(settings, "a-0")
        for format in formats():
            status, body = fetched(port, format, **{"Accept-Encoding": "gzip"})
            assert (status, json.loads(body)["code"]) == (500, "internal"), format
        # None of them has kept its place.
        assert ask(port, "GET", EXPORT + "ndjson&status=withdrawn")[0] == 200


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to find the workers")
def test_an_export_from_a_server_that_is_killed_is_not_taken_for_whole(settings: Settings) -> None:
    with claimspan(settings.database_url, TOKEN, workers=1) as port, connection(port) as opened:
        opened.request("GET", f"{EXPORT}ndjson", headers=BEARER)
        response = opened.getresponse()
        assert (response.status, response.headers["Transfer-Encoding"]) == (200, "chunked")
        for pid in service(port)[1:]:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises((http.client.IncompleteRead, OSError)):
            response.read()
