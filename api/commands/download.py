"""`flask --app app download --project P`: an export from a server, whole or not at all."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode
from uuid import UUID

import click
from flask.cli import with_appcontext
from urllib3 import BaseHTTPResponse, Retry
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError

from api.commands.files import progress, refuse_existing, refuse_terminal, written_whole
from api.commands.options import ARTICLE, ONLY, OUTPUT, OVERWRITE, PROJECT, one_of
from api.commands.remote import GIVEN_UP, GaveUp, Remote, cause, reaching, refusal
from api.commands.reports import say
from api.errors import Malformed
from api.exports import formats
from api.text.pieces import PIECE, inflated

ZIP = "application/zip"
ZIP_END, ZIP_END_LENGTH = b"PK\x05\x06", 22
"""How the last record of a zip begins, and how long it is."""


@click.command("download")
@PROJECT
@ARTICLE
@click.option("--format", default="json", show_default=True, help=f"As the server knows it: {', '.join(formats())}.")
@ONLY
@OUTPUT
@OVERWRITE
@reaching
@with_appcontext
def command(
    project: str | None,
    article: UUID | None,
    format: str,
    only: list[tuple[str, str]],
    output: str,
    overwrite: bool,
    remote: Remote,
) -> None:
    """Download the export of a project or an article from a server.

    The file is there under its name once it is whole; while it comes, it has .part behind it. One that broke off is
    asked for again from its beginning: an export is as of one moment, so parts of two don't fit together.

    The exit status is 0 if the export is there, 2 if the command can't be understood, and 3 if it was interrupted or
    gave up.
    """
    one_of(project, article)
    refuse_existing(output, overwrite)
    thing = f"projects/{quote(project, safe='')}" if project is not None else f"articles/{article}"
    try:
        fetch(remote, f"/v1/{thing}/export?{urlencode([('format', format), *only])}", output)
    except (GaveUp, KeyboardInterrupt) as stop:
        say(f"Gave up: {stop}." if isinstance(stop, GaveUp) else "Interrupted.")
        click.get_current_context().exit(GIVEN_UP)


def fetch(remote: Remote, path: str, output: str) -> None:
    """Raises: GaveUp: the server can't be reached, refuses for good, or breaks off every time."""
    patience = remote.patience()
    while True:
        response = remote.ask("GET", path, None, {"Accept-Encoding": "gzip"}, patience, preload_content=False)
        if response.status != 200:
            raise GaveUp(refusal(response))
        refuse_terminal(output, response.headers.get("Content-Type", ""))
        try:
            with progress(output, None) as counted, written_whole(output) as file:
                file.writelines(counted(content(response)))
            return
        except (HTTPError, Malformed) as error:
            patience = _once_more(response.retries or patience, path, error)
        finally:
            response.close()


def content(response: BaseHTTPResponse) -> Iterator[bytes]:
    """What the answer holds, unpacked. It is asked for packed with gzip, which has an end: a service that fails
    behind the first bytes can't say so, and its server ends the chunks as if nothing was missing.

    Raises:
        HTTPError, Malformed: it broke off.
        GaveUp: it is packed in a way that nobody asked for.
    """
    pieces: Iterator[bytes] = response.stream(PIECE, decode_content=False)
    packed = response.headers.get("Content-Encoding", "identity").lower()
    if packed not in ("gzip", "identity"):
        raise GaveUp(f"the server packs with {packed}, expected gzip")
    return ended(inflated(pieces) if packed == "gzip" else pieces, response.headers.get("Content-Type", ""))


def ended(pieces: Iterable[bytes], media_type: str) -> Iterator[bytes]:
    """The pieces. Raises: Malformed: they are a zip without its end."""
    tail = b""
    for piece in pieces:
        tail = (tail + piece)[-ZIP_END_LENGTH:]
        yield piece
    if media_type == ZIP and not tail.startswith(ZIP_END):
        raise Malformed("The zip is cut off.")


def _once_more(patience: Retry, path: str, error: HTTPError | Malformed) -> Retry:
    lost = ProtocolError(error.detail) if isinstance(error, Malformed) else error
    try:
        patience = patience.increment("GET", path, error=lost)
    except MaxRetryError as end:
        raise GaveUp(cause(end)) from None
    patience.sleep()
    return patience
