"""The real server, as `make run` starts it, on both engines."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from benchmarks.memory import service
from benchmarks.server import claimspan, free_port
from tests.asking import ARTICLES, IMPORTS, JSON, TOKEN, ask, connection


def test_it_is_alive_ready_and_serves_its_documents(port: int) -> None:
    assert ask(port, "GET", "/healthz") == (200, {"status": "ok"})
    assert ask(port, "GET", "/readyz") == (200, {"status": "ok"})
    assert ask(port, "GET", "/openapi.json")[1]["info"]["title"] == "Claimspan"


def patient_export(port: int) -> Any:
    """The project's export, once the server has noticed that others broke theirs off."""
    for _ in range(50):
        status, export = ask(port, "GET", "/v1/projects/default/export")
        if status == 200:
            return export
        assert status == 503
        time.sleep(0.2)
    raise AssertionError("exports stayed unavailable")


def test_a_body_in_chunks_is_read_and_limited(port: int) -> None:
    pieces = [b'{"text": "', b"chunk " * 1000, b'"}']
    with connection(port) as opened:
        opened.request("POST", ARTICLES, iter(pieces), JSON, encode_chunked=True)
        response = opened.getresponse()
        assert (response.status, json.loads(response.read())["code_points"]) == (201, 6000)
    with connection(port) as opened:
        flood = (b"x" * 2**20 for _ in range(40))
        try:
            opened.request("POST", ARTICLES, flood, JSON, encode_chunked=True)
        except OSError:
            return  # the server had hung up on us
        assert opened.getresponse().status == 413


def test_an_export_broken_off_by_its_client_holds_nothing_up(port: int) -> None:
    for n in range(30):
        assert ask(port, "POST", ARTICLES, {"text": "x" * 100_000, "external_id": f"a{n}"})[0] == 201
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", port)) as client:
            lines = [
                f"GET {ARTICLES.replace('articles', 'export')} HTTP/1.1",
                "Host: x",
                f"Authorization: Bearer {TOKEN}",
            ]
            client.sendall("\r\n".join([*lines, "", ""]).encode())
            client.recv(1000)
    assert len(patient_export(port)["dossiers"]) == 30
    assert ask(port, "POST", ARTICLES, {"text": "after"})[0] == 201


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs /proc to find the workers")
def test_what_was_acknowledged_survives_a_killed_worker(own_port: int) -> None:
    acknowledged = []
    for n in range(60):
        if n == 20:
            os.kill(service(own_port)[1], signal.SIGKILL)
        try:
            status, article = ask(own_port, "POST", ARTICLES, {"text": f"Text {n}"})
        except OSError:
            continue
        assert status == 201
        acknowledged.append(article["id"])
    time.sleep(1)
    stored = {article["id"] for article in ask(own_port, "GET", f"{ARTICLES}?limit=200")[1]["items"]}
    assert set(acknowledged) <= stored
    assert len(acknowledged) >= 50


def test_clients_that_read_slowly_leave_a_thread_for_others(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, workers=1, threads=2, pool_size=4) as port:
        for n in range(30):
            assert ask(port, "POST", ARTICLES, {"text": f"{n} " * 200_000})[0] == 201
        request = f"GET /v1/projects/default/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", port)) as slow:
            slow.sendall(request.encode())
            assert slow.recv(100).startswith(b"HTTP/1.1 200")
            assert ask(port, "GET", "/v1/me")[0] == 200
            assert ask(port, "GET", "/v1/projects/default/export")[0] == 503
            assert ask(port, "POST", ARTICLES, {"text": "meanwhile"})[0] == 201
        export = patient_export(port)
        assert len(export["dossiers"]) == 31


def test_half_sent_bodies_hold_up_nobody_where_threads_wait_for_them(empty_database: Settings) -> None:
    head = f"POST {{}} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: {{}}\r\n"
    body = b'{"text": "at last"}'
    with (
        claimspan(empty_database.database_url, TOKEN, workers=1, threads=2, waiting_threads=8) as port,
        ExitStack() as s,
    ):
        clients = [s.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(7)]
        for client in clients[:6]:
            client.sendall(f"{head.format(ARTICLES, 'application/json')}Content-Length: {len(body)}\r\n\r\n".encode())
            client.sendall(body[:9])
        clients[6].sendall(f"{head.format(IMPORTS, 'application/x-ndjson')}Content-Length: 100\r\n\r\n{{".encode())
        time.sleep(0.5)
        assert ask(port, "GET", "/v1/me")[0] == 200
        assert ask(port, "POST", ARTICLES, {"text": "meanwhile"})[0] == 201
        for client in clients[:6]:
            client.sendall(body[9:])
            assert client.recv(1000).startswith(b"HTTP/1.1 201")


def test_a_token_that_is_revoked_while_the_body_comes_lets_nothing_in(port: int) -> None:
    token = ask(port, "POST", "/v1/tokens", {"scopes": ["read", "write"]})[1]
    head = f"POST {ARTICLES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token['token']}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 15\r\n\r\n".encode())
        client.sendall(b'{"text"')
        time.sleep(0.5)
        assert ask(port, "DELETE", f"/v1/tokens/{token['id']}")[0] == 204
        client.sendall(b': "hey"}')
        assert client.recv(1000).startswith(b"HTTP/1.1 401")
    assert ask(port, "GET", ARTICLES)[1]["items"] == []


def refused_start(**settings: object) -> str:
    """What a server says that does not come up."""
    environ = {**os.environ, **{f"CLAIMSPAN_{name.upper()}": str(value) for name, value in settings.items()}}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    second = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    return second.stderr


def test_a_port_in_use_is_refused(port: int, tmp_path: Path) -> None:
    said = refused_start(port=port, database_url=f"sqlite:///{tmp_path / 'y.db'}")
    assert f"can't listen on 127.0.0.1:{port}" in said


def test_what_keeps_it_from_starting_is_said_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    here, away = f"sqlite:///{tmp_path / 'y.db'}", f"postgresql://claimspan@127.0.0.1:{free_port()}/claimspan"
    cases: list[tuple[dict[str, object], str]] = [
        ({"database_url": f"sqlite:///{file}/x.db"}, str(file)),
        ({"database_url": here, "admin_token_file": file / "token"}, str(file)),
        ({"database_url": away}, "Connection refused"),
    ]
    for settings, names in cases:
        said = refused_start(port=free_port(), **settings)
        assert ("Traceback" in said, names in said) == (False, True), said
