"""`flask --app app import FILE… --project P`: dossiers from files, straight into the database."""

from collections.abc import Callable, Iterator
from typing import Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from api.commands.acting import admitted
from api.commands.files import opened, progress, unpacked
from api.commands.kinds import kind_of
from api.commands.options import AS, DRY_RUN, FILE_FORMAT, FILES, INTO, MODE
from api.commands.reports import PAGE, tell, tell_failure, tell_omission
from api.db import Database
from api.errors import ClaimspanError
from api.readers.reader import Terms
from api.rules.imports import Entry
from api.schemas.records import read
from api.services import import_reports as service
from api.services import omissions
from api.services.answers import Answer, Found
from api.services.imported_claims import Importer
from api.services.intake import take_in
from api.services.projects import find as find_project
from api.text.pieces import Pieces


@click.command("import")
@FILES
@INTO
@FILE_FORMAT
@AS
@MODE
@DRY_RUN
@with_appcontext
def command(files: tuple[str, ...], project: str, format: str, user: str, mode: str, dry_run: bool) -> None:
    """Import FILE… straight into the database, while the service runs or not.

    A FILE holds one dossier a line (NDJSON) or a JSON array of them, or what another tool wrote (--format), packed with
    gzip or not; `-` is standard input. What is there already is found again, so the same file twice does no harm.

    Each FILE gets a line that says what came of it, on standard output; each fault one on standard error, as
    FILE:LINE: /pointer: code: detail. The exit status is 0 if all lines are in, 1 if one failed or a FILE can't be
    read to its end, and 2 if the command can't be understood.
    """
    database = current_app.extensions["database"]
    with database.snapshot() as tx:
        caller, found = admitted(tx, user, "import.create", find_project, project)
    importer = Importer(found.slug, caller, current_app.config["SETTINGS"].max_text_code_points)
    whole = [_is_in(database, importer, name, format, mode=mode, dry_run=dry_run) for name in files]
    click.get_current_context().exit(0 if all(whole) else 1)


def _is_in(database: Database, importer: Importer, name: str, format: str, **how: Any) -> bool:
    """Brings the file in, says what came of it, and whether that was all of it."""
    broken = False
    with opened(name) as (pieces, size), progress(name, size) as counted:
        try:
            id = take_in(database, importer, pieces, lambda stream: _entries(format, name, counted(stream)), **how)
        except ClaimspanError as error:
            if "import" not in error.facts:
                raise
            id, broken = error.facts["import"], True
    with database.snapshot() as tx:
        report = service.read(tx, importer.project, id)
    _tell_lines(database, importer, name, id)
    tell(name, report)
    return not broken and not report["failed"]


def _entries(format: str, name: str, stream: Pieces) -> Iterator[Entry]:
    settings = current_app.config["SETTINGS"]
    kind, whole = kind_of(format, name, unpacked(name, stream))
    return read(format, whole, Terms(kind, settings.max_import_line_bytes, settings.max_json_depth))


def _tell_lines(database: Database, importer: Importer, name: str, id: str) -> None:
    with database.snapshot() as tx:
        imported = service.find(tx, importer.caller, id)
        for failure in _all(tx, imported, service.failures_of):
            tell_failure(name, failure["line"], failure)
        for omission in _all(tx, imported, omissions.omissions_of):
            tell_omission(name, omission["line"], omission)


def _all(
    tx: sa.Connection, imported: Found, page_of: Callable[[sa.Connection, Found, Answer], Answer]
) -> Iterator[Answer]:
    """What is on all pages."""
    page: Answer = {"next": None}
    while "items" not in page or page["next"]:
        page = page_of(tx, imported, {"limit": PAGE, "cursor": page["next"]})
        yield from page["items"]
