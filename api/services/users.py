"""Users and their tokens. A token is shown once; the database holds its SHA-256."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists, Fault, Forbidden, Invalid, InvalidToken, NotFound
from api.models import memberships, tokens, users
from api.models.columns import new_id, now
from api.rules.permissions import SCOPES, Caller, Scope
from api.services.answers import Answer, Found, Reading
from api.services.inserts import insert, insert_unless_taken
from api.services.paging import Listing

PREFIX = "cs_"

CALLER = Reading(
    select(tokens.c.id, tokens.c.scopes, tokens.c.expires_at, users.c.name, users.c.admin)
    .join(users, users.c.name == tokens.c.user)
    .where(tokens.c.hash == bindparam("hash"), users.c.disabled_at.is_(None))
)
TOKEN: sa.Select[Any] = select(
    tokens.c.id, tokens.c.user, tokens.c.label, tokens.c.scopes, tokens.c.created_at, tokens.c.expires_at
)
TOKENS = Listing(
    TOKEN.where(tokens.c.user == bindparam("user")),
    {"created_at": {"created_at": tokens.c.created_at, "id": tokens.c.id}},
    default="-created_at",
)
TOKEN_BY_ID = Reading(TOKEN.where(tokens.c.id == bindparam("id")))
TOKENS_OF = Reading(TOKEN.where(tokens.c.user == bindparam("user")).order_by(tokens.c.id.desc()))
USER = select(users.c.name, users.c.display_name, users.c.admin, users.c.created_at)
USER_BY_NAME = Reading(USER.where(users.c.name == bindparam("name")))
USERS = Reading(USER.add_columns(users.c.disabled_at).order_by(users.c.name))
CALLER_BY_NAME = Reading(
    select(users.c.name, users.c.admin).where(users.c.name == bindparam("name"), users.c.disabled_at.is_(None))
)
ROLES_OF = Reading(
    select(memberships.c.project, memberships.c.role)
    .where(memberships.c.user == bindparam("user"))
    .order_by(memberships.c.project)
)


def caller_with(tx: sa.Connection, secret: str) -> Caller:
    """Who acts with this token.

    Raises:
        InvalidToken: unknown, revoked or expired token, or a disabled user.
    """
    row = CALLER.row_or_none(tx, hash=_hash(secret))
    if row is None or (row.expires_at is not None and row.expires_at <= now()):
        raise InvalidToken("The token is unknown, revoked or expired.")
    return Caller(row.name, row.admin, frozenset(row.scopes), row.id, row.expires_at)


def standing(tx: sa.Connection, name: str) -> Answer:
    """What the user is and may do, as this transaction sees it; equal if nothing of that has changed."""
    return {"user": USER_BY_NAME.answers(tx, name=name), "roles": ROLES_OF.answers(tx, user=name)}


def caller_named(tx: sa.Connection, name: str) -> Caller:
    """The user as one who acts without a token, where the operator lets them.

    Raises:
        NotFound: there is no such user, or they are disabled.
    """
    row = CALLER_BY_NAME.row(tx, name=name)
    return Caller(row.name, row.admin, frozenset(SCOPES), token="")


def me(tx: sa.Connection, caller: Caller) -> Answer:
    """The caller, how they are signed in, the scopes of the token in use, and the roles held."""
    method = "openid_connect" if caller.issuer else "token"
    sign_in = {"method": method, "issuer": caller.issuer, "subject": caller.subject, "expires_at": caller.until}
    return {
        **USER_BY_NAME.answer(tx, name=caller.name),
        "sign_in": sign_in,
        "scopes": sorted(caller.scopes, key=SCOPES.index),
        "projects": ROLES_OF.answers(tx, user=caller.name),
    }


def add_user(tx: sa.Connection, name: str, display_name: str, admin: bool = False) -> None:
    """Raises: AlreadyExists: somebody has that name."""
    values = {"name": name, "display_name": display_name, "admin": admin, "created_at": now()}
    if not insert_unless_taken(tx, users, [values]):
        raise AlreadyExists(f"There is a user {name!r} already.")


def all_users(tx: sa.Connection) -> list[Answer]:
    return USERS.answers(tx)


def set_disabled(tx: sa.Connection, name: str, disabled: bool) -> None:
    """Raises: NotFound: there is no such user."""
    statement = sa.update(users).where(users.c.name == name).values(disabled_at=now() if disabled else None)
    if tx.execute(statement).rowcount != 1:
        raise NotFound


def issue_token(
    tx: sa.Connection,
    user: str,
    label: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None,
    secret: str | None = None,
) -> Answer:
    """A new token of the user; `token` in the answer is the only time the secret is seen."""
    secret = secret or PREFIX + secrets.token_urlsafe(32)
    row = {
        "id": new_id(),
        "user": user,
        "label": label,
        "hash": _hash(secret),
        "scopes": sorted(set(scopes), key=SCOPES.index),
        "created_at": now(),
        "expires_at": expires_at,
    }
    insert(tx, tokens, [row])
    return {**TOKEN_BY_ID.answer(tx, id=row["id"]), "token": secret}


def issue_own_token(tx: sa.Connection, caller: Caller, draft: Answer) -> Answer:
    """A token for the caller, which can't do or outlive more than the one in use.

    Raises:
        Forbidden: it asks for a scope the token in use lacks.
        Invalid: it would have expired, or would outlive the token in use.
    """
    missing = set(draft["scopes"]) - caller.scopes
    if missing:
        raise Forbidden(f"The token in use lacks the scope {', '.join(sorted(missing))}, so it can't give it.")
    expires_at = draft["expires_at"]
    limit = caller.until
    if expires_at is not None and expires_at <= now():
        raise Invalid(Fault("/expires_at", "in_the_past", f"Expected a time to come, found {expires_at.isoformat()}."))
    if limit is not None and (expires_at is None or expires_at > limit):
        detail = f"The token in use expires at {limit.isoformat()}; one it makes can't outlive it."
        raise Invalid(Fault("/expires_at", "outlives_maker", detail))
    return issue_token(tx, caller.name, draft["label"], draft["scopes"], expires_at)


def list_tokens(tx: sa.Connection, user: str, query: Answer) -> Answer:
    return TOKENS.page(tx, query, user=user)


def tokens_of(tx: sa.Connection, user: str) -> list[Answer]:
    return TOKENS_OF.answers(tx, user=user)


def find_token(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such token, or it is another's."""
    row = TOKEN_BY_ID.row(tx, id=id)
    if row.user != caller.name:
        raise NotFound
    return row


def revoke(tx: sa.Connection, id: str) -> None:
    """Ends the token, from the next request on.

    Raises:
        NotFound: there is no such token.
    """
    if tx.execute(sa.delete(tokens).where(tokens.c.id == id)).rowcount != 1:
        raise NotFound


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
