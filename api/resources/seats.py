"""Seats, for a service without a proxy: so many requests are worked on at once, while more wait for slow clients.

Each request has a thread, and works only while it has a seat too; not while it waits for its client. A file streams
out without one. Threads share Python's lock, so that having all of them work would be slow.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from queue import SimpleQueue
from typing import Any

from flask import Flask, current_app

NAME = "seats"
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Seats:
    """The app, for so many requests at once.

    It stands around everything, so that who waits has hardly begun, and the queue is one without a line of Python:
    threads that take turns cost enough as it is.
    """

    def __init__(self, app: Wsgi, number: int):
        self._app = app
        self._free: SimpleQueue[None] = SimpleQueue()
        for _ in range(number):
            self._free.put(None)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self._free.get()
        try:
            return self._app(environ, start_response)
        finally:
            self._free.put(None)

    @contextmanager
    def left(self) -> Iterator[None]:
        """Gives the request's seat to others for a while."""
        self._free.put(None)
        try:
            yield
        finally:
            self._free.get()


def left() -> AbstractContextManager[None]:
    """While it lasts, the request waits for its client, and others may work."""
    seats: Seats | None = current_app.extensions.get(NAME)
    return seats.left() if seats else nullcontext()


def install(app: Flask, number: int) -> None:
    app.extensions[NAME] = app.wsgi_app = Seats(app.wsgi_app, number)  # type: ignore[method-assign]
