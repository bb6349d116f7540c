"""Comments: what people say about an article, a claim or an assessment."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import NotFound
from api.models import assessments, comments
from api.models.columns import among, new_id, now
from api.models.comments import ON
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.assessments import TO_SEE
from api.services.blinding import unseen
from api.services.changes import change, make, remove
from api.services.paging import Listing
from api.services.projects import of_caller

COMMENT = select(
    comments.c.id,
    *(comments.c[name] for name in ON),
    comments.c.text,
    comments.c.created_at,
    comments.c.created_by,
    comments.c.updated_at,
    comments.c.version,
)
_in_project = comments.c.project == bindparam("project")
_assessment = sa.and_(assessments.c.project == comments.c.project, assessments.c.id == comments.c.assessment)
READ = Reading(COMMENT.where(_in_project, comments.c.id == bindparam("id")))
FIND = Reading(
    select(
        comments,
        *of_caller(comments),
        assessments.c.claim.label("assessed"),
        assessments.c.reviewer,
    )
    .outerjoin(assessments, _assessment)
    .where(comments.c.id == bindparam("id"), sa.or_(comments.c.assessment.is_(None), TO_SEE))
)
STATE = Reading(
    select(assessments.c.state)
    .where(assessments.c.project == bindparam("project"), assessments.c.id == bindparam("id"))
    .with_for_update(read=True)
)
LISTS = {
    on: Listing(
        COMMENT.where(_in_project, comments.c[on] == bindparam("thing")),
        orders={"created_at": {"created_at": comments.c.created_at, "id": comments.c.id}},
    )
    for on in ON
}
ON_EACH = {
    on: Reading(
        COMMENT.where(_in_project, among(comments.c[on], "things")).order_by(
            comments.c[on], comments.c.created_at, comments.c.id
        )
    )
    for on in ON
}


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such comment, or it is on an assessment that the caller may not see."""
    row = FIND.row(tx, id=id, caller=caller.name)
    if row.assessment and row.reviewer != caller.name and unseen(tx, row, [row.assessed]):
        raise NotFound
    return row


def read(tx: sa.Connection, comment: Found) -> Answer:
    return _read(tx, comment.project, comment.id)


def list_on(tx: sa.Connection, on: str, thing: Found, query: Answer) -> Answer:
    """The comments on a thing of the kind `on`."""
    return LISTS[on].page(tx, query, project=thing.project, thing=thing.id)


def on_each(tx: sa.Connection, on: str, project: str, things: Sequence[str]) -> dict[str, list[Answer]]:
    """The comments on several things of that kind, by their ids."""
    return ON_EACH[on].grouped(tx, by=on, project=project, things=things)


def write(tx: sa.Connection, on: str, thing: Found, draft: Answer, by: str) -> Answer:
    """A new comment on a thing of the kind `on`."""
    return _read(tx, thing.project, add(tx, on, thing, draft, by))


def add(tx: sa.Connection, on: str, thing: Found, draft: Answer, by: str) -> str:
    """As `write`; gives the id only."""
    moment = now()
    values = {
        **draft,
        "id": new_id(),
        "project": thing.project,
        on: thing.id,
        "assessed": thing.claim if on == "assessment" else None,
        "created_at": moment,
        "created_by": by,
        "updated_at": moment,
    }
    make(tx, comments, values, by, private=on == "assessment" and _is_draft(tx, thing.project, thing.id))
    return str(values["id"])


def alter(tx: sa.Connection, comment: Found, changes: Answer, by: str) -> Answer:
    if changes:
        change(tx, comments, comment, changes, by, private=_on_draft(tx, comment))
    return read(tx, comment)


def delete(tx: sa.Connection, comment: Found, by: str) -> None:
    remove(tx, comments, comment, by, private=_on_draft(tx, comment))


def _on_draft(tx: sa.Connection, comment: Found) -> bool:
    return comment.assessment is not None and _is_draft(tx, comment.project, comment.assessment)


def _is_draft(tx: sa.Connection, project: str, assessment: str) -> bool:
    """Whether the assessment is a draft, and so stays until this transaction ends. Raises: NotFound: it is gone."""
    return bool(STATE.row(tx, project=project, id=assessment).state == "draft")


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return READ.answer(tx, project=project, id=id)
