"""`flask --app app backup FILE`: a copy of the SQLite database, while the service goes on writing."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from api.commands.copies import Damaged, bar, copied, database_file, private_part_of, put_in_place
from api.commands.files import in_bytes, refuse_existing
from api.commands.options import OVERWRITE


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False))
@OVERWRITE
@with_appcontext
def command(file: str, overwrite: bool) -> None:
    """Copy the database into FILE, as of one moment, while the service goes on.

    The copy is looked through (integrity, references, version of the tables), and stands under its name once it is
    whole and on the disk. It holds everything, also what is not published: only its owner can read it.
    """
    source = database_file(current_app.config["SETTINGS"], "pg_dump or pg_basebackup")
    refuse_existing(file, overwrite)
    if not source.exists():
        raise click.ClickException(f"there is no database {source} yet")
    if Path(file).resolve() == source.resolve():
        raise click.UsageError(f"{file} is the database itself.")
    with private_part_of(Path(file)) as part:
        try:
            with bar(file) as progress:
                version = copied(source, part, progress)
            put_in_place(part, Path(file))
        except Damaged as error:
            raise click.ClickException(f"the copy does not hold: {error}") from None
        except OSError as error:
            raise click.ClickException(f"can't write {part}: {error.strerror}") from None
    click.echo(
        f"Backed up to {file}: {in_bytes(Path(file).stat().st_size)}, tables of version {version}, looked through."
    )
