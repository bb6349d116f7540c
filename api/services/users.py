"""Users and their tokens. A token is shown once; the database holds its SHA-256."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists, Fault, Forbidden, Invalid, InvalidToken, NameRetired, NotFound
from api.models import memberships, projects, tokens, users
from api.models.columns import new_id, now
from api.rules.permissions import RIGHTS, SCOPES, Caller, Role, Scope, has_role, is_member
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
ACCOUNT = USER.add_columns(users.c.disabled_at, users.c.deleted_at)
ACCOUNT_BY_NAME = Reading(ACCOUNT.where(users.c.name == bindparam("name")))
ACCOUNTS = Listing(ACCOUNT, {"name": {"name": users.c.name}})
USERS = Reading(ACCOUNT.order_by(users.c.name))
FIND = Reading(select(users).where(users.c.name == bindparam("name")))
LOCKED = Reading(select(users.c.admin, users.c.deleted_at).where(users.c.name == bindparam("name")).with_for_update())
_has_token = sa.exists().where(tokens.c.id == bindparam("token", type_=tokens.c.id.type), tokens.c.user == users.c.name)
_role = select(memberships.c.role).where(memberships.c.project == projects.c.slug, memberships.c.user == users.c.name)
HELD = Reading(
    select(users.c.disabled_at, users.c.deleted_at, _has_token.label("has_token"), sa.null().label("role"))
    .where(users.c.name == bindparam("name"))
    .with_for_update(read=True, key_share=True)
)
HELD_IN = Reading(
    select(users.c.disabled_at, _has_token.label("has_token"), _role.scalar_subquery().label("role"))
    .join(projects, projects.c.slug == bindparam("project"))
    .where(users.c.name == bindparam("name"))
    .with_for_update(read=True, key_share=True)
)
CALLER_BY_NAME = Reading(
    select(users.c.name, users.c.admin).where(users.c.name == bindparam("name"), users.c.disabled_at.is_(None))
)
ROLES_OF = Reading(
    select(memberships.c.project, memberships.c.role)
    .where(memberships.c.user == bindparam("user"))
    .order_by(memberships.c.project)
)

SEATS_OF = Reading(
    select(memberships.c.project, memberships.c.role, projects.c.blind)
    .join(projects, projects.c.slug == memberships.c.project)
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
    """What the user is and may do and see, as this transaction sees it; equal if nothing of that has changed."""
    return {"user": USER_BY_NAME.answers(tx, name=name), "seats": SEATS_OF.answers(tx, user=name)}


def caller_named(tx: sa.Connection, name: str) -> Caller:
    """The user as one who acts without a token, where the operator lets them.

    Raises:
        NotFound: there is no such user, or they are disabled.
    """
    row = CALLER_BY_NAME.row(tx, name=name)
    return Caller(row.name, row.admin, frozenset(SCOPES), token="")


def hold(tx: sa.Connection, name: str, project: str | None = None, token: str | None = None) -> Role | None:
    """Keeps the user, who acts, and the project that they act in from being deleted until this transaction ends; gives
    the role that they have there by now.

    They were let in before it began. What deletes one of them waits for it, or else it ends here; comes before any
    other lock, so that neither waits for the other.

    Raises:
        InvalidToken: the user has been deleted or disabled since, or the token, if that is named, revoked.
        NotFound: the project has been deleted.
    """
    there = HELD_IN.row_or_none(tx, name=name, project=project, token=token) if project else None
    user = there or HELD.row_or_none(tx, name=name, token=token)
    if user is None or user.disabled_at is not None or (token and not user.has_token):
        raise InvalidToken("The token is unknown, revoked or expired.")
    if project and there is None:
        raise NotFound
    role: Role | None = user.role
    return role


def hold_with(tx: sa.Connection, right: str, caller: Caller, project: str) -> None:
    """As `hold`, for who must still have the right, as what they are at can take hours.

    Raises:
        InvalidToken: as `hold`.
        NotFound: as `hold`; or they are no member any more.
        Forbidden: they have another role now, which does not suffice.
    """
    role = hold(tx, caller.name, project, caller.revocable)
    if not is_member(caller, role):
        raise NotFound
    if not has_role(caller, RIGHTS[right], role, None):
        raise Forbidden("Your role in the project has changed, and does not allow this any more.")


def is_known(tx: sa.Connection, name: str) -> bool:
    """Whether there is such a user, disabled or not. They are not deleted until this transaction ends."""
    user = HELD.row_or_none(tx, name=name, token=None)
    return user is not None and user.deleted_at is None


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
    """Raises: AlreadyExists: somebody has that name. NameRetired: somebody had it."""
    values = {"name": name, "display_name": display_name, "admin": admin, "created_at": now()}
    if not insert_unless_taken(tx, users, [values]):
        if not is_known(tx, name):
            raise NameRetired(f"There was a user {name!r}, and what is theirs in the record must not become another's.")
        raise AlreadyExists(f"There is a user {name!r} already.")


def find(tx: sa.Connection, caller: Caller, name: str) -> Found:
    """Raises: NotFound: there is no such user, or the caller is no admin."""
    if not caller.admin:
        raise NotFound  # who has no access can't tell which names there are
    return FIND.row(tx, name=name)


def find_present(tx: sa.Connection, caller: Caller, name: str) -> Found:
    """As `find`, of those who were not deleted."""
    user = find(tx, caller, name)
    if user.deleted_at is not None:
        raise NotFound
    return user


def account(tx: sa.Connection, name: str) -> Answer:
    return ACCOUNT_BY_NAME.answer(tx, name=name)


def list_all(tx: sa.Connection, query: Answer) -> Answer:
    """By name, also those who were deleted."""
    return ACCOUNTS.page(tx, query)


def all_users(tx: sa.Connection) -> list[Answer]:
    return USERS.answers(tx)


def set_disabled(tx: sa.Connection, name: str, disabled: bool) -> None:
    """Raises: NotFound: there is no such user."""
    lock(tx, name)
    tx.execute(sa.update(users).where(users.c.name == name).values(disabled_at=now() if disabled else None))


def lock(tx: sa.Connection, name: str) -> Found:
    """The user, who has ended what they were doing, and begins nothing until this transaction ends.

    Raises:
        NotFound: there is no such user.
    """
    user = LOCKED.row(tx, name=name)
    if user.deleted_at is not None:
        raise NotFound
    return user


def issue_token(
    tx: sa.Connection,
    user: str,
    label: str,
    scopes: Sequence[Scope],
    expires_at: datetime | None,
    secret: str | None = None,
) -> Answer:
    """A new token of the user; `token` in the answer is the only time the secret is seen.

    Raises:
        NotFound: there is no such user.
    """
    if not is_known(tx, user):
        raise NotFound
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
        Invalid: it would have expired, or is asked to outlive the token in use.
    """
    missing = set(draft["scopes"]) - caller.scopes
    if missing:
        raise Forbidden(f"The token in use lacks the scope {', '.join(sorted(missing))}, so it can't give it.")
    asked, limit = draft["expires_at"], caller.until
    if asked is not None and asked <= now():
        raise Invalid(Fault("/expires_at", "in_the_past", f"Expected a time to come, found {asked.isoformat()}."))
    if asked is not None and limit is not None and asked > limit:
        detail = f"The token in use expires at {limit.isoformat()}; one it makes can't outlive it."
        raise Invalid(Fault("/expires_at", "outlives_maker", detail))
    return issue_token(tx, caller.name, draft["label"], draft["scopes"], asked or limit)


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
