"""`flask --app app export --project P`: dossiers into a file, straight from the database."""

from collections.abc import Iterator
from uuid import UUID

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from marshmallow import ValidationError
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import MultiDict

from api.commands.acting import admitted
from api.commands.files import progress, refuse_existing, refuse_terminal, written_whole
from api.commands.options import ARTICLE, AS, ONLY, OUTPUT, OVERWRITE, PROJECT, one_of
from api.db import unhurried
from api.exports import formats
from api.exports.dossier import Dossier
from api.schemas.dossiers import ExportQuery, ProjectExportQuery
from api.schemas.faults import faults
from api.schemas.fields import Shape
from api.services import dossiers
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.projects import find as find_project
from api.settings import Settings


@click.command("export")
@PROJECT
@ARTICLE
@click.option(
    "--format",
    "name",
    type=click.Choice(list(formats())),
    default="json",
    show_default=True,
    help="docs/files.md says what each loses.",
)
@ONLY
@OUTPUT
@OVERWRITE
@AS
@with_appcontext
def command(
    project: str | None,
    article: UUID | None,
    name: str,
    only: list[tuple[str, str]],
    output: str,
    overwrite: bool,
    user: str,
) -> None:
    """Export a project or an article straight from the database, as of one moment.

    A file is there under its name once it is whole; while it is written, it has .part behind it.
    """
    refuse_existing(output, overwrite)
    one_of(project, article)
    query, format = _query(ExportQuery() if project is None else ProjectExportQuery(), only), formats()[name]
    refuse_terminal(output, format.media_type)
    database, settings = current_app.extensions["database"], current_app.config["SETTINGS"]
    with database.snapshot() as tx:
        unhurried(tx)
        thing, path, found = _asked_for(tx, user, project, article, query)
        source = dossiers.source(tx, thing, _public_url(settings), path)
        _write(format.write(found, source), output)


def _asked_for(
    tx: sa.Connection, user: str, project: str | None, article: UUID | None, query: Answer
) -> tuple[Found, str, Iterator[Dossier]]:
    """The thing, its address, and its dossiers."""
    if project is not None:
        _, thing = admitted(tx, user, "dossier.export", find_project, project)
        return thing, f"/v1/projects/{project}", dossiers.of_project(tx, thing, query)
    _, thing = admitted(tx, user, "dossier.export", find_article, str(article))
    return thing, f"/v1/articles/{article}", dossiers.of_article(tx, thing)


def _query(shape: Shape, only: list[tuple[str, str]]) -> Answer:
    """Raises: BadParameter: the export has no such parameters, or they take other values."""
    given = MultiDictProxy(MultiDict(only), shape)
    try:
        query: Answer = shape.load(given)
    except ValidationError as error:
        found = faults(error.normalized_messages(), dict(only))  # type: ignore[no-untyped-call]
        words = "; ".join(f"{fault.pointer.removeprefix('/')}: {fault.detail}" for fault in found)
        raise click.BadParameter(words, param_hint="--only") from None
    return query


def _public_url(settings: Settings) -> str:
    return settings.public_url or f"http://{settings.host}:{settings.port}"


def _write(pieces: Iterator[bytes], output: str) -> None:
    with progress(output, None) as counted, written_whole(output) as file:
        file.writelines(counted(pieces))
