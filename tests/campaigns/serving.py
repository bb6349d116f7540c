"""The service as it is run, with several workers, and clients that hold their connections."""

import http.client
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from typing import Any, NamedTuple

from benchmarks.memory import service
from benchmarks.server import claimspan
from tests.campaigns.world import TOKEN

WORKERS = 2


@contextmanager
def serving(url: str, environ: Mapping[str, str] | None = None, **settings: object) -> Iterator[int]:
    """The port of the service on that database."""
    with claimspan(url, TOKEN, environ=environ, **{"workers": WORKERS, **settings}) as port:
        yield port


def kill(port: int) -> None:
    """Ends the service at once; the server first, so that it replaces none of its workers."""
    for pid in service(port):
        os.kill(pid, signal.SIGKILL)


def kill_worker(port: int) -> None:
    """Ends one of its workers at once."""
    os.kill(service(port)[1], signal.SIGKILL)


class Gone(Exception):
    """No answer came, or only half of one: nobody can tell what became of the request."""


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None

    @property
    def etag(self) -> str:
        return str(self.headers["ETag"])


class Client:
    """One person at one connection, which is opened again when it is lost."""

    def __init__(self, port: int, token: str = TOKEN, timeout: float = 60):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self._bearer = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Header names come with `_` for `-`.

        Raises:
            Gone: no answer came.
        """
        given = {**self._bearer, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if body is not None:
            given.setdefault("Content-Type", "application/json")
        content = json.dumps(body).encode() if body is not None and not isinstance(body, bytes) else body
        try:
            self._connection.request(method, path, content, given)
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Gone(f"{method} {path}: {error!r}") from error

    def insist(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """As `send`, until an answer comes that is neither lost nor 503."""
        for _ in range(100):
            try:
                answer = self.send(method, path, body, **headers)
                if answer.status != 503:
                    return answer
            except Gone:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"{method} {path} stayed unanswered")

    def close(self) -> None:
        self._connection.close()
