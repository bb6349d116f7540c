"""Projects, the tenants, and their members."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.db import unhurried
from api.errors import AlreadyExists, Conflict, Fault, Invalid, LastOwner, NameRetired, ScaleInUse
from api.models import assessments, deleted_projects, granted_roles, memberships, metadata, projects, resolutions, users
from api.models.columns import now
from api.rules import scales
from api.rules.consensus import Policy
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, erase, hold, make, remove
from api.services.inserts import insert
from api.services.paging import Listing
from api.services.users import is_known

POLICY_COLUMNS = tuple(projects.c[name] for name in Policy.__dataclass_fields__)
PROJECT = select(
    projects.c.slug,
    projects.c.name,
    projects.c.description,
    projects.c.guidelines,
    projects.c.scale,
    *(column.label(f"policy.{column.name}") for column in POLICY_COLUMNS),
    projects.c.created_at,
    projects.c.created_by,
    projects.c.version,
)
_MINE = select(memberships.c.project).where(memberships.c.user == bindparam("caller"))
BY_SLUG = {"slug": {"slug": projects.c.slug}}
PROJECTS = Listing(PROJECT, BY_SLUG)
MY_PROJECTS = Listing(PROJECT.where(projects.c.slug.in_(_MINE)), BY_SLUG)
MEMBER = select(
    memberships.c.project,
    memberships.c.user,
    users.c.display_name,
    memberships.c.role,
    memberships.c.created_at,
    memberships.c.version,
).join(users, users.c.name == memberships.c.user)
MEMBERS = Listing(MEMBER.where(memberships.c.project == bindparam("project")), {"user": {"user": memberships.c.user}})


def of_caller(table: sa.Table) -> tuple[sa.Label[str], sa.Label[str]]:
    """Two columns about the user bound as `caller`, in the project that a row belongs to: `caller_role`, and
    `blinded`, which is the caller if the project is blind and they are a reviewer there, and null otherwise."""
    project = table.c.slug if table is projects else table.c.project
    # Under names of their own, as `table` may be one of these itself.
    held, within, user = memberships.alias("held"), projects.alias("within"), users.alias("caller")
    of_caller = (held.c.project == project, held.c.user == bindparam("caller"))
    blinded = (
        select(held.c.user)
        .join(within, within.c.slug == held.c.project)
        .join(user, user.c.name == held.c.user)
        .where(*of_caller, within.c.blind, held.c.role == "reviewer", ~user.c.admin)
    )
    role = select(held.c.role).where(*of_caller)
    return role.scalar_subquery().label("caller_role"), blinded.scalar_subquery().label("blinded")


READ = Reading(PROJECT.where(projects.c.slug == bindparam("slug")))
READ_MEMBER = Reading(
    MEMBER.where(memberships.c.project == bindparam("project"), memberships.c.user == bindparam("user"))
)
SLUGS = Reading(select(projects.c.slug).order_by(projects.c.slug))
DELETED = Reading(select(deleted_projects).where(deleted_projects.c.slug == bindparam("slug")))
FIND = Reading(
    select(projects, projects.c.slug.label("project"), *of_caller(projects)).where(projects.c.slug == bindparam("slug"))
)
FIND_MEMBER = Reading(
    select(memberships, *of_caller(memberships)).where(
        memberships.c.project == bindparam("project"), memberships.c.user == bindparam("user")
    )
)


def all_slugs(tx: sa.Connection) -> list[str]:
    return SLUGS.values(tx)


def find(tx: sa.Connection, caller: Caller, slug: str) -> Found:
    """Raises: NotFound: there is no such project."""
    return FIND.row(tx, slug=slug, caller=caller.name)


def read(tx: sa.Connection, slug: str) -> Answer:
    return READ.answer(tx, slug=slug)


def list_for(tx: sa.Connection, caller: Caller, query: Answer) -> Answer:
    """The projects the caller is a member of, by slug; all of them for an instance admin."""
    return PROJECTS.page(tx, query) if caller.admin else MY_PROJECTS.page(tx, query, caller=caller.name)


def found(tx: sa.Connection, draft: Answer, by: str) -> Answer:
    """Founds a project; the founder becomes its first owner.

    Raises:
        AlreadyExists: the slug is taken.
        NameRetired: it was.
    """
    values = {
        **{name: value for name, value in draft.items() if name != "policy"},
        "scale": _scale(draft["scale"]),
        **asdict(Policy()),
        **draft.get("policy", {}),
        "created_at": now(),
        "created_by": by,
    }
    if not make(tx, projects, values, by):
        raise AlreadyExists(f"There is a project {draft['slug']!r} already.")
    # Only now, as making it waits for who is deleting one of that name.
    if DELETED.row_or_none(tx, slug=draft["slug"]):
        raise NameRetired(f"There was a project {draft['slug']!r}; what knows it must not come upon another's things.")
    make(tx, memberships, {"project": draft["slug"], "user": by, "role": "owner", "created_at": now()}, by)
    return read(tx, draft["slug"])


def alter(tx: sa.Connection, project: Found, changes: Answer, by: str) -> scales.Scale:
    """Writes the changes down; what follows from them is up to the caller. Gives the scale as it is now."""
    if "scale" in changes:
        changes = {**changes, "scale": _scale(changes["scale"])}
    if changes:
        values = {name: value for name, value in changes.items() if name != "policy"} | changes.get("policy", {})
        change(tx, projects, project, values, by)
    scale: scales.Scale = changes.get("scale", project.scale)
    return scale


def delete(tx: sa.Connection, project: Found, by: str) -> None:
    """With all that is in it, its history too; its name is not given again.

    Raises:
        Stale, NotFound: somebody changed or deleted it first.
    """
    unhurried(tx)
    hold(tx, projects, project)
    insert(tx, deleted_projects, [{"slug": project.slug, "deleted_at": now(), "deleted_by": by}])
    # What hangs on others goes first: so each table is gone through once, and not once for each row that it hangs on.
    for table in reversed(metadata.sorted_tables):
        if "project" in table.c:
            tx.execute(sa.delete(table).where(table.c.project == project.slug))
    erase(tx, projects, project)


def list_members(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    return MEMBERS.page(tx, query, project=project.slug)


def find_member(tx: sa.Connection, caller: Caller, project: str, user: str) -> Found:
    """Raises: NotFound: the project has no such member."""
    return FIND_MEMBER.row(tx, project=project, user=user, caller=caller.name)


def read_member(tx: sa.Connection, project: str, user: str) -> Answer:
    """Raises: NotFound: the project has no such member."""
    return READ_MEMBER.answer(tx, project=project, user=user)


def add_member(tx: sa.Connection, project: Found, user: str, role: str, by: str) -> Answer:
    """Raises: Invalid: there is no such user. Conflict: somebody added the user first."""
    if not is_known(tx, user):
        raise Invalid(Fault("/user", "unknown_user", f"There is no user {user!r}; the operator adds users."))
    values = {"project": project.slug, "user": user, "role": role, "created_at": now()}
    if not make(tx, memberships, values, by):
        raise Conflict("Somebody else added this member; read it again, then repeat.")
    return read_member(tx, project.slug, user)


def change_role(tx: sa.Connection, member: Found, role: str, by: str) -> Answer:
    """As something that is done by hand: it is no matter of the sign-in any more that may have given a role.

    Raises:
        LastOwner: nobody else owns the project.
    """
    _keep_an_owner(tx, member, role)
    change(tx, memberships, member, {"role": role}, by)
    theirs = (granted_roles.c.project == member.project, granted_roles.c.user == member.user)
    tx.execute(sa.delete(granted_roles).where(*theirs))
    return read_member(tx, member.project, member.user)


def remove_member(tx: sa.Connection, member: Found, by: str) -> None:
    """Raises: LastOwner: nobody else owns the project."""
    _keep_an_owner(tx, member, None)
    remove(tx, memberships, member, by)


def _keep_an_owner(tx: sa.Connection, member: Found, role: str | None) -> None:
    if member.role != "owner" or role == "owner":
        return
    # The project's row is the lock: two owners who leave at once wait for each other here.
    tx.execute(select(projects.c.slug).where(projects.c.slug == member.project).with_for_update(key_share=True))
    owners = select(memberships.c.user).where(
        memberships.c.project == member.project, memberships.c.role == "owner", memberships.c.user != member.user
    )
    if tx.execute(owners.limit(1)).one_or_none() is None:
        raise LastOwner(f"{member.user!r} is the only owner of {member.project!r}; make another one first.")


def keep_verdicts_in_use(tx: sa.Connection, slug: str, scale: scales.Scale) -> None:
    """Raises: ScaleInUse: assessments or resolutions use verdicts that the scale lacks."""
    # Assessments share-lock the project's row, so none can be under way with the old scale now.
    used = sa.union(*(select(table.c.verdict).where(table.c.project == slug) for table in (assessments, resolutions)))
    missing = scales.dropped(scale, tx.execute(used).scalars())
    if missing:
        raise ScaleInUse(
            f"Assessments or resolutions use {', '.join(missing)}, which the new scale lacks; "
            "name what takes their place in `replacements`.",
            verdicts=missing,
        )


def _scale(given: str | scales.Scale) -> scales.Scale:
    return scales.PRESETS[given] if isinstance(given, str) else given
