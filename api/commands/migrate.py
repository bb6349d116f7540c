"""`flask --app app migrate`: the database's shape brought up to date."""

from pathlib import Path

import click
from alembic import command as alembic
from alembic.config import Config
from flask import current_app
from flask.cli import with_appcontext

from api.settings import Settings

ROOT = Path(__file__).parents[2]


@click.command("migrate")
@with_appcontext
def command() -> None:
    """Bring the database up to date. Safe to run at any time, from several places at once."""
    migrate(current_app.config["SETTINGS"])
    click.echo("The database is up to date.")


def migrate(settings: Settings) -> None:
    alembic.upgrade(configuration(settings), "head")


def configuration(settings: Settings) -> Config:
    """Alembic's, for the database of these settings."""
    config = Config(ROOT / "alembic.ini")
    config.attributes["settings"] = settings
    return config
