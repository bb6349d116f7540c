"""Relations: how two claims of a project stand to each other, on one article or on two."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists, Fault, Invalid
from api.models import claims, relations
from api.models.columns import among, new_id, now
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, make, remove
from api.services.events import record, recorded, told
from api.services.paging import Listing
from api.services.projects import of_caller

RELATION = select(
    relations.c.id,
    relations.c.type,
    relations.c.claim,
    relations.c.other,
    relations.c.note,
    relations.c.created_at,
    relations.c.created_by,
    relations.c.version,
)
_in_project = relations.c.project == bindparam("project")
_ends = (relations.c.low, relations.c.high)
READ = Reading(RELATION.where(_in_project, relations.c.id == bindparam("id")))
FIND = Reading(select(relations, *of_caller(relations)).where(relations.c.id == bindparam("id")))
CLAIM = Reading(select(claims.c.id).where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
HOLDER = Reading(
    select(relations.c.id).where(
        _in_project,
        relations.c.low == bindparam("low"),
        relations.c.high == bindparam("high"),
        relations.c.type == bindparam("type"),
    )
)
LIST = Listing(
    # The project stands with each end: otherwise SQLite reads all relations of the project.
    RELATION.where(sa.or_(*(sa.and_(_in_project, end == bindparam("claim")) for end in _ends))),
    orders={"created_at": {"created_at": relations.c.created_at, "id": relations.c.id}},
    filters={"type": relations.c.type == bindparam("type")},
)
_by_end = sa.union_all(
    *(RELATION.add_columns(end.label("of")).where(_in_project, among(end, "claims")) for end in _ends)
).subquery()
OF_CLAIMS = Reading(select(_by_end).order_by(_by_end.c.of, _by_end.c.created_at, _by_end.c.id))
LOCKED_AT = [
    Reading(select(relations).where(_in_project, among(end, "claims")).order_by(relations.c.id).with_for_update())
    for end in _ends
]


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such relation."""
    return FIND.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, relation: Found) -> Answer:
    return _read(tx, relation.project, relation.id)


def list_for(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """The relations of the claim, whichever end it is."""
    return LIST.page(tx, query, project=claim.project, claim=claim.id)


def of_claims(tx: sa.Connection, project: str, ids: list[str]) -> dict[str, list[Answer]]:
    """The relations of each claim, by its id; one between two of them is with both."""
    found = OF_CLAIMS.grouped(tx, by="of", project=project, claims=ids)
    for related in found.values():
        for relation in related:
            del relation["of"]
    return found


def relate(tx: sa.Connection, claim: Found, draft: Answer, by: str) -> Answer:
    """Relates the claim to the one that the draft names.

    Raises:
        Invalid: that is no other claim of the project.
        AlreadyExists: the two are related so already, whichever way round.
    """
    other = draft["other"]
    if other == claim.id:
        raise Invalid(Fault("/other", "same_claim", "Expected another claim, found the claim itself."))
    if CLAIM.row_or_none(tx, project=claim.project, id=other) is None:
        raise Invalid(Fault("/other", "unknown_claim", "Expected a claim of this project."))
    id = add(tx, claim.project, claim.id, other, draft, by)
    if id is None:
        low, high = sorted((claim.id, other))
        held = HOLDER.value(tx, project=claim.project, low=low, high=high, type=draft["type"])
        raise AlreadyExists(f"Relation {held} of this type is between the two claims already.", existing=held)
    return _read(tx, claim.project, id)


def add(tx: sa.Connection, project: str, claim: str, other: str, draft: Answer, by: str) -> str | None:
    """Relates two claims of the project; gives the id. None if they are related so already, whichever way round.

    Raises:
        Conflict: one of them is gone.
    """
    low, high = sorted((claim, other))
    values = {
        **draft,
        "id": new_id(),
        "project": project,
        "claim": claim,
        "other": other,
        "low": low,
        "high": high,
        "created_at": now(),
        "created_by": by,
    }
    return values["id"] if make(tx, relations, values, by) else None


def sever(tx: sa.Connection, project: str, ids: Sequence[str], by: str) -> None:
    """Tells the histories of other claims that their relations to these end. These claims are locked and about
    to be deleted, and the relations with them."""
    found = [row for locked in LOCKED_AT for row in locked.rows(tx, project=project, claims=ids)]
    rows = {row.id: row._asdict() for row in found}.values()
    ending = [each for row in rows for each in told(relations, row, "deleted", recorded(relations, row), None)]
    record(tx, by, [each for each in ending if each.chain not in ids], now())


def alter(tx: sa.Connection, relation: Found, changes: Answer, by: str) -> Answer:
    if changes:
        change(tx, relations, relation, changes, by)
    return read(tx, relation)


def undo(tx: sa.Connection, relation: Found, by: str) -> None:
    remove(tx, relations, relation, by)


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return READ.answer(tx, project=project, id=id)
