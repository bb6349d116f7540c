"""Exports over HTTP, streamed from one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from threading import BoundedSemaphore

import sqlalchemy as sa
from flask import Response, current_app, request

from api.db import give_back, unhurried
from api.errors import TooManyFiles
from api.exports import formats
from api.exports.dossier import Dossier, Format
from api.exports.streams import gzipped, stream
from api.resources import metrics
from api.resources.consistency import own_snapshot
from api.resources.files import Files
from api.schemas.dossiers import DOSSIER_LINE, Export, ExportQuery, ProjectExportQuery
from api.schemas.fields import OneOf, Shape
from api.services import dossiers as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.projects import find as find_project
from api.settings import Settings

contract = Files("exports", "Exports: dossiers, that is articles with everything known about them.")
SHAPES: dict[str, type[Shape] | OneOf] = {"Export": Export, "Line": DOSSIER_LINE}
GIVES = {format.media_type: SHAPES[format.shape] if format.shape else None for format in formats().values()}


@contract.streams(
    "/articles/<id:article>/export", right="dossier.export", on=find_article, query=ExportQuery, gives=GIVES
)
def export_article(article: Found, query: Answer) -> Response:
    """Export an article

    Its text, claims, assessments, resolutions and evidence. The native format is described by
    `/v1/schemas/dossier.json`.
    """
    return streamed(formats()[query["format"]], article, article.id, lambda tx: service.of_article(tx, article))


@contract.streams(
    "/projects/<slug:project>/export", right="dossier.export", on=find_project, query=ProjectExportQuery, gives=GIVES
)
def export_project(project: Found, query: Answer) -> Response:
    """Export a project

    Every article's dossier, oldest first, all from one moment, written while it is read. Filters are
    those of the list of claims: only such claims, and only articles that have one. `since` leaves
    out articles on which nothing has changed. It comes packed if gzip is accepted. A file that was
    broken off lacks its end, which in `ndjson` is a last line with the number of dossiers.
    """
    gather = partial(service.of_project, project=project, query=query)
    return streamed(formats()[query["format"]], project, project.slug, gather)


def streamed(format: Format, thing: Found, name: str, gather: Callable[[sa.Connection], Iterator[Dossier]]) -> Response:
    """The file, made while it is sent. If the process has several threads, one always stays free for other requests:
    a client that reads slowly holds its thread until the end.

    The first piece is made before anything is sent, so that what goes wrong by then is answered as a problem.

    Raises:
        TooManyFiles: the other threads of this process are sending exports.
    """
    places: BoundedSemaphore = current_app.extensions["file_places"]
    if not places.acquire(blocking=False):
        raise TooManyFiles(current_app.extensions["files_at_once"])
    with ExitStack() as held:
        held.callback(places.release)
        tx = own_snapshot()
        held.callback(give_back, tx)
        unhurried(tx)
        source = service.source(tx, thing, public_url(), request.path.removesuffix("/export"))
        pieces = stream(format, gather(tx), source)
        pieces = counted(chain([next(pieces)], pieces), partial(metrics.of_app().count_export, format.name))
        packs = not format.packed and request.accept_encodings.best_match(["gzip", "identity"]) == "gzip"
        response = Response(gzipped(pieces) if packs else pieces, content_type=format.media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format.extension}"'
        response.headers["Vary"] = "Authorization, Accept-Encoding"
        if packs:
            response.headers["Content-Encoding"] = "gzip"
        response.call_on_close(held.pop_all().close)
    return response


def counted(pieces: Iterator[bytes], count: Callable[[bool], None]) -> Iterator[bytes]:
    """The pieces; in the end it is counted whether all of them were taken."""
    whole = False
    try:
        yield from pieces
        whole = True
    finally:
        count(whole)


def public_url() -> str:
    """Where others reach the service: as the operator says, or else as this client does."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url or request.root_url.rstrip("/")
