"""What an instance holds: its tables; at first an admin, their token, and the project `default`."""

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

from api.errors import AlreadyExists, Unavailable
from api.models import users
from api.rules import scales
from api.rules.permissions import SCOPES
from api.services import projects
from api.services.users import add_user, issue_token

ADMIN = "admin"
MIGRATIONS = Path(__file__).parents[2] / "migrations"
VERSION = sa.text("SELECT version_num FROM alembic_version")


def first_start(tx: sa.Connection, secret: str | None) -> str | None:
    """Fills an empty database and gives the admin's token; None if there are users already."""
    if tx.execute(select(func.count()).select_from(users)).scalar_one():
        return None
    try:
        add_user(tx, ADMIN, "Administrator", admin=True)
    except AlreadyExists:  # another start was at it, and has ended
        return None
    draft = {
        "slug": "default",
        "name": "Default project",
        "description": None,
        "guidelines": None,
        "scale": scales.DEFAULT,
    }
    projects.found(tx, draft, ADMIN)
    token: str = issue_token(tx, ADMIN, "first start", SCOPES, None, secret)["token"]
    return token


@cache
def known_versions() -> tuple[str, ...]:
    """Those of the tables that this code knows, the newest first."""
    return tuple(script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions())


def check_tables(tx: sa.Connection) -> None:
    """Raises: Unavailable: the tables are not there, or of another version."""
    exist = sa.inspect(tx).has_table("alembic_version")
    found = tx.execute(VERSION).scalar() if exist else None
    newest = known_versions()[0]
    if found != newest:
        raise Unavailable(f"Expected tables of version {newest}, found {found}: `flask --app app migrate`.")
