"""What several commands are given, under the same names."""

import click

from api.readers import readers
from api.rules.imports import MODES
from api.schemas.imports import NATIVE
from api.services.instance import ADMIN


def _pairs(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, str]]:
    if not all("=" in each for each in given):
        raise click.BadParameter("expected NAME=VALUE")
    return [(name, value) for name, _, value in (each.partition("=") for each in given)]


FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE…", type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
INTO = click.option("--project", required=True, metavar="SLUG", help="The project they go into.")
MODE = click.option(
    "--mode",
    type=click.Choice(MODES),
    default="partial",
    show_default=True,
    help="A bad line fails alone; or nothing of its file comes in if one line fails.",
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Do everything, report it, and keep none of it.")
FILE_FORMAT = click.option(
    "--format",
    type=click.Choice([NATIVE, *readers()]),
    default=NATIVE,
    show_default=True,
    help="What the files are: dossiers, or those of another tool; docs/files.md says what each brings.",
)
AS = click.option(
    "--as", "user", default=ADMIN, show_default=True, metavar="USER", help="Who acts, with all their rights."
)
PROJECT = click.option("--project", metavar="SLUG", help="All articles of this project.")
ARTICLE = click.option("--article", type=click.UUID, metavar="ID", help="Only this article.")
ONLY = click.option(
    "--only",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_pairs,
    help="What to export, as `status=resolved` or `since=…`: a parameter of the export; may be given several times.",
)
OUTPUT = click.option(
    "--output",
    default="-",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True),
    help="Where to; `-`, the default, is standard output. With .gz at its end the file is packed.",
)
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")


def one_of(project: str | None, article: object | None) -> None:
    """Raises: UsageError: neither is given, or both."""
    if (project is None) == (article is None):
        raise click.UsageError("Expected either --project or --article.")
