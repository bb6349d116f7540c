"""Real servers for benchmarks and tests: started on a free port, stopped at the end."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 120
"""How long a server may take to begin to answer, on a machine that has much else to do."""


@contextmanager
def running(
    command: list[str], port: int, path: str, environ: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[int]:
    """The port of a server that has begun to answer on `path`. It gets SIGTERM in the end.

    What it says on standard error goes into `log`; else it is shown only if the server does not come to answer.
    """
    with log.open("ab") if log else tempfile.TemporaryFile() as said:
        environ = {**os.environ, **(environ or {})}
        server = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=said
        )
        try:
            _wait_until_it_answers(server, port, path)
            yield port
        except NotAnswering:
            if not log:
                said.seek(0)
                sys.stderr.write(said.read().decode(errors="replace"))
            raise
        finally:
            _stop(server)


class NotAnswering(RuntimeError):
    """The server ended, or does not begin to answer."""


@contextmanager
def claimspan(
    database_url: str,
    token: str,
    log: Path | None = None,
    environ: Mapping[str, str] | None = None,
    **settings: object,
) -> Iterator[int]:
    """The service itself, on a database of its own, with this admin token. Requests are counted, but hardly limited."""
    port = free_port()
    given = {"database_url": database_url, "admin_token": token, "port": port, "rate_limit_per_minute": 1_000_000}
    given |= settings
    environ = {**(environ or {}), **{f"CLAIMSPAN_{name.upper()}": str(value) for name, value in given.items()}}
    with running(["flask", "--app", "app", "serve"], port, "/readyz", environ, log):
        yield port


def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise NotAnswering(f"the server ended with status {server.returncode}")
        if _answers(port, path):
            return
        time.sleep(0.1)
    raise NotAnswering("the server did not begin to answer in time")


def _answers(port: int, path: str) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False
