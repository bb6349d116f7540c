"""`flask --app app restore FILE`: a backup takes the place of the SQLite database, which is kept aside."""

import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from api import in_use
from api.commands.copies import (
    LOGS,
    Damaged,
    bar,
    copied,
    database_file,
    looked_through,
    private_part_of,
    put_in_place,
)
from api.services.instance import known_versions


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@with_appcontext
def command(file: str) -> None:
    """Put the backup FILE in place of the database. The service must be stopped.

    What is in FILE is looked through first; FILE itself stays. The database that was there is kept beside the new one.
    A backup of an older version is brought up to date by the next start.
    """
    target = database_file(current_app.config["SETTINGS"], "pg_restore")
    if target.exists() and Path(file).samefile(target):
        raise click.UsageError(f"{file} is the database itself.")
    current_app.extensions["database"].close()
    try:
        with in_use.alone(str(target)):
            version, kept = replaced(target, Path(file))
    except in_use.InUse:
        raise click.ClickException(f"the service, or a command, is using {target}: stop it first") from None
    click.echo(f"Restored {target} from {file}, tables of version {version}.")
    if kept:
        click.echo(f"What was there before is in {', '.join(map(str, kept))}.")


def replaced(target: Path, file: Path) -> tuple[str, list[Path]]:
    """The version of the tables that are there now, and where that is now which was there before."""
    with private_part_of(target) as part:
        try:
            with bar(str(file)) as progress:
                version = copied(file, part, progress)
            if version not in known_versions():
                raise Damaged(f"its tables are of version {version}, which a newer service made")
            if target.exists():
                _like(part, target)
            else:
                in_use.give_to_owner_of_folder(part)
            kept = put_aside(target)
            put_in_place(part, target)
        except Damaged as error:
            raise click.ClickException(f"{file} can't be restored: {error}") from None
        except OSError as error:
            raise click.ClickException(f"can't restore: {error.strerror}: {error.filename}") from None
    return version, kept


def _like(part: Path, target: Path) -> None:
    """Whoever may open the database that was there may open the new one: it is often root who restores."""
    kept = target.stat()
    os.chown(part, kept.st_uid, kept.st_gid, follow_symlinks=False)
    part.chmod(stat.S_IMODE(kept.st_mode))


def put_aside(database: Path) -> list[Path]:
    """What there is of the database, under names that still go together; its own stays until it is given to another."""
    aside = Path(f"{database}.before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
    kept = []
    if database.exists():
        with suppress(Damaged):  # somebody may want to mend it
            looked_through(database)  # folds its log into it
        os.link(database, aside)
        kept.append(aside)
    for end in LOGS:  # left by a damaged database, or by one that somebody took away
        if (log := Path(f"{database}{end}")).exists():
            kept.append(log.rename(f"{aside}{end}"))
    return kept
