"""What a new instance holds: a first admin, their token, and the project `default`."""

import sqlalchemy as sa
from sqlalchemy import func, select

from api.models import users
from api.rules import scales
from api.rules.permissions import SCOPES
from api.services import projects
from api.services.users import add_user, issue_token

ADMIN = "admin"


def first_start(tx: sa.Connection, secret: str | None) -> str | None:
    """Fills an empty database and gives the admin's token; None if there are users already."""
    if tx.execute(select(func.count()).select_from(users)).scalar_one():
        return None
    add_user(tx, ADMIN, "Administrator", admin=True)
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
