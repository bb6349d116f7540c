"""People whom a sign-in service vouches for: which users they are, and the roles they get from there.

Only (issuer, subject) says who somebody is. A name or an e-mail address is never enough to be a user that is there
already: those can be chosen, and given to others later. To link an existing user is the operator's act.
"""

import secrets
from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.db import whole_or_not
from api.errors import AlreadyExists, Conflict, Forbidden, LastOwner, NotFound, Stale
from api.models import granted_roles, identities, memberships, projects, users
from api.models.columns import among, now
from api.rules.permissions import Caller, Role
from api.rules.sign_in import Held, Person, names, owed
from api.services.answers import Answer, Found, Reading
from api.services.assignments import change_role, remove_member
from api.services.changes import make
from api.services.inserts import insert, insert_unless_taken
from api.services.projects import FIND_MEMBER
from api.services.users import hold, is_known

_same = (identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject"))
IDENTITY = Reading(
    select(users.c.name, users.c.admin, users.c.disabled_at)
    .join(identities, identities.c.user == users.c.name)
    .where(*_same)
)
LOCK = Reading(select(identities.c.user).where(*_same).with_for_update())
IDENTITIES = Reading(select(identities).order_by(identities.c.user, identities.c.issuer, identities.c.subject))
_other = memberships.alias("other")
HELD = Reading(
    select(
        memberships.c.project,
        memberships.c.role,
        granted_roles.c.role.label("granted"),
        (
            ~sa.exists().where(
                _other.c.project == memberships.c.project,
                _other.c.role == "owner",
                _other.c.user != memberships.c.user,
            )
        ).label("alone"),
    )
    .join(
        granted_roles,
        sa.and_(granted_roles.c.project == memberships.c.project, granted_roles.c.user == memberships.c.user),
        isouter=True,
    )
    .where(memberships.c.user == bindparam("user"))
)
EXISTING = Reading(select(projects.c.slug).where(among(projects.c.slug, "slugs")))


def caller_of(tx: sa.Connection, person: Person, new_users: bool) -> Caller | None:
    """The user that the person is; None if `welcome` has something to write first.

    Raises:
        Forbidden: the user is disabled; or there is none, and none is to be made.
    """
    user = _identity(tx, person)
    if user is None:
        _refuse_unless(new_users)
        return None
    caller = _caller(user, person)
    return None if _owed(tx, person, caller.name) else caller


def welcome(tx: sa.Connection, person: Person, new_users: bool) -> Caller:
    """The user that the person is, made if need be and allowed, with the roles that the token names.

    Raises:
        InvalidToken: the user was disabled or deleted just now.
        Forbidden: as `caller_of`, for one who was unlinked just now.
    """
    if _identity(tx, person) is None:
        _refuse_unless(new_users)
        _sign_up(tx, person)
    # Several requests of one person come in at once: one after the other gives roles; and nobody deletes the user.
    hold(tx, LOCK.value(tx, issuer=person.issuer, subject=person.subject))
    caller = _caller(_identity(tx, person), person)
    for project, role in sorted(_owed(tx, person, caller.name).items()):
        # Somebody else may be changing the same membership, or have left the project to its last owner.
        with suppress(LastOwner, Stale, NotFound, Conflict), whole_or_not(tx):
            _give(tx, project, caller.name, role)
    return caller


def link(tx: sa.Connection, user: str, issuer: str, subject: str) -> None:
    """Raises: NotFound: there is no such user. AlreadyExists: the subject is somebody already."""
    if not is_known(tx, user):
        raise NotFound
    row = {"issuer": issuer, "subject": subject, "user": user, "created_at": now()}
    if not insert_unless_taken(tx, identities, [row]):
        holder = LOCK.value(tx, issuer=issuer, subject=subject)
        raise AlreadyExists(f"{subject!r} is the user {holder!r}; unlink it first.")


def unlink(tx: sa.Connection, issuer: str, subject: str) -> None:
    """Raises: NotFound: nobody is that subject."""
    same = (identities.c.issuer == issuer, identities.c.subject == subject)
    if tx.execute(sa.delete(identities).where(*same)).rowcount != 1:
        raise NotFound


def all_identities(tx: sa.Connection) -> list[Answer]:
    return IDENTITIES.answers(tx)


def _identity(tx: sa.Connection, person: Person) -> Found | None:
    return IDENTITY.row_or_none(tx, issuer=person.issuer, subject=person.subject)


def _refuse_unless(new_users: bool) -> None:
    if not new_users:
        raise Forbidden("You are signed in, but no user of this service; its operator can make you one.")


def _caller(user: Found, person: Person) -> Caller:
    if user.disabled_at is not None:
        raise Forbidden("You are signed in, but shut out of this service.")
    # The token is not one of ours; the word stands for all that the person comes with.
    token = f"openid:{user.name}"
    return Caller(user.name, user.admin, person.scopes, token, person.until, person.issuer, person.subject)


def _sign_up(tx: sa.Connection, person: Person) -> None:
    """Makes the person a user, under a name that nobody has."""
    moment = now()
    for name in names(person.name, iter(lambda: secrets.token_hex(4), "")):
        user = {"name": name, "display_name": person.display_name, "admin": False, "created_at": moment}
        identity = {"issuer": person.issuer, "subject": person.subject, "user": name, "created_at": moment}
        made = insert_unless_taken(tx, users, [user])
        if made and insert_unless_taken(tx, identities, [identity]):
            return
        if made:
            tx.execute(sa.delete(users).where(users.c.name == name))
        if _identity(tx, person) is not None:
            return  # another request of theirs was first


def _owed(tx: sa.Connection, person: Person, user: str) -> dict[str, Role | None]:
    if person.roles is None:
        return {}
    held = {row.project: Held(row.role, row.granted, bool(row.alone)) for row in HELD.rows(tx, user=user)}
    changes = owed(held, person.roles)
    new = [project for project in changes if project not in held]
    missing = set(new) - set(EXISTING.values(tx, slugs=new)) if new else set()
    return {project: role for project, role in changes.items() if project not in missing}


def _give(tx: sa.Connection, project: str, user: str, role: Role | None) -> None:
    """Sees to it that the user has the role, told to the history as their own act."""
    member = FIND_MEMBER.row_or_none(tx, project=project, user=user, caller=user)
    if member is None and role is not None:
        if make(tx, memberships, {"project": project, "user": user, "role": role, "created_at": now()}, user):
            insert(tx, granted_roles, [{"project": project, "user": user, "role": role}])
    elif member is not None and role is not None:
        change_role(tx, member, role, user)
        insert(tx, granted_roles, [{"project": project, "user": user, "role": role}])
    elif member is not None:
        remove_member(tx, member, user)
