"""A server that is spoken to over HTTP, patiently, with a token that goes nowhere else."""

import os
import random
import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import click
import urllib3
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Retry, Timeout
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, InvalidHeader, LocationParseError, MaxRetryError, ReadTimeoutError, SSLError
from urllib3.util import Url, parse_url

from api.commands.reports import say
from api.settings import OF_CLIENTS

SERVER, TOKEN = OF_CLIENTS
HERE = "http://127.0.0.1:8000"
WORD = re.compile(r"[\x21-\x7e]+")
OF_THE_MOMENT = (429, 502, 503, 504)
BROKEN_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
"""How TLS says that the connection was lost."""
FIRST_WAIT, LONGEST_WAIT, LONGEST_ASKED = 0.5, 60, 600
"""Seconds; the last for a server that says when to come back."""
CONNECT_SECONDS = 20
GIVEN_UP = 3
"""The exit status then."""


class GaveUp(Exception):
    """The server can't be reached, or refuses for good; the message says why."""


class Patience(Retry):
    """Says why it waits; waits longer each time, and never shorter than the server asks for."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        if isinstance(error, SSLError) and not isinstance(error.args[0], BROKEN_OFF):
            raise MaxRetryError(_pool, url, error) from error  # type: ignore[arg-type] # as urllib3 does
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        asked = None
        with suppress(InvalidHeader):
            asked = self.get_retry_after(response) if response else None
        growing = min(LONGEST_WAIT, FIRST_WAIT * 2 ** len(self.history))
        seconds = max(asked or 0, growing * random.uniform(0.5, 1))  # noqa: S311 (jitter)
        why = refusal(response) if response else cause(self.history[-1].error)
        say(f"{why[0].upper()}{why[1:]}; trying again in {seconds:.0f} s ({self.total} more after that).")
        pause(seconds)


class Remote:
    """The server at this address. No redirect is followed and no proxy asked, certificates are checked."""

    def __init__(self, address: Url, token: str, retries: int, timeout: float):
        self._prefix = (address.path or "").rstrip("/")
        self._token = token
        self._retries = retries
        self._pool: HTTPConnectionPool = urllib3.connection_from_url(
            address.url, timeout=Timeout(connect=CONNECT_SECONDS, read=timeout)
        )

    def patience(self) -> Retry:
        return Patience(
            total=self._retries,
            allowed_methods=None,  # whatever is sent here can be sent again
            status_forcelist=OF_THE_MOMENT,
            raise_on_status=False,
            retry_after_max=LONGEST_ASKED,
        )

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: Retry | None = None,
        **options: Any,
    ) -> BaseHTTPResponse:
        """The answer, whatever it says, once it is none of the moment.

        Raises:
            GaveUp: there was none, and patience has come to its end.
        """
        given = {"Authorization": f"Bearer {self._token}", "User-Agent": "claimspan", **(headers or {})}
        patience = patience or self.patience()
        try:
            return self._pool.urlopen(
                method, self._prefix + path, body, given, retries=patience, redirect=False, **options
            )
        except HTTPError as error:
            raise GaveUp(cause(error)) from None

    def told(self, method: str, path: str, status: int = 200, **request: Any) -> dict[str, Any]:
        """What the server says in JSON.

        Raises:
            GaveUp: it does not, or answers with another status.
        """
        response = self.ask(method, path, **request)
        if response.status != status:
            raise GaveUp(refusal(response))
        try:
            answer: dict[str, Any] = response.json()
        except ValueError:
            raise GaveUp(f"{refusal(response)} without JSON; is this Claimspan?") from None
        return answer


def pause(seconds: float) -> None:
    """In short sleeps: an interrupt that comes just before one begins is heeded only when that is over."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 1))


def refusal(response: BaseHTTPResponse) -> str:
    """What an answer says that is not the one hoped for."""
    if response.status in (301, 302, 303, 307, 308):
        return f"the server sends us to {response.headers.get('Location')}; give that as --server if it is right"
    words = f"the server answered {response.status} {response.reason or ''}".rstrip()
    with suppress(ValueError, KeyError, TypeError, AttributeError):  # it may come from anybody on the way
        problem = response.json()
        words += f", {problem['code']}: {problem['detail'].removesuffix('.')}"
    return words


def cause(error: BaseException | None) -> str:
    """Why there was no answer, in few words."""
    if isinstance(error, MaxRetryError):
        return cause(error.reason)
    if isinstance(error, ReadTimeoutError):
        return "the server kept silent for too long"
    root = error
    while isinstance(root, HTTPError) and (inner := _inside(root)):
        root = inner
    said = (isinstance(root, OSError) and root.strerror) or str(root)
    return f"no answer from the server: {said}"


def _inside(error: HTTPError) -> BaseException | None:
    """What urllib3 has wrapped."""
    return next((each for each in error.args if isinstance(each, BaseException)), error.__cause__)


def reaching(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options that say how to reach a server; it gets that as `remote`."""

    @click.option(
        "--server",
        envvar=SERVER,
        default=HERE,
        show_default=True,
        show_envvar=True,
        callback=_address,
        help="Its address.",
    )
    @click.option(
        "--token-file",
        type=click.Path(exists=True, dir_okay=False),
        help=f"Where the token is; {TOKEN} holds it if this is left out.",
    )
    @click.option(
        "--retries",
        type=click.IntRange(0, 1000),
        default=8,
        show_default=True,
        help="How often to try again what the server could not do just then.",
    )
    @click.option(
        "--timeout",
        type=click.FloatRange(0, min_open=True),
        default=600.0,
        show_default=True,
        help="Seconds of silence after which a connection counts as lost.",
    )
    @wraps(command)
    def reaching_it(server: Url, token_file: str | None, retries: int, timeout: float, **others: Any) -> None:
        command(remote=Remote(server, _token(token_file), retries, timeout), **others)

    return reaching_it


def _address(_context: click.Context, _option: click.Parameter, given: str) -> Url:
    try:
        address = parse_url(given)
    except LocationParseError:
        address = Url()
    if address.scheme not in ("http", "https") or not address.host or address.auth or address.query:
        raise click.BadParameter("expected http:// or https:// and a host")
    return address


def _token(file: str | None) -> str:
    token = (Path(file).read_text(errors="replace") if file else os.environ.get(TOKEN, "")).strip()
    if not WORD.fullmatch(token):
        raise click.UsageError(f"Expected a token in {TOKEN} or in --token-file.")
    return token
