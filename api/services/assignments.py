"""Assignments: an editor gives a claim to a reviewer by hand, until they submit or it is taken back."""

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadySubmitted, ClaimWithdrawn, Conflict, Fault, NotAReviewer
from api.models import assignments, claims, leases, memberships
from api.models.columns import now
from api.rules.permissions import Caller, Role, may_review
from api.services import projects
from api.services.answers import Answer, Found, NotMade, Reading
from api.services.changes import hold, make, remove
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.slots import ROLE, SUBMITTED
from api.services.standing import LOCK

ASSIGNMENT = select(
    assignments.c.claim,
    assignments.c.reviewer,
    assignments.c.created_at,
    assignments.c.created_by,
    assignments.c.version,
)
_of_claim = (assignments.c.project == bindparam("project"), assignments.c.claim == bindparam("claim"))
READ = Reading(ASSIGNMENT.where(*_of_claim, assignments.c.reviewer == bindparam("reviewer")))
LIST = Listing(ASSIGNMENT.where(*_of_claim), {"reviewer": {"reviewer": assignments.c.reviewer}})
FIND = Reading(
    select(assignments, *of_caller(assignments))
    .join(claims, sa.and_(claims.c.project == assignments.c.project, claims.c.id == assignments.c.claim))
    .where(claims.c.id == bindparam("claim"), assignments.c.reviewer == bindparam("reviewer"))
)
OF_MEMBER = Reading(
    select(assignments)
    .where(assignments.c.project == bindparam("project"), assignments.c.reviewer == bindparam("reviewer"))
    .order_by(assignments.c.claim)
    .with_for_update()
)


def find(tx: sa.Connection, caller: Caller, claim: str, user: str) -> Found:
    """Raises: NotFound: nobody of that name is assigned to the claim."""
    return FIND.row(tx, claim=claim, reviewer=user, caller=caller.name)


def list_of(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    return LIST.page(tx, query, project=claim.project, claim=claim.id)


def assign(tx: sa.Connection, claim: Found, user: str, by: str) -> Answer:
    """Keeps a place in the claim's review for the user, one more than it has if all are held.

    Raises:
        NotAReviewer: the user is no member who gives assessments.
        ClaimWithdrawn: nothing is to be assessed.
        AlreadySubmitted: the user has given their assessment.
    """
    role = ROLE.value(tx, project=claim.project, user=user)  # and stays so until this ends
    current = LOCK.row(tx, project=claim.project, claim=claim.id)
    key = {"project": claim.project, "claim": claim.id, "reviewer": user}
    there = READ.answers(tx, **key)
    if there:
        return NotMade(there[0])
    if not may_review(role):
        found = f"a {role}" if role else "no member of the project"
        detail = f"Expected a member who is a reviewer, an editor or an owner; {user!r} is {found}."
        raise NotAReviewer(Fault("/user", "not_a_reviewer", detail))
    if current.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim is not reviewed; bring it back first.")
    if SUBMITTED.value(tx, **key):
        raise AlreadySubmitted(f"{user!r} has given an assessment of this claim.")
    if not make(tx, assignments, {**key, "created_at": now(), "created_by": by}, by):
        raise Conflict("Somebody else assigned the claim at the same time; read it again.")
    return READ.answer(tx, **key)


def unassign(tx: sa.Connection, assignment: Found, by: str) -> None:
    """Raises: NotFound: somebody else did it first."""
    remove(tx, assignments, assignment, by)


def change_role(tx: sa.Connection, member: Found, role: Role, by: str) -> Answer:
    """Gives the member another role; who reviews no more holds no places.

    Raises:
        LastOwner, Stale: as for `projects.change_role`.
    """
    changed = projects.change_role(tx, member, role, by)
    if not may_review(role):
        _release(tx, member, by)
    return changed


def remove_member(tx: sa.Connection, member: Found, by: str) -> None:
    """As `projects.remove_member`, with the places that the member holds."""
    # Whoever assigns share-locks the membership first: no assignment comes in between and goes with it untold.
    hold(tx, memberships, member)
    _release(tx, member, by)
    projects.remove_member(tx, member, by)


def _release(tx: sa.Connection, member: Found, by: str) -> None:
    for assignment in OF_MEMBER.rows(tx, project=member.project, reviewer=member.user):
        remove(tx, assignments, assignment, by)
    tx.execute(sa.delete(leases).where(leases.c.project == member.project, leases.c.reviewer == member.user))
