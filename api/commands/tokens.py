"""`flask --app app tokens …`: what users act with."""

from datetime import datetime, timedelta
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup

from api.commands.refusals import refused
from api.models.columns import now
from api.rules.permissions import SCOPES, Scope
from api.services import users


@click.group("tokens", cls=AppGroup)
def command() -> None:
    """Make, list and revoke tokens."""


@command.command("add")
@click.argument("user")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="May be given several times; all if left out."
)
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it expires; never if left out.")
@click.option("--label", default="", help="What it is for.")
def add(user: str, scopes: tuple[Scope, ...], days: int | None, label: str) -> None:
    """Make a token for USER and print it, this once."""
    expires_at: datetime | None = now() + timedelta(days=days) if days else None
    database = current_app.extensions["database"]
    with refused(f"there is no user {user!r}"):
        token = database.write(lambda tx: users.issue_token(tx, user, label, scopes or SCOPES, expires_at))
    click.echo(token["token"])


@command.command("list")
@click.argument("user")
def show(user: str) -> None:
    """List the tokens of USER, newest first; their secrets are not kept."""
    with current_app.extensions["database"].snapshot() as tx:
        for token in users.tokens_of(tx, user):
            until = f"until {token['expires_at']:%Y-%m-%d %H:%M}Z" if token["expires_at"] else "no end"
            click.echo("\t".join([token["id"], " ".join(token["scopes"]), until, token["label"]]))


@command.command("revoke")
@click.argument("id", type=click.UUID)
def revoke(id: UUID) -> None:
    """End the token ID at once."""
    with refused(f"there is no token {id}"):
        current_app.extensions["database"].write(lambda tx: users.revoke(tx, str(id)))
    click.echo("Revoked.")
