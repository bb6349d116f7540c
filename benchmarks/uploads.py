"""Files of dossiers sent to a server, by a client that holds one piece at a time."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.memory import peak, resident

PIECE = 65_536


@dataclass(frozen=True)
class Sent:
    """What came of an upload: the report, and what it took in seconds and in bytes of the client."""

    report: dict[str, Any]
    seconds: float
    growth: int


def upload(port: int, token: str, project: str, file: Path) -> Sent:
    """Sends the file in chunks, as it is read. In a process of its own, `growth` is what that takes."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    if file.suffix == ".gz":
        headers["Content-Encoding"] = "gzip"
    before, begun = resident(), time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", f"/v1/projects/{project}/imports", _pieces(file), headers, encode_chunked=True)
    response = connection.getresponse()
    report = json.loads(response.read())
    if response.status != 201:
        raise RuntimeError(f"{response.status}: {report}")
    return Sent(report, time.perf_counter() - begun, peak() - before)


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        yield from iter(lambda: opened.read(PIECE), b"")
