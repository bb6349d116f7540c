"""Requests to a real server, in the name of its admin."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TOKEN = "cs_" + "server-test-token".ljust(43, "0")
BEARER = {"Authorization": f"Bearer {TOKEN}"}
JSON = {**BEARER, "Content-Type": "application/json"}
ARTICLES = "/v1/projects/default/articles"
IMPORTS = "/v1/projects/default/imports"


@contextmanager
def connection(port: int) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        yield opened
    finally:
        opened.close()


def ask(port: int, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
    with connection(port) as opened:
        sent = json.dumps(body).encode() if body is not None else None
        opened.request(method, path, sent, JSON if sent else BEARER, **options)
        response = opened.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None
