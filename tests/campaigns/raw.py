"""Requests byte by byte, with whatever a header or an address should not hold."""

import http.client
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    content: bytes

    @property
    def kind(self) -> str:
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""


class Raw:
    """A connection that is kept for as long as the server keeps it."""

    def __init__(self, port: int):
        self._port = port
        self._socket: socket.socket | None = None

    def send(self, method: str, target: str, headers: list[tuple[str, bytes]], body: bytes | None) -> Reply:
        lines = [f"{method} {target} HTTP/1.1".encode(), *(name.encode() + b": " + value for name, value in headers)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}".encode())
        sent = b"\r\n".join(lines) + b"\r\n\r\n" + (body or b"")
        try:
            return self._exchange(method, sent)
        except (ConnectionError, http.client.BadStatusLine):
            self._close()  # a connection that was kept too long: once more, on a new one
            return self._exchange(method, sent)

    def _exchange(self, method: str, sent: bytes) -> Reply:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        with suppress(ConnectionError):  # the server may answer before it has read all
            self._socket.sendall(sent)
        response = http.client.HTTPResponse(self._socket, method=method)
        response.begin()
        reply = Reply(response.status, response.headers, response.read())
        if response.will_close or reply.status in (400, 408, 413, 431):
            self._close()
        return reply

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
        self._socket = None


def encoded(text: str) -> str:
    """For an address: every byte but letters and digits as %XX, lone surrogates as bytes that are no UTF-8."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def header(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def strings(value: Any) -> set[str]:
    """All strings in a JSON value, names of members included."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, list):
        return set().union(*(strings(each) for each in value))
    if isinstance(value, dict):
        return set(value) | set().union(*(strings(each) for each in value.values()))
    return set()
