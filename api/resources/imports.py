"""Imports over HTTP, brought in while they arrive."""

import sys
from collections.abc import Iterator
from functools import partial
from threading import BoundedSemaphore

import sqlalchemy as sa
from flask import Response, current_app, request
from werkzeug.exceptions import ClientDisconnected

from api.errors import Malformed, TooManyFiles, UnsupportedMediaType
from api.exports.dossier import as_json
from api.readers.reader import NDJSON, Terms
from api.resources import metrics
from api.resources.admission import caller, database
from api.resources.files import Files
from api.resources.parsing import JSON
from api.resources.seats import left
from api.rules.imports import Entry
from api.schemas.dossier_drafts import DossierDraft, DossiersDraft
from api.schemas.fields import PageQuery
from api.schemas.imports import FailurePage, Import, ImportPage, ImportQuery, OmissionPage
from api.schemas.records import ACCEPTED, read
from api.services import import_reports as service
from api.services import omissions
from api.services.answers import Answer, Found
from api.services.imported_claims import Importer
from api.services.intake import take_in
from api.services.projects import find as find_project
from api.text import pieces

contract = Files("imports", "Imports: dossiers brought in by the thousand, as often as one likes.")
OTHERS = dict.fromkeys(sorted({kind for kinds in ACCEPTED.values() for kind in kinds} - {NDJSON, JSON}))
TAKES = {NDJSON: DossierDraft, JSON: DossiersDraft, **OTHERS}
IN_LINES, IN_ONE = (NDJSON, "text/csv"), ("text/plain",)
"""What shows by its last line whether it has ended, and what does not show it at all."""


@contract.takes_in(
    "/projects/<slug:project>/imports",
    right="import.create",
    on=find_project,
    takes=TAKES,
    query=ImportQuery,
    gives=Import,
)
def import_dossiers(project: Found, query: Answer) -> Response:
    """Import dossiers

    One dossier a line (NDJSON), or a JSON array of them, also packed with `Content-Encoding: gzip`,
    of any length; each line has a limit. An article is found by its `external_id`, a claim by its
    own within the article, evidence by its address, an assessment by its reviewer; what a line says
    is made or changed, what it leaves out stays. Lines are brought in while the body arrives and
    stay, so that what is cut off can simply be sent again; but `atomic` keeps all or nothing. The
    answer is 201 once every line was dealt with, whatever came of it; a body that can't be read to
    its end is refused, and `import` in the problem names the report of how far it came. Files of
    other tools are read with `format`; what has no place here is told by `…/omissions`.
    """
    _check_headers(query["format"])
    places: BoundedSemaphore = current_app.extensions["file_places"]
    if not places.acquire(blocking=False):
        raise TooManyFiles(current_app.extensions["files_at_once"])
    try:
        id = _brought_in(project, query)
    finally:
        places.release()
    with database.snapshot() as tx:
        report = service.read(tx, project.slug, id)
    metrics.of_app().count_lines(report)
    return Response(as_json(report), 201, {"Location": f"/v1/imports/{id}"}, content_type=JSON)


@contract.lists("/projects/<slug:project>/imports", right="import.read", on=find_project, gives=ImportPage)
def list_imports(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List a project's imports

    Newest first.
    """
    return service.list_in(tx, project, query)


@contract.tells("/imports/<id:import>", right="import.read", on=service.find, gives=Import)
def read_import(tx: sa.Connection, imported: Found) -> Answer:
    """Read the report of an import

    How far it has come, while it runs: what is counted is in for good. One that has not moved for
    ten minutes (an hour, with `mode=atomic` or `dry_run`) was cut off, and counts as failed.
    """
    return service.read(tx, imported.project, imported.id)


@contract.lists(
    "/imports/<id:import>/failures", right="import.read", on=service.find, query=PageQuery, gives=FailurePage
)
def list_import_failures(tx: sa.Connection, imported: Found, query: Answer) -> Answer:
    """List what failed in an import

    By line: what is wrong, and where. Nothing of these lines was brought in.
    """
    return service.failures_of(tx, imported, query)


@contract.lists(
    "/imports/<id:import>/omissions", right="import.read", on=service.find, query=PageQuery, gives=OmissionPage
)
def list_import_omissions(tx: sa.Connection, imported: Found, query: Answer) -> Answer:
    """List what an import left out

    By line: what of it could not be brought in, though the line came in. What failed tells its failures.
    """
    return omissions.omissions_of(tx, imported, query)


def _check_headers(format: str) -> None:
    if request.mimetype not in ACCEPTED[format]:
        found = request.mimetype or "no content type"
        raise UnsupportedMediaType(f"Expected {' or '.join(ACCEPTED[format])} for {format}, found {found}.")
    if (request.content_encoding or "identity") not in ("identity", "gzip"):
        raise UnsupportedMediaType(f"Expected Content-Encoding gzip or none, found {request.content_encoding}.")
    if "Idempotency-Key" in request.headers:
        raise Malformed("An import may be sent again as it is: send no Idempotency-Key.")


def _brought_in(project: Found, query: Answer) -> str:
    """The id of the import, once it has ended."""
    settings = current_app.config["SETTINGS"]
    importer = Importer(project.slug, caller._get_current_object(), settings.max_text_code_points)  # type: ignore[attr-defined]
    entries = partial(_entries, query["format"])
    return take_in(database, importer, _arriving(), entries, mode=query["mode"], dry_run=query["dry_run"])


def _entries(format: str, body: pieces.Pieces) -> Iterator[Entry]:
    settings = current_app.config["SETTINGS"]
    plain = pieces.inflated(body) if request.content_encoding == "gzip" else body
    return read(format, plain, Terms(request.mimetype, settings.max_import_line_bytes, settings.max_json_depth))


def _next_piece() -> bytes:
    with left():
        return request.stream.read(pieces.PIECE)


def _arriving() -> Iterator[bytes]:
    """The body, piece by piece.

    Raises:
        Malformed: the client broke off. Without a Content-Length the server can't tell that from the end: then
            the body must show its end itself, and lines do so by ending.
    """
    request.max_content_length = sys.maxsize
    came, expected = 0, request.content_length
    packed = request.content_encoding == "gzip"
    if expected is None and request.mimetype in IN_ONE and not packed:
        raise Malformed("Expected a Content-Length, or gzip: such a body does not show where it ends.")
    last = b"\n"
    try:
        while piece := _next_piece():
            came, last = came + len(piece), piece[-1:]
            yield piece
    except (ClientDisconnected, OSError) as error:
        raise Malformed(f"The upload broke off after {came} bytes.") from error
    if expected is not None and came < expected:
        raise Malformed(f"The upload broke off after {came} of {expected} bytes.")
    if expected is None and last != b"\n" and request.mimetype in IN_LINES and not packed:
        raise Malformed(f"The upload broke off after {came} bytes, within a line; the last line has to end too.")
