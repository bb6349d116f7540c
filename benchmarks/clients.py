"""Clients that cost little: processes with one kept-alive socket each, requests made beforehand."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Sequence

Requests = Callable[[int], Sequence[bytes]]
"""The requests that the client of this number repeats, in turn."""


def request(method: str, path: str, token: str = "", body: bytes = b"", **headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def per_second(port: int, clients: int, seconds: float, status: int, requests: Requests) -> float:
    """Answers a second that all clients together got in that time; every one must have `status`."""
    ready, counts = multiprocessing.Barrier(clients), multiprocessing.Queue()
    inputs = [(port, seconds, status, requests(n), ready, counts) for n in range(clients)]
    processes = [multiprocessing.Process(target=_ask, args=each) for each in inputs]
    for process in processes:
        process.start()
    results = [counts.get(timeout=seconds + 30) for _ in processes]
    for process in processes:
        process.join()
    failed = [result for result in results if isinstance(result, str)]
    if failed:
        raise RuntimeError(failed[0])
    return sum(results)


def _ask(port: int, seconds: float, status: int, requests: Sequence[bytes], ready, counts) -> None:  # type: ignore[no-untyped-def]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        expected = f"HTTP/1.1 {status} ".encode()
        ready.wait()
        begun, answered = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            connection.sendall(requests[answered % len(requests)])
            answer = _answer(connection)
            if not answer.startswith(expected):
                counts.put(f"expected {status}, found {answer[:600]!r}")
                return
            answered += 1
        counts.put(answered / (time.perf_counter() - begun))


def _answer(connection: socket.socket) -> bytes:
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += connection.recv(65536)
    head = answer[:end].lower()
    at = head.find(b"content-length:")
    length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    missing = end + 4 + length - len(answer)
    while missing > 0:
        piece = connection.recv(min(missing, 1 << 20))
        answer += piece
        missing -= len(piece)
    return answer
