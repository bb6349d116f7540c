"""Exports over HTTP, streamed from one snapshot."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import BoundedSemaphore

import sqlalchemy as sa
from flask import Response, current_app, request

from api.errors import Unavailable
from api.exports import formats
from api.exports.dossier import Dossier, Format
from api.resources.admission import database
from api.resources.files import Files
from api.schemas.dossiers import Dossier as DossierShape
from api.schemas.dossiers import Export, ExportQuery
from api.services import dossiers as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.projects import find as find_project
from api.settings import Settings

contract = Files("exports", "Exports: dossiers, that is articles with everything known about them.")
SHAPES = {"Export": Export, "Dossier": DossierShape}
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
    "/projects/<slug:project>/export", right="dossier.export", on=find_project, query=ExportQuery, gives=GIVES
)
def export_project(project: Found, query: Answer) -> Response:
    """Export a project

    Every article's dossier, oldest first, all from one moment, written while it is read.
    """
    return streamed(formats()[query["format"]], project, project.slug, lambda tx: service.of_project(tx, project))


def streamed(format: Format, thing: Found, name: str, gather: Callable[[sa.Connection], Iterator[Dossier]]) -> Response:
    """The file, made while it is sent. One thread of the process always stays free for other requests:
    a client that reads slowly holds its thread until the end.

    Raises:
        Unavailable: the other threads of this process are sending exports.
    """
    places: BoundedSemaphore = current_app.extensions["export_places"]
    if not places.acquire(blocking=False):
        raise Unavailable("Other exports are under way; try again shortly.")
    with ExitStack() as held:
        held.callback(places.release)
        tx = held.enter_context(database.snapshot())
        source = service.source(tx, thing, public_url(), request.path.removesuffix("/export"))
        response = Response(format.write(gather(tx), source), content_type=format.media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format.extension}"'
        response.call_on_close(held.pop_all().close)
    return response


def public_url() -> str:
    """Where others reach the service: as the operator says, or else as this client does."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url or request.root_url.rstrip("/")
