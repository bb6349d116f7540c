"""Assessments: one reviewer's verdict on one claim."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadySubmitted, Conflict, NotFound
from api.models import assessments, claims, comments
from api.models.columns import new_id, now, sorted_by
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.blinding import unseen
from api.services.changes import change, lock, make, remove
from api.services.citations import cite, cited_by, with_citations, with_stances
from api.services.events import record, recorded, told
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.standing import check_verdict, hold_policy, locked, recount

ASSESSMENT = select(
    assessments.c.id,
    assessments.c.claim,
    assessments.c.reviewer,
    assessments.c.verdict,
    assessments.c.rationale,
    assessments.c.confidence,
    assessments.c.state,
    assessments.c.created_at,
    assessments.c.updated_at,
    assessments.c.version,
)
READ = Reading(ASSESSMENT.where(assessments.c.project == bindparam("project"), assessments.c.id == bindparam("id")))
MINE = Reading(
    select(assessments, *of_caller(assessments))
    .join(claims, sa.and_(claims.c.project == assessments.c.project, claims.c.id == assessments.c.claim))
    .where(claims.c.id == bindparam("claim"), assessments.c.reviewer == bindparam("caller"))
)
_BY_CALLER = assessments.c.reviewer == bindparam("caller")
TO_SEE = sa.or_(assessments.c.state == "submitted", _BY_CALLER)
"""Whether the user bound as `caller` may see an assessment."""
FIND = Reading(select(assessments, *of_caller(assessments)).where(assessments.c.id == bindparam("id"), TO_SEE))
COMMENTS = Reading(
    select(comments, assessments.c.claim.label("assessed"))
    .join(assessments, sa.and_(assessments.c.project == comments.c.project, assessments.c.id == comments.c.assessment))
    .where(comments.c.project == bindparam("project"), comments.c.assessment == bindparam("id"))
    .order_by(sorted_by(comments.c.id))
    .with_for_update(of=comments)
)
_of_claim = (assessments.c.project == bindparam("project"), assessments.c.claim == bindparam("claim"))
_oldest_first = {"created_at": {"created_at": assessments.c.created_at, "id": assessments.c.id}}
LIST = Listing(ASSESSMENT.where(*_of_claim, TO_SEE), _oldest_first)
OWN = Listing(ASSESSMENT.where(*_of_claim, _BY_CALLER), _oldest_first)


def find_mine(tx: sa.Connection, caller: Caller, claim: str) -> Found:
    """Raises: NotFound: the caller has no assessment of that claim."""
    return MINE.row(tx, claim=claim, caller=caller.name)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such assessment, or the caller may not see it."""
    row = FIND.row(tx, id=id, caller=caller.name)
    if row.reviewer != caller.name and unseen(tx, row, [row.claim]):
        raise NotFound
    return row


def read(tx: sa.Connection, assessment: Found) -> Answer:
    return _read(tx, assessment.project, assessment.id)


def list_of(tx: sa.Connection, claim: Found, query: Answer, caller: str) -> Answer:
    """The submitted assessments of the claim that the caller may see, and the caller's own draft."""
    listing = OWN if unseen(tx, claim, [claim.id]) else LIST
    listed = listing.page(tx, query, project=claim.project, claim=claim.id, caller=caller)
    with_citations(tx, claim.project, listed["items"])
    return listed


def give(tx: sa.Connection, claim: Found, draft: Answer, reviewer: str) -> Answer:
    """The first assessment of the claim by this reviewer; the claim's status follows.

    Raises:
        Invalid: the verdict is not on the project's scale, or what is cited is not evidence of this claim.
        ClaimWithdrawn, ClaimClosed: the claim takes none.
        Conflict: the reviewer gave one at the same time.
    """
    return _read(tx, claim.project, add(tx, claim, draft, reviewer, reviewer))


def add(tx: sa.Connection, claim: Found, draft: Answer, reviewer: str, by: str) -> str:
    """As `give`, entered by somebody who may be another; gives the id only."""
    check_verdict(tx, claim.project, draft["verdict"])
    is_draft = draft["state"] == "draft"
    current = locked(tx, claim.project, claim.id, for_draft=is_draft)
    cited = with_stances(tx, current, draft["evidence"])
    moment = now()
    values = {
        **_own(draft),
        "id": new_id(),
        "project": claim.project,
        "claim": claim.id,
        "reviewer": reviewer,
        "created_at": moment,
        "updated_at": moment,
    }
    if not make(tx, assessments, values, by, parts={"evidence": cited}, private=is_draft):
        raise Conflict("An assessment of this claim was given at the same time; read it, then repeat.")
    cite(tx, claim.project, values["id"], cited)
    if not is_draft:
        recount(tx, current, by)
    return str(values["id"])


def revise(tx: sa.Connection, assessment: Found, draft: Answer, by: str) -> Answer:
    """Changes the assessment, or submits a draft.

    Raises:
        Invalid, ClaimWithdrawn, ClaimClosed: as for `give`.
        AlreadySubmitted: what is submitted can't be a draft again.
        Stale: it was changed meanwhile.
    """
    if (assessment.state, draft["state"]) == ("submitted", "draft"):
        raise AlreadySubmitted("It has counted since it was submitted. DELETE takes it back.")
    check_verdict(tx, assessment.project, draft["verdict"])
    current = locked(tx, assessment.project, assessment.claim, for_draft=draft["state"] == "draft")
    cited = with_stances(tx, current, draft["evidence"])
    parts = {"evidence": cited_by(tx, assessment)}, {"evidence": cited}
    submitted, was_draft = draft["state"] == "submitted", assessment.state == "draft"
    how: Any = {"action": "submitted", "afresh": True} if submitted and was_draft else {"private": was_draft}
    change(tx, assessments, assessment, _own(draft), by, parts=parts, **how)
    cite(tx, assessment.project, assessment.id, cited)
    if submitted and was_draft:
        said = _comments_on(tx, assessment)
        shown = [each for row in said for each in told(comments, row, "submitted", None, recorded(comments, row))]
        record(tx, by, shown, now())
    if submitted:
        recount(tx, current, by)
    return _read(tx, assessment.project, assessment.id)


def take_back(tx: sa.Connection, assessment: Found) -> None:
    """Raises: ClaimWithdrawn, ClaimClosed: as for `give`. Stale: it was changed meanwhile."""
    hold_policy(tx, assessment.project)
    private = assessment.state == "draft"
    current = locked(tx, assessment.project, assessment.claim, for_draft=private)
    said = _comments_on(tx, assessment)
    for row in said:
        ending = told(comments, row, "deleted", recorded(comments, row), None, private)
        record(tx, assessment.reviewer, ending, now())
    remove(tx, assessments, assessment, assessment.reviewer, private=private)
    if not private:
        recount(tx, current, assessment.reviewer)


def _comments_on(tx: sa.Connection, assessment: Found) -> list[dict[str, Any]]:
    """What was said of the assessment, as rows for the history; it neither grows nor changes until this ends."""
    lock(tx, assessments, assessment)
    return [row._asdict() for row in COMMENTS.rows(tx, project=assessment.project, id=assessment.id)]


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return with_citations(tx, project, [READ.answer(tx, project=project, id=id)])[0]


def _own(draft: Answer) -> Answer:
    """What the assessment's row holds of the draft."""
    return {name: value for name, value in draft.items() if name != "evidence"}
