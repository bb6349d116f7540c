"""What is open to all: health, the documents that describe the service, and its documentation page."""

from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, send_from_directory

from api.exports.dossier import as_json
from api.resources.admission import database
from api.resources.document import dossier_schema
from api.resources.error_page import error_page
from api.resources.parsing import JSON
from api.services.instance import check_tables

blueprint = Blueprint("service", __name__)
PAGE = Path(__file__).parents[1] / "page"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/healthz")
def alive() -> Response:
    """The process answers. Nothing else is asked: a process is not restarted because its database is away."""
    return Response(b'{"status":"ok"}', content_type=JSON)


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers too, and has the tables that this version knows; 503 otherwise."""
    with database.snapshot() as tx:
        check_tables(tx)
    return Response(b'{"status":"ok"}', content_type=JSON)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return Response(as_json(document(current_app)), content_type=JSON)


@blueprint.get("/v1/schemas/dossier.json")
def dossier() -> Response:
    return Response(as_json(dossier_schema(document(current_app))), content_type="application/schema+json")


@blueprint.get("/")
def home() -> Response:
    return Response(status=302, headers={"Location": "/docs"})


@blueprint.get("/docs")
def docs() -> Response:
    return _page("docs.html")


@blueprint.get("/docs/<path:file>")
def docs_file(file: str) -> Response:
    return _page(file)


@blueprint.get("/docs/errors")
def errors() -> Response:
    return _guarded(Response(error_page(), content_type="text/html; charset=utf-8"))


def document(app: Flask) -> dict[str, object]:
    """The OpenAPI document of the app."""
    described: dict[str, object] = app.extensions["api"].spec.to_dict()
    return described


def _page(file: str) -> Response:
    return _guarded(send_from_directory(PAGE, file))


def _guarded(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
