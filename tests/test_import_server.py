"""Imports through the real server: cut off in the middle, and sent again."""

import gzip
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from benchmarks.memory import service
from tests.asking import BEARER, ask, connection

IMPORTS = "/v1/projects/default/imports"
LINES = [
    json.dumps(
        {
            "article": {"external_id": f"a-{n}", "text": f"{n}: " + "The city planted 4,000 trees. " * 50},
            "claims": [{"external_id": f"c-{m}", "spans": [{"start": m * 30, "end": m * 30 + 20}]} for m in range(5)],
        }
    ).encode()
    for n in range(300)
]
BODY = b"\n".join(LINES) + b"\n"
NDJSON = {**BEARER, "Content-Type": "application/x-ndjson"}


def send(port: int, body: Any, **headers: str) -> dict[str, Any]:
    """The report of an import; one that finds all places taken by others is sent again."""
    for _ in range(100):
        with connection(port) as opened:
            opened.request("POST", IMPORTS, body, {**NDJSON, **headers}, encode_chunked="Transfer-Encoding" in headers)
            response = opened.getresponse()
            report: dict[str, Any] = json.loads(response.read())
        if response.status == 201:
            return report
        assert response.status == 503, report
        time.sleep(0.1)
    raise AssertionError("imports stayed unavailable")


def begin(port: int, *headers: str) -> socket.socket:
    """A connection on which an import has begun."""
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    head = [f"POST {IMPORTS} HTTP/1.1", "Host: x", *(f"{name}: {value}" for name, value in NDJSON.items()), *headers]
    client.sendall(("\r\n".join([*head, "", ""])).encode())
    return client


def chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def settled(port: int) -> dict[str, Any]:
    """The newest report, once its import no longer runs."""
    for _ in range(100):
        reports: list[dict[str, Any]] = ask(port, "GET", IMPORTS)[1]["items"]
        if reports and reports[0]["state"] != "running":
            return reports[0]
        time.sleep(0.1)
    raise AssertionError("the import goes on")


def check_whole(port: int) -> int:
    """The number of articles; each has all its claims."""
    for _ in range(100):
        status, export = ask(port, "GET", "/v1/projects/default/export")
        if status == 200:
            break
        time.sleep(0.1)  # an import or an export has the place
    dossiers = export["dossiers"]
    assert all(len(dossier["claims"]) == 5 for dossier in dossiers)
    assert len({dossier["article"]["external_id"] for dossier in dossiers}) == len(dossiers)
    return len(dossiers)


@pytest.mark.parametrize("chunked", [False, True])
def test_an_upload_cut_off_in_the_middle_leaves_whole_lines_and_comes_with_the_next(port: int, chunked: bool) -> None:
    half = BODY[: len(BODY) // 2 - 100]
    if chunked:
        with begin(port, "Transfer-Encoding: chunked") as client:
            client.sendall(chunk(half))
    else:
        with begin(port, f"Content-Length: {len(BODY)}") as client:
            client.sendall(half)
    report = settled(port)
    assert report["state"] == "failed"
    assert "broke off" in report["detail"]
    assert 100 < report["created"] < 160
    assert check_whole(port) == report["created"]
    again = send(port, BODY)
    assert (again["created"], again["unchanged"], again["failed"]) == (300 - report["created"], report["created"], 0)
    assert check_whole(port) == 300


def test_its_progress_can_be_read_while_it_arrives(port: int) -> None:
    with begin(port, "Transfer-Encoding: chunked") as client:
        client.sendall(chunk(BODY[: len(BODY) // 2]))
        for _ in range(100):
            (report,) = ask(port, "GET", IMPORTS)[1]["items"] or [{"created": 0}]
            if report["created"] >= 100:
                break
            time.sleep(0.1)
        assert (report["state"], report["finished_at"]) == ("running", None)
        client.sendall(chunk(BODY[len(BODY) // 2 :]) + chunk(b""))
        assert client.recv(100).startswith(b"HTTP/1.1 201")
    assert settled(port)["created"] == 300


def test_a_packed_upload_in_pieces_comes_whole(port: int) -> None:
    packed = gzip.compress(BODY)
    pieces = [packed[at : at + 1000] for at in range(0, len(packed), 1000)]
    report = send(port, pieces, **{"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"})
    assert (report["lines"], report["created"]) == (300, 300)


def test_the_same_file_twice_at_once_is_in_once(port: int) -> None:
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda body: send(port, body), (BODY, b"\n".join(reversed(LINES)))))
    assert [report["failed"] for report in reports] == [0, 0]
    assert sum(report["created"] for report in reports) == 300
    assert check_whole(port) == 300


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to find the workers")
def test_a_killed_server_has_kept_what_it_reported(own_port: int) -> None:
    with begin(own_port, "Transfer-Encoding: chunked") as client:
        client.sendall(chunk(BODY[: len(BODY) // 2]))
        while not (found := ask(own_port, "GET", IMPORTS)[1]["items"]) or not found[0]["created"]:
            time.sleep(0.01)
        reported = found[0]["created"]
        for pid in service(own_port)[1:]:
            os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        try:
            assert ask(own_port, "GET", "/readyz")[0] == 200
            break
        except OSError:
            time.sleep(0.1)
    kept = check_whole(own_port)
    assert kept >= reported
    again = send(own_port, BODY)
    assert (again["created"], again["unchanged"], again["failed"]) == (300 - kept, kept, 0)
    assert check_whole(own_port) == 300
