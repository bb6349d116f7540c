"""Where a claim stands: what follows from its assessments, and its withdrawal."""

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import ClaimWithdrawn, NotFound
from api.models import assessments, claims, projects, resolutions
from api.models.columns import now
from api.rules.consensus import Policy, Vote, settle
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, insert
from api.services.claims import read

_this_claim = (claims.c.project == bindparam("project"), claims.c.id == bindparam("claim"))
LOCK = Reading(select(claims).where(*_this_claim).with_for_update(key_share=True))
POLICY = Reading(select(projects.c.policy).where(projects.c.slug == bindparam("project")))
VOTES = Reading(
    select(assessments.c.id, assessments.c.reviewer, assessments.c.verdict)
    .where(
        assessments.c.project == bindparam("project"),
        assessments.c.claim == bindparam("claim"),
        assessments.c.state == "submitted",
    )
    .order_by(assessments.c.created_at, assessments.c.id)
)


def locked(tx: sa.Connection, project: str, claim: str) -> Found:
    """The claim as it is now; nobody else changes what it rests on until this transaction ends.

    Raises:
        NotFound: it was deleted.
        ClaimWithdrawn: it is withdrawn.
    """
    row = LOCK.row(tx, project=project, claim=claim)
    if row.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim takes no assessments; bring it back first.")
    return row


def follow(tx: sa.Connection, claim: Found) -> None:
    """Sets status, verdict and resolution to what the stored assessments amount to.

    `claim` is the row that `locked` gave, or that this transaction has changed.
    """
    key = {"project": claim.project, "claim": claim.id}
    policy = Policy(**POLICY.value(tx, project=claim.project))
    outcome = settle(policy, [Vote(*row) for row in VOTES.rows(tx, **key)])
    settled = outcome.settled
    _clear(tx, claim)
    if settled:
        insert(tx, resolutions, [{**key, **asdict(settled), "resolved_at": now()}])
    change(tx, claims, claim, {"status": outcome.status, "verdict": settled.verdict if settled else None})


def withdraw(tx: sa.Connection, claim: Found, unit: str) -> Answer:
    """Takes the claim out of review; its assessments stay and count again once it is back."""
    if claim.status != "withdrawn":
        change(tx, claims, claim, {"status": "withdrawn", "verdict": None})
        _clear(tx, claim)
    return read(tx, claim, unit)


def reinstate(tx: sa.Connection, claim: Found, unit: str) -> Answer:
    """Raises: NotFound: the claim is not withdrawn."""
    if claim.status != "withdrawn":
        raise NotFound
    LOCK.row(tx, project=claim.project, claim=claim.id)
    follow(tx, claim)
    return read(tx, claim, unit)


def _clear(tx: sa.Connection, claim: Found) -> None:
    tx.execute(sa.delete(resolutions).where(resolutions.c.project == claim.project, resolutions.c.claim == claim.id))
