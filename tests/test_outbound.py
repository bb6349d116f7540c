"""The watch over sockets to other machines sees them, in processes that tests start too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.outbound.plugin import count

PLANTED = {
    "socket.create_connection(('192.0.2.1', 80), 1)": "socket.getaddrinfo '192.0.2.1'",
    "socket.socket().connect(('192.0.2.1', 80))": "socket.connect '192.0.2.1'",
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))": "socket.sendto '192.0.2.1'",
    "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 80))": "socket.connect '2001:db8::1'",
    "socket.getaddrinfo('facts.example', 443)": "socket.getaddrinfo 'facts.example'",
    "socket.gethostbyname('facts.example')": "socket.gethostbyname 'facts.example'",
    "urllib3.PoolManager(retries=False).request('GET', 'http://facts.example/')": "socket.getaddrinfo 'facts.example'",
}


def run(code: str, log: Path) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "OUTBOUND_LOG": str(log)}
    command = [sys.executable, "-c", f"import socket, urllib3; {code}"]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_call_is_refused_and_written_down(code: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    ran = run(code, log)
    assert "the tests speak to this machine alone" in ran.stderr
    assert count(log.read_text()) == 1
    assert PLANTED[code] in log.read_text()


def test_this_machine_may_be_spoken_to(tmp_path: Path) -> None:
    log = tmp_path / "log"
    names = "for name in ('127.0.0.1', '127.8.9.1', '::1', 'localhost', None): socket.getaddrinfo(name, 80)"
    exec_of = f"exec({names!r})"
    unix = f"s = socket.socket(socket.AF_UNIX); s.bind({str(tmp_path / 's')!r}); s.listen()"
    ran = run(f"{exec_of}; {unix}; socket.socket(socket.AF_UNIX).connect({str(tmp_path / 's')!r})", log)
    assert (ran.returncode, ran.stderr, log.exists()) == (0, "", False)
