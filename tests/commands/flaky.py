"""A way to a server on which things go wrong, as they do on the way to real ones."""

import gzip
import http.client
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import BinaryIO

Head = dict[str, str]


HOP_BY_HOP = ("connection", "content-length", "transfer-encoding", "date", "server")
Trouble = str | tuple[int, Head]
"""What goes wrong with a request. "hang up": the connection ends before it is read; "lose": it arrives, its answer
does not; "cut": half of the answer comes; "cut inside": all chunks come, with half of what was packed; a status with
headers: an answer of somebody on the way; "close": this way is closed from now on."""


class Way(socketserver.ThreadingTCPServer):
    """The way to the server on the port `to`. `requests`: what clients sent, as line, headers and body."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, to: int, *troubles: Trouble):
        super().__init__(("127.0.0.1", 0), Handler)
        self.to, self.troubles = to, list(troubles)
        self.port: int = self.server_address[1]
        self.requests: list[tuple[str, Head, bytes]] = []

    def next_trouble(self) -> Trouble:
        if self.troubles[:1] == ["close"]:
            return "hang up"
        return self.troubles.pop(0) if self.troubles else "none"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news."""


class Handler(socketserver.StreamRequestHandler):
    """One request to a connection."""

    server: Way

    def handle(self) -> None:
        trouble = self.server.next_trouble()
        if trouble == "hang up":
            return
        line, head, body = read_request(self.rfile)
        self.server.requests.append((line, head, body))
        if isinstance(trouble, tuple):
            status, headers = trouble
            write_head(self.wfile, status, {"Content-Length": "0", **headers})
            return
        status, headers, content = forwarded(self.server.to, line, head, body)
        if trouble == "lose":
            return
        if trouble == "cut inside" and "content-encoding" not in headers:
            headers, content = {**headers, "content-encoding": "gzip"}, gzip.compress(content)
        write_head(self.wfile, status, {**headers, "Transfer-Encoding": "chunked"})
        if trouble in ("cut", "cut inside"):
            content = content[: len(content) // 2]
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        if trouble != "cut":
            self.wfile.write(b"0\r\n\r\n")


@contextmanager
def flaky(to: int, *troubles: Trouble) -> Iterator[Way]:
    """A way to that port on which these things go wrong, one with each request, and then nothing."""
    with Way(to, *troubles) as way:
        thread = threading.Thread(target=way.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield way
        finally:
            way.shutdown()
            thread.join()


def forwarded(to: int, line: str, head: Head, body: bytes) -> tuple[int, Head, bytes]:
    method, path, _ = line.split(" ", 2)
    server = http.client.HTTPConnection("127.0.0.1", to, timeout=60)
    server.request(method, path, body or None, {**head, "connection": "close"})
    answer = server.getresponse()
    content = answer.read()
    server.close()
    kept = {name.lower(): value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
    return answer.status, kept, content


def read_request(file: BinaryIO) -> tuple[str, Head, bytes]:
    line = file.readline().decode().strip()
    head: Head = {}
    while field_line := file.readline().decode().strip():
        name, _, value = field_line.partition(": ")
        head[name.lower()] = value
    return line, head, file.read(int(head.get("content-length", 0)))


def write_head(file: BinaryIO, status: int, head: Head) -> None:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in head.items())]
    file.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
