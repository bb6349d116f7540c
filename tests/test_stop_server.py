"""The real server told to stop: what it has begun it finishes, nothing new begins, nothing is left behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from api.settings import Settings
from benchmarks.memory import service
from benchmarks.server import ROOT, _answers, free_port
from tests.asking import BEARER, TOKEN, ask, connection

EXPORT = "/v1/projects/default/export?format=ndjson"
IMPORTS = "/v1/projects/default/imports"


@contextmanager
def server(settings: Settings, log: Path, **more: object) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """A server in a process group of its own, for the test to end."""
    port = free_port()
    given = {"database_url": settings.database_url, "admin_token": TOKEN, "port": port, "stop_seconds": 20, **more}
    environ = {**os.environ, **{f"CLAIMSPAN_{name.upper()}": str(value) for name, value in given.items()}}
    command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=said, start_new_session=True)
    try:
        for _ in range(300):
            if _answers(port, "/readyz"):
                break
            time.sleep(0.1)
        yield port, process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until_refused(port: int) -> None:
    for _ in range(100):
        if is_refused(port):
            return
        time.sleep(0.1)
    raise AssertionError("the server goes on taking connections")


def folder_of_counts(port: int) -> Path:
    """Where the service on this port counts: its workers have files of it in memory."""
    maps = Path(f"/proc/{service(port)[1]}/maps").read_text()
    return Path(re.findall(r"/\S+/claimspan-\w+(?=/)", maps)[0])


def test_what_killed_servers_have_left_in_memory_goes_with_the_next_start(
    empty_database: Settings, tmp_path: Path
) -> None:
    with server(empty_database, tmp_path / "log") as (port, _):
        left = folder_of_counts(port)
        for pid in service(port):
            os.kill(pid, signal.SIGKILL)
    assert left.exists()
    with server(empty_database, tmp_path / "log") as (port, _):
        assert folder_of_counts(port) != left
        assert not left.exists()
        with server(Settings(database_url=f"sqlite:///{tmp_path / 'other.db'}"), tmp_path / "log") as (other, _):
            assert folder_of_counts(other).exists()
            assert folder_of_counts(port).exists()


def piece(text: str) -> bytes:
    body = text.encode()
    return b"%x\r\n%s\r\n" % (len(body), body)


def test_an_import_and_an_export_under_way_are_finished(empty_database: Settings, tmp_path: Path) -> None:
    lines = [json.dumps({"article": {"external_id": f"a-{n}", "text": f"{n} " * 200_000}}) + "\n" for n in range(40)]
    with server(empty_database, tmp_path / "log", threads=4, workers=1) as (port, process):
        with connection(port) as opened:
            opened.request("POST", IMPORTS, "".join(lines), {**BEARER, "Content-Type": "application/x-ndjson"})
            assert opened.getresponse().status == 201
        counts = folder_of_counts(port)
        with socket.create_connection(("127.0.0.1", port)) as sending, connection(port) as reading:
            head = [f"POST {IMPORTS} HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}"]
            head += ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked", "", ""]
            sending.sendall("\r\n".join(head).encode())
            sending.sendall(piece('{"article": {"external_id": "b-0", "text": "first"}}\n'))
            reading.request("GET", EXPORT, headers=BEARER)
            export = reading.getresponse()
            assert export.status == 200
            begun = export.read(1000)
            process.terminate()
            wait_until_refused(port)
            sending.sendall(piece('{"article": {"external_id": "b-1", "text": "second"}}\n') + b"0\r\n\r\n")
            answer = b""
            while received := sending.recv(65536):
                answer += received
            body = begun + export.read()
        assert process.wait(30) == 0
    assert answer.startswith(b"HTTP/1.1 201")
    assert b'"created":2' in answer
    assert body.endswith((b'{"end":{"dossiers":40}}\n', b'{"end":{"dossiers":41}}\n'))
    assert not counts.exists()
    if empty_database.database_url.startswith("sqlite"):
        kept = Path(empty_database.database_url.removeprefix("sqlite:///"))
        left = {path.name for path in kept.parent.glob(f"{kept.name}*")}
        assert {name for name in left if "-quotas" not in name} == {kept.name, f"{kept.name}-turn", f"{kept.name}-use"}


def test_what_takes_longer_than_it_may_is_cut_off(empty_database: Settings, tmp_path: Path) -> None:
    with (
        server(empty_database, tmp_path / "log", stop_seconds=1) as (port, process),
        socket.create_connection(("127.0.0.1", port)) as sending,
    ):
        head = [f"POST {IMPORTS} HTTP/1.1", "Host: x", f"Authorization: Bearer {TOKEN}"]
        head += ["Content-Type: application/x-ndjson", "Transfer-Encoding: chunked", "", ""]
        sending.sendall("\r\n".join(head).encode() + piece('{"article": {"external_id": "b", "text": "x"}}\n'))
        while not ask(port, "GET", IMPORTS)[1]["items"]:
            time.sleep(0.1)
        process.terminate()
        assert process.wait(15) == 0
        assert sending.recv(100) == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_its_processes_at_once_ends_it_too(
    empty_database: Settings, tmp_path: Path, number: signal.Signals
) -> None:
    """So do Ctrl-C in a terminal, and systemd if it is not told otherwise."""
    log = tmp_path / "log"
    for _ in range(3):
        with server(empty_database, log, stop_seconds=60) as (port, process):
            assert ask(port, "GET", "/v1/me")[0] == 200
            os.killpg(process.pid, number)
            assert process.wait(30) == 0


def test_a_worker_told_to_stop_before_its_first_instruction_ends() -> None:
    """A signal just after the fork, when the handler is still its parent's."""
    code = """
import os, signal, sys, time
from api.commands import ends
signal.signal(signal.SIGTERM, lambda *_: None)
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGTERM))
ends.heed_in_workers()
child = os.fork()
if child == 0:
    time.sleep(20)
    os._exit(7)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


def test_a_server_told_to_stop_while_its_workers_start_stops_at_once(empty_database: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with server(empty_database, log, workers=4, stop_seconds=60) as (_, process):
        process.terminate()
        assert process.wait(20) == 0
