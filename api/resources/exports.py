"""Exports over HTTP, streamed from one snapshot."""

from collections.abc import Callable, Iterator
from threading import BoundedSemaphore

import sqlalchemy as sa
from flask import Response, current_app

from api.errors import Unavailable
from api.exports import formats
from api.exports.dossier import Dossier, Format
from api.resources.admission import database
from api.resources.contract import Contract
from api.schemas.dossiers import Dossier as DossierShape
from api.schemas.dossiers import Export, ExportQuery
from api.services import dossiers as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.projects import find as find_project

contract = Contract("exports", "Exports: dossiers, that is articles with everything known about them.")
SHAPES = {"Export": Export, "Dossier": DossierShape}
GIVES = {format.media_type: SHAPES[format.shape] for format in formats().values() if format.shape}


@contract.streams(
    "/articles/<id:article>/export", right="dossier.export", on=find_article, query=ExportQuery, gives=GIVES
)
def export_article(article: Found, query: Answer) -> Response:
    """Export an article

    Its text, claims, assessments, resolutions and evidence. The native format is described by
    `/v1/schemas/dossier.json`.
    """
    return streamed(formats()[query["format"]], article.id, lambda tx: service.of_article(tx, article))


@contract.streams(
    "/projects/<slug:project>/export", right="dossier.export", on=find_project, query=ExportQuery, gives=GIVES
)
def export_project(project: Found, query: Answer) -> Response:
    """Export a project

    Every article's dossier, oldest first, all from one moment, written while it is read.
    """
    return streamed(formats()[query["format"]], project.slug, lambda tx: service.of_project(tx, project))


def streamed(format: Format, name: str, gather: Callable[[sa.Connection], Iterator[Dossier]]) -> Response:
    """The file, made while it is sent. One thread of the process always stays free for other requests:
    a client that reads slowly holds its thread until the end.

    Raises:
        Unavailable: the other threads of this process are sending exports.
    """
    places: BoundedSemaphore = current_app.extensions["export_places"]
    if not places.acquire(blocking=False):
        raise Unavailable("Other exports are under way; try again shortly.")
    try:
        tx = database.snapshot()
    except BaseException:
        places.release()
        raise
    response = Response(format.write(gather(tx)), content_type=format.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{format.extension}"'
    response.call_on_close(tx.close)
    response.call_on_close(places.release)
    return response
