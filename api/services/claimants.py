"""Claimants: the people and organizations that a project's claims are ascribed to."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists, ClaimantDiffers
from api.models import claimants, claims
from api.models.columns import new_id, now, sorted_by
from api.rules.claimants import learned
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, change_each, make
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.search import as_patterns, contains

CLAIMANT = select(
    claimants.c.id,
    claimants.c.project,
    claimants.c.name,
    claimants.c.kind,
    claimants.c.job_title,
    claimants.c.same_as,
    claimants.c.created_at,
    claimants.c.version,
)
READ = Reading(CLAIMANT.where(claimants.c.project == bindparam("project"), claimants.c.id == bindparam("id")))
FIND = Reading(select(claimants, *of_caller(claimants)).where(claimants.c.id == bindparam("id")))
_NAMED = select(claimants).where(claimants.c.project == bindparam("project"), claimants.c.name == bindparam("name"))
BY_NAME = Reading(_NAMED)
LOCKED_BY_NAME = Reading(_NAMED.with_for_update())
THEIR_CLAIMS = Reading(
    select(claims)
    .where(claims.c.project == bindparam("project"), claims.c.claimant == bindparam("claimant"))
    .order_by(sorted_by(claims.c.id))
    .with_for_update()
)
LIST = Listing(
    CLAIMANT.where(claimants.c.project == bindparam("project")),
    orders={"name": {"name": claimants.c.name, "id": claimants.c.id}},
    filters={
        "name": claimants.c.name == bindparam("name"),
        "kind": claimants.c.kind == bindparam("kind"),
        "q": contains(claimants.c.name),
    },
)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such claimant."""
    return FIND.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, claimant: Found) -> Answer:
    return READ.answer(tx, project=claimant.project, id=claimant.id)


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    return LIST.page(tx, as_patterns(query), project=project.slug)


def found_or_made(tx: sa.Connection, project: str, said: dict[str, Any], by: str) -> str:
    """The id of the project's claimant of this name, made if there is none yet.

    What was unknown of the claimant so far is filled in.

    Raises:
        ClaimantDiffers: something else is known of the claimant already.
    """
    key = {"project": project, "name": said["name"]}
    known = BY_NAME.row_or_none(tx, **key)
    if known is None:
        made = {**said, "id": new_id(), "project": project, "created_at": now()}
        if make(tx, claimants, made, by):
            return str(made["id"])
        known = BY_NAME.row(tx, **key)
    if _learned(known, said):
        known = LOCKED_BY_NAME.row(tx, **key)  # others may be adding to it too: once more, alone
        if new := _learned(known, said):
            _write(tx, known, new, by)
    return str(known.id)


def _learned(known: Found, said: dict[str, Any]) -> dict[str, Any]:
    try:
        return learned(known._asdict(), said)
    except ValueError as error:
        detail = f"Of {said['name']!r} the project knows: {error}. Change the claimant, or use another name."
        raise ClaimantDiffers(detail, existing=known.id) from None


def alter(tx: sa.Connection, claimant: Found, changes: Answer, by: str) -> Answer:
    """Raises: AlreadyExists: another claimant of the project has the new name."""
    name = changes.get("name", claimant.name)
    if name != claimant.name:
        other = BY_NAME.row_or_none(tx, project=claimant.project, name=name)
        if other is not None:
            raise AlreadyExists(f"Claimant {other.id} has the name {name!r} already.", existing=other.id)
    if changes:
        _write(tx, claimant, changes, by)
    return read(tx, claimant)


def _write(tx: sa.Connection, claimant: Found, values: dict[str, Any], by: str) -> None:
    change(tx, claimants, claimant, values, by)
    # A claim shows its claimant, so each of these claims is another version now.
    theirs = THEIR_CLAIMS.rows(tx, project=claimant.project, claimant=claimant.id)
    change_each(tx, claims, theirs, {}, by)
