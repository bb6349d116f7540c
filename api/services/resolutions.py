"""Resolutions otherwise than by assessments alone: adjudication and reopening, withdrawal and return."""

import sqlalchemy as sa

from api.errors import ClaimClosed, ClaimWithdrawn, Fault, Invalid, NotFound, PreconditionFailed
from api.models import claims
from api.rules.consensus import Outcome, Settled
from api.services.answers import Answer, Found
from api.services.blinding import unseen
from api.services.changes import change, hold
from api.services.claims import ROW, read
from api.services.standing import VOTES, check_verdict, follow, hold_policy, is_adjudicated, stand


def adjudicate(tx: sa.Connection, claim: Found, draft: Answer, by: str, unit: str) -> Answer:
    """Settles the claim by an editor's word, whatever its assessments amount to.

    Raises:
        Invalid: the verdict is not on the scale, or an assessment is not a submitted one of this claim.
        ClaimWithdrawn: the claim is withdrawn.
        Stale, PreconditionFailed: it was changed, or where it stands has, since `claim` was read.
    """
    check_verdict(tx, claim.project, draft["verdict"])
    current = _held_as_it_stood(tx, claim)
    if current.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim can't be settled; bring it back first.")
    known = set(VOTES.values(tx, project=claim.project, claim=claim.id))
    faults = [
        Fault(f"/assessments/{at}", "unknown_assessment", f"Expected a submitted assessment of this claim, found {id}.")
        for at, id in enumerate(draft["assessments"])
        if id not in known
    ]
    if faults:
        raise Invalid(*faults)
    settled = Settled(draft["verdict"], "adjudicated", by, tuple(draft["assessments"]))
    stand(tx, [(current, Outcome("resolved", settled))], by, action="adjudicated", rationale=draft["rationale"])
    return read(tx, claim, unit)


def reopen(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Takes an adjudication back; the claim stands again where its assessments leave it.

    Raises:
        NotFound: nobody has adjudicated it.
        Stale, PreconditionFailed: as for `adjudicate`.
    """
    hold_policy(tx, claim.project)
    current = _held_as_it_stood(tx, claim)
    if not is_adjudicated(tx, claim):
        raise NotFound
    follow(tx, current, by, action="reopened")
    return read(tx, claim, unit)


def withdraw(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Takes the claim out of review; its assessments stay and count again once it is back.

    Raises:
        ClaimClosed: an editor has settled it, or the caller must not know whether one has.
        Stale: it was changed meanwhile.
    """
    if unseen(tx, claim, [claim.id]):
        raise ClaimClosed("In a blind project, assess it first, or ask an editor to withdraw it.")
    current = _held(tx, claim)
    if current.status != "withdrawn":
        if is_adjudicated(tx, claim):
            raise ClaimClosed("It can't be withdrawn now; an editor can reopen it.")
        change(tx, claims, current, {}, by, action="withdrawn")
        stand(tx, [(current, Outcome("withdrawn"))], by)
    return read(tx, claim, unit)


def reinstate(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Raises: NotFound: the claim is not withdrawn. Stale: it was changed meanwhile."""
    hold_policy(tx, claim.project)
    current = _held(tx, claim)
    if current.status != "withdrawn":
        raise NotFound
    change(tx, claims, current, {}, by, action="reinstated")
    follow(tx, current, by)
    return read(tx, claim, unit)


def _held(tx: sa.Connection, claim: Found) -> Found:
    hold(tx, claims, claim)
    return ROW.row(tx, project=claim.project, id=claim.id)


def _held_as_it_stood(tx: sa.Connection, claim: Found) -> Found:
    current = _held(tx, claim)
    if current.review_version != claim.review_version:
        raise PreconditionFailed("Where the claim stands has changed since you read it; read it again.")
    return current
