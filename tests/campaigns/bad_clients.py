"""Clients that do not keep their side: that send half of something, or read slowly, or are gone."""

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import orjson

from tests.campaigns.serving import Client, kill_worker
from tests.campaigns.stage import BOX, Stage
from tests.campaigns.world import TEXT, TOKEN, words

HALF_SENT = 500
LINES = 400
IMPORTS, EXPORT = "/v1/projects/default/imports", "/v1/projects/default/export"


@contextmanager
def half_sent_heads(stage: Stage) -> Iterator[None]:
    """Hundreds of connections on which the head of a request does not end."""
    with _connections(stage, HALF_SENT, b"GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthoriz"):
        yield


@contextmanager
def half_sent_bodies(stage: Stage) -> Iterator[None]:
    """Requests with half a body, from holders of a valid token, more of them than there are threads to work."""
    head = _head("POST", BOX, "Content-Type: application/json", "Content-Length: 100")
    with _connections(stage, 40, head + b'{"text": "The city'):
        yield


@contextmanager
def slow_readers(stage: Stage) -> Iterator[None]:
    """Exports that nobody reads to their end."""
    _fill(stage)
    with _connections(stage, 8, _head("GET", EXPORT)):
        yield


@contextmanager
def gone_in_exports(stage: Stage) -> Iterator[None]:
    """Exports that are broken off by their clients."""
    _fill(stage)
    for _ in range(20):
        with _connections(stage, 1, _head("GET", EXPORT)):
            pass
    yield
    exported = Client(stage.port).insist("GET", f"{EXPORT}?format=ndjson")
    stage.expect("an export comes whole", exported.status == 200 and b'"dossiers":' in exported.body.splitlines()[-1])


@contextmanager
def gone_in_imports(stage: Stage) -> Iterator[None]:
    """Imports that are broken off by their clients: what was reported is in, and the file can be sent again."""
    client, lines = Client(stage.port), _lines()
    body = b"".join(lines)
    half = body[: len(body) // 2]
    head = _head("POST", IMPORTS, "Content-Type: application/x-ndjson", f"Content-Length: {len(body)}")
    with _connections(stage, 1, head + half):
        _wait_until(lambda: _reports(client) and _reports(client)[0]["lines"])
    yield
    _wait_until(lambda: _reports(client)[0]["state"] != "running")
    report = _reports(client)[0]
    stage.expect("the report says that it broke off", report["state"] == "failed" and "broke off" in report["detail"])
    stage.expect("some lines are in", 0 < report["created"] < len(lines))
    again = client.insist("POST", IMPORTS, body, Content_Type="application/x-ndjson").json
    told = (again["unchanged"], again["created"], again["failed"])
    stage.expect(
        f"the rest of {len(lines)} comes in after {report}, but {again}",
        told == (report["created"], len(lines) - report["created"], 0),
    )


@contextmanager
def killed_worker(stage: Stage) -> Iterator[None]:
    """One of the workers ends at once."""
    kill_worker(stage.port)
    yield


@contextmanager
def _connections(stage: Stage, number: int, sent: bytes) -> Iterator[None]:
    """That many connections on which this was sent, and nothing more is until they close."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as opened:
        for _ in range(number):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", stage.port), timeout=20))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(sent)
        time.sleep(0.3)
        yield


def _head(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def _lines() -> list[bytes]:
    """Dossiers, each with an article of its own and a few claims."""
    claims = [{"external_id": f"c-{m}", "spans": [words(m)]} for m in range(5)]
    articles = ({"external_id": f"a-{n}", "text": f"{TEXT}Day {n}."} for n in range(LINES))
    return [orjson.dumps({"article": article, "claims": claims}) + b"\n" for article in articles]


def _fill(stage: Stage) -> None:
    Client(stage.port).insist("POST", IMPORTS, b"".join(_lines()), Content_Type="application/x-ndjson")
    large = {"text": "The city planted trees. " * 80_000}
    for _ in range(10):
        Client(stage.port).insist("POST", BOX, large)


def _reports(client: Client) -> list[dict[str, object]]:
    return list(client.send("GET", IMPORTS).json["items"])


def _wait_until(holds: object) -> None:
    for _ in range(1200):
        if holds():  # type: ignore[operator]
            return
        time.sleep(0.05)
