"""`flask --app app history …`: whether what is stored is what was done."""

import click
from flask import current_app
from flask.cli import AppGroup

from api.db import unhurried
from api.services import projects, verification


@click.group("history", cls=AppGroup)
def command() -> None:
    """Verify the history."""


@command.command("verify")
@click.option("--project", help="Only this one.")
def verify(project: str | None) -> None:
    """Prove that no event was altered or removed, and that what is stored is what the events say.

    Names what does not fit, one a line, and then ends with exit code 1.
    """
    broken, count = 0, verification.Count()
    with current_app.extensions["database"].snapshot() as tx:
        unhurried(tx)
        slugs = projects.all_slugs(tx)
        if project and project not in slugs:
            raise click.ClickException(f"there is no project {project!r}")
        for slug in [project] if project else slugs:
            for found in verification.of_project(tx, slug, count):
                click.echo(f"{slug}: {found.kind} {found.id}: {found.detail}")
                broken += 1
            click.echo(f"{slug}: {count.events:,} events of {count.chains:,} things so far", err=True)
    click.echo(f"Verified {count.events:,} events of {count.chains:,} things: {'intact' if not broken else 'BROKEN'}.")
    if broken:
        raise SystemExit(1)
