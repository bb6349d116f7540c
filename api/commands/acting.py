"""As whom the operator acts, and on what."""

from collections.abc import Callable

import click
import sqlalchemy as sa

from api.errors import NotFound
from api.rules.permissions import RIGHTS, Caller, has_role, is_member
from api.services.answers import Found
from api.services.users import caller_named


def admitted(
    tx: sa.Connection, user: str, right: str, on: Callable[[sa.Connection, Caller, str], Found], name: str
) -> tuple[Caller, Found]:
    """The user and the thing of that name, if they have the right on it.

    Raises:
        BadParameter: one of them is not there, or the user lacks the role.
    """
    try:
        caller = caller_named(tx, user)
    except NotFound:
        raise click.BadParameter(f"there is no user {user!r}, or they are disabled", param_hint="--as") from None
    try:
        thing = on(tx, caller, name)
    except NotFound:
        thing = None
    if thing is None or not is_member(caller, thing.caller_role):
        raise click.UsageError(f"There is no {name!r}, or {user} has no access to it.")
    if not has_role(caller, RIGHTS[right], thing.caller_role, None):
        raise click.BadParameter(f"this needs the role {RIGHTS[right].role} in {thing.project}", param_hint="--as")
    return caller, thing
