"""Bodies that the real server can't bring in to their end, or that come slowly: each is named, and nobody waits."""

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.asking import ARTICLES, ask, connection
from tests.test_import_server import BODY, IMPORTS, LINES, NDJSON, begin, check_whole, chunk, send, settled

MEGABYTE = 2**20


def refused(port: int, pieces: Iterator[bytes], **headers: str) -> dict[str, Any]:
    """The problem that an upload in chunks is answered with."""
    with connection(port) as opened:
        try:
            opened.request("POST", IMPORTS, pieces, {**NDJSON, **headers}, encode_chunked=True)
        except OSError:
            return {}  # the server had hung up before the end
        response = opened.getresponse()
        problem: dict[str, Any] = json.loads(response.read())
        assert response.status == 400
        return problem


def failures(port: int, report: dict[str, Any]) -> list[tuple[int, str]]:
    items = ask(port, "GET", f"/v1/imports/{report['id']}/failures")[1]["items"]
    return [(failure["line"], failure["code"]) for failure in items]


def test_a_line_of_50_megabytes_is_named_and_the_others_come_in(port: int) -> None:
    first, second = LINES[:2]
    long = (b'{"article": {"text": "', *(b"x" * MEGABYTE for _ in range(50)), b'"}}\n')
    pieces = iter((first + b"\n", *long, second + b"\n"))
    report = send(port, pieces, **{"Transfer-Encoding": "chunked"})
    assert (report["state"], report["lines"], report["created"], report["failed"]) == ("finished", 3, 2, 1)
    assert failures(port, report) == [(2, "line_too_long")]
    assert check_whole(port) == 2


def test_what_is_no_ndjson_fails_line_by_line(port: int) -> None:
    report = send(port, b"<html>\n<body>\n\x00\n</html>\n")
    assert (report["state"], report["created"], report["failed"]) == ("finished", 0, 4)
    assert failures(port, report) == [(n, "malformed") for n in range(1, 5)]


def test_a_bomb_is_refused_and_what_came_before_it_is_in(port: int) -> None:
    good = gzip.compress(LINES[0] + b"\n")
    bomb = gzip.compress(b" " * (200 * MEGABYTE), 9)
    problem = refused(port, iter((good, bomb)), **{"Content-Encoding": "gzip"})
    report = settled(port)
    assert (report["state"], report["created"]) == ("failed", 1)
    assert "250 bytes" in report["detail"]
    if problem:
        assert (problem["code"], problem["import"], problem["detail"]) == ("malformed", report["id"], report["detail"])
    assert check_whole(port) == 1


@pytest.mark.parametrize("size", [1, 2_000, -1])
def test_gzip_that_is_cut_off_is_refused_and_comes_with_the_next_try(port: int, size: int) -> None:
    packed = gzip.compress(BODY)
    problem = refused(port, iter((packed[:size],)), **{"Content-Encoding": "gzip"})
    report = settled(port)
    assert (problem["code"], problem["import"], report["state"]) == ("malformed", report["id"], "failed")
    assert "cut off" in problem["detail"]
    assert check_whole(port) == report["created"]
    again = send(port, packed, **{"Content-Encoding": "gzip"})
    assert (again["created"], again["unchanged"], again["failed"]) == (300 - report["created"], report["created"], 0)


def test_others_read_and_write_while_a_file_comes_slowly(port: int) -> None:
    step = len(BODY) // 10
    with begin(port, "Transfer-Encoding: chunked") as client:
        for n, at in enumerate(range(0, len(BODY), step)):
            client.sendall(chunk(BODY[at : at + step]))
            for _ in range(4):  # enough to reach both processes, and the thread beside the import
                assert ask(port, "GET", ARTICLES)[0] == 200
            assert ask(port, "POST", ARTICLES, {"text": "Meanwhile.", "external_id": f"meanwhile-{n}"})[0] == 201
            time.sleep(0.05)
        client.sendall(chunk(b""))
        assert client.recv(100).startswith(b"HTTP/1.1 201")
    assert settled(port)["created"] == 300
