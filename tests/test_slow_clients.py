"""Clients that send the head of a request slowly, or never to its end."""

import socket

from api.settings import Settings
from benchmarks.server import claimspan
from tests.asking import TOKEN, ask


def test_five_hundred_half_sent_heads_hold_nobody_up_and_are_ended(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, workers=2, header_timeout_s=2) as port:
        slow = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(500)]
        for each in slow:
            each.sendall(b"GET /v1/me HTTP/1.1\r\nHost: x\r\nX-Never-Ends: ")
        assert ask(port, "GET", "/v1/me")[0] == 200
        assert {each.recv(100) for each in slow} == {b""}
        for each in slow:
            each.close()
        assert ask(port, "GET", "/v1/me")[0] == 200


def test_nobody_gets_round_the_limit_by_another_protocol(empty_database: Settings) -> None:
    with (
        claimspan(empty_database.database_url, TOKEN, header_timeout_s=2) as port,
        socket.create_connection(("127.0.0.1", port), timeout=20) as idle,
    ):
        idle.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0")  # and empty settings
        while idle.recv(100):
            pass  # or else it times out


def test_a_browser_is_told_by_the_server_itself_what_it_may_do(empty_database: Settings) -> None:
    with claimspan(empty_database.database_url, TOKEN, cors_origins="https://desk.example") as port:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as browser:
            lines = ["OPTIONS /v1/me HTTP/1.1", "Host: x", "Origin: https://desk.example"]
            lines += ["Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization", "", ""]
            browser.sendall("\r\n".join(lines).encode())
            told = browser.recv(10_000).decode().lower()
        assert told.startswith("http/1.1 204")
        assert "access-control-allow-origin: https://desk.example" in told
