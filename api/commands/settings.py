"""`flask --app app settings`: every setting, its value, and what it means."""

from dataclasses import fields

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from api.settings import PREFIX


@click.command("settings")
@with_appcontext
def command() -> None:
    """Print all settings as they are now."""
    settings = current_app.config["SETTINGS"]
    for field in fields(settings):
        value = getattr(settings, field.name)
        shown = "(set)" if value and field.metadata["secret"] else value
        if field.name in ("database_url", "replica_url"):
            shown = _without_password(value)
        changed = "" if value == field.default else f"  (default: {field.default})"
        click.echo(f"{PREFIX}{field.name.upper()}={shown}{changed}\n    {field.metadata['help']}")


def _without_password(url: str) -> str:
    if not url:
        return url
    known = sa.make_url(url)
    hidden = {name: "xxx" for name in known.query if "password" in name}
    return known.update_query_dict(hidden).render_as_string()
