"""Who is asking, what they are asking about, and whether they may. One snapshot serves it all."""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import current_app, g, request
from werkzeug.local import LocalProxy

from api.db import Database, give_back
from api.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Unauthenticated
from api.resources import quotas
from api.rules.permissions import RIGHTS, Caller, Right, has_role, has_scope, is_member
from api.rules.sign_in import person
from api.services import identities
from api.services.answers import Answer, Found
from api.services.users import PREFIX, caller_with, hold

T = TypeVar("T")
Finder = Callable[..., Found]
"""`find(tx, caller, *parts of the address)`: a row with the `caller_role` in its project, or NotFound."""

database: Database = LocalProxy(lambda: current_app.extensions["database"])  # type: ignore[assignment]
caller: Caller = LocalProxy(lambda: g.caller)  # type: ignore[assignment]


def authenticate() -> None:
    """Finds out who is asking, in the snapshot that the whole request then reads from.

    Raises:
        Unauthenticated: there is no token.
        InvalidToken: it is not valid now.
        Forbidden: it is that of the sign-in service, but of nobody who may come in.
        SignInUnavailable: that service's keys can't be had.
        RateLimited: it has sent too many requests.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("Expected a token: `Authorization: Bearer cs_…`.")
    secret = secret.strip()
    if current_app.extensions["issuer"] and not secret.startswith(PREFIX) and "." in secret:
        g.caller = _signed_in(secret)
    else:
        g.tx = database.snapshot()
        g.caller = caller_with(g.tx, secret)
    quotas.take(g.caller)


def _signed_in(secret: str) -> Caller:
    # Before the snapshot is taken, as it may have to wait for the issuer's keys.
    claims = current_app.extensions["issuer"].claims(secret)
    who = person(claims, current_app.config["SIGN_IN_TERMS"])
    new_users = bool(current_app.config["SETTINGS"].oidc_new_users)
    g.tx = database.snapshot()
    known = identities.caller_of(g.tx, who, new_users)
    if known is None:
        leave()
        known = database.write(lambda tx: identities.welcome(tx, who, new_users))
        g.tx = database.snapshot()
    return known


def leave(_error: BaseException | None = None) -> None:
    """Gives the snapshot back."""
    tx = g.pop("tx", None)
    if tx is not None:
        give_back(tx)


def admitted(right: str, on: Finder | None, address: Answer) -> Any:
    """What the address names, if the caller has the right on it.

    Raises:
        NotFound: it does not exist, or is in a project the caller is no member of.
        Forbidden: the token lacks the scope, or the caller the role.
    """
    needs = RIGHTS[right]
    thing = on(g.tx, g.caller, *address.values()) if on else None
    g.project = getattr(thing, "project", None)
    g.role = role = None
    if thing is not None and needs.role is not None:
        g.role = role = thing.caller_role
        if not is_member(g.caller, role):
            raise NotFound
        g.project = getattr(thing, "project", None) or thing.slug  # for the log
    if not has_scope(g.caller, needs):
        raise Forbidden(f"This needs a token with the scope {needs.scope}.")
    if not has_role(g.caller, needs, role, getattr(thing, "created_by", None)):
        raise Forbidden(_needed(needs))
    return thing


def _needed(right: Right) -> str:
    if right.own_only:
        return f"This is only for who made it, with the role {right.role}."
    return "This needs an instance admin." if right.admin_only else f"This needs the role {right.role}."


def present(find: Finder, address: Answer) -> Found | None:
    try:
        return find(g.tx, g.caller, *address.values())
    except NotFound:
        return None


def refuse_query() -> None:
    """Raises: Invalid: the address has a query, where none has a meaning."""
    if request.args:
        raise Invalid(
            *(Fault(f"/{name}", "unknown_field", "There is no such parameter here.") for name in request.args)
        )


def written(work: Callable[[sa.Connection], T]) -> T:
    """What `work` gives, committed. The snapshot is over by then, and its turn to write may have been long in coming.

    Raises:
        InvalidToken: since they were let in the caller was deleted or disabled, or their token revoked.
        NotFound: the project of what they are asking about was deleted, or they are no member any more.
        Conflict: they have another role in it.
    """
    by, project, role = g.caller, g.project, g.role
    leave()

    def in_their_name(tx: sa.Connection) -> T:
        now = hold(tx, by.name, project, by.revocable)
        if now != role and not by.admin:
            raise Conflict("Your role in the project has changed; read it again.") if now else NotFound
        return work(tx)

    done, g.written_at = database.write_at(in_their_name)
    return done
