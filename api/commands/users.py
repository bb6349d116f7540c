"""`flask --app app users …`: who can use the service."""

import re

import click
from flask import current_app
from flask.cli import AppGroup

from api.commands.options import AS
from api.commands.refusals import refused
from api.services import deletions, identities, users

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@click.group("users", cls=AppGroup)
def command() -> None:
    """Add, list, disable, enable and delete users, and link them to sign-in."""


@command.command("add")
@click.argument("name")
@click.option("--display-name", help="What people read; the name if left out.")
@click.option("--admin", is_flag=True, help="May do everything in every project.")
def add(name: str, display_name: str | None, admin: bool) -> None:
    """Add the user NAME (lower-case letters, digits, `.`, `_`, `-`). It never changes."""
    if not NAME.fullmatch(name):
        raise click.ClickException("expected lower-case letters, digits, '.', '_' and '-', at most 63")
    with refused():
        current_app.extensions["database"].write(lambda tx: users.add_user(tx, name, display_name or name, admin))
    click.echo(f"Added {name}. A token: flask --app app tokens add {name}")


@command.command("list")
def show() -> None:
    """List all users."""
    with current_app.extensions["database"].snapshot() as tx:
        for user in users.all_users(tx):
            shut = "deleted" if user["deleted_at"] else "disabled" if user["disabled_at"] else ""
            marks = [mark for mark, on in (("admin", user["admin"]), (shut, shut)) if on]
            click.echo("\t".join([user["name"], user["display_name"], ", ".join(marks)]))


@command.command("disable")
@click.argument("name")
def disable(name: str) -> None:
    """Shut the user NAME out at once; what they did stays."""
    _set_disabled(name, True)


@command.command("enable")
@click.argument("name")
def enable(name: str) -> None:
    """Let the user NAME in again."""
    _set_disabled(name, False)


@command.command("delete")
@click.argument("name")
@click.option("--confirm", help="NAME once more. Without it, only what would go is said.")
@AS
def delete(name: str, confirm: str | None, user: str) -> None:
    """Delete the user NAME for good. What they submitted stays under their name, which nobody else gets."""
    database = current_app.extensions["database"]
    with refused(f"there is no user {name!r}, or {user} is no admin"):
        with database.snapshot() as tx:
            caller = users.caller_named(tx, user)
            goes = deletions.of_user(tx, users.find_present(tx, caller, name))["goes"]
        if confirm != name:
            counts = ", ".join(f"{count:,} {kind}" for kind, count in goes.items())
            raise click.ClickException(f"with {name} go {counts}; to delete them: --confirm {name}")
        database.write(lambda tx: deletions.delete_user(tx, name, user))
    click.echo(f"{name} is deleted.")


@command.command("link")
@click.argument("name")
@click.argument("subject")
@click.option("--issuer", help="The sign-in service; the one in the settings if left out.")
def link(name: str, subject: str, issuer: str | None) -> None:
    """Let whoever signs in as SUBJECT (the `sub` of their tokens) be the user NAME."""
    with refused(f"there is no user {name!r}"):
        current_app.extensions["database"].write(lambda tx: identities.link(tx, name, _issuer(issuer), subject))
    click.echo(f"{subject} is {name}.")


@command.command("unlink")
@click.argument("subject")
@click.option("--issuer", help="The sign-in service; the one in the settings if left out.")
def unlink(subject: str, issuer: str | None) -> None:
    """Let whoever signs in as SUBJECT be nobody that there is. The user and their roles stay."""
    with refused(f"nobody is linked to {subject!r}"):
        current_app.extensions["database"].write(lambda tx: identities.unlink(tx, _issuer(issuer), subject))
    click.echo(f"{subject} is linked to nobody any more.")


@command.command("identities")
def show_identities() -> None:
    """List who users are to sign-in services: NAME, issuer, subject."""
    with current_app.extensions["database"].snapshot() as tx:
        for identity in identities.all_identities(tx):
            click.echo("\t".join([identity["user"], identity["issuer"], identity["subject"]]))


def _issuer(given: str | None) -> str:
    issuer: str = given or current_app.config["SETTINGS"].oidc_issuer
    if not issuer:
        raise click.UsageError("Name the sign-in service with --issuer: CLAIMSPAN_OIDC_ISSUER is not set.")
    return issuer


def _set_disabled(name: str, disabled: bool) -> None:
    with refused(f"there is no user {name!r}"):
        current_app.extensions["database"].write(lambda tx: users.set_disabled(tx, name, disabled))
    click.echo(f"{name} is {'disabled' if disabled else 'enabled'}.")
