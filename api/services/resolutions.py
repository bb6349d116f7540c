"""Where a claim stands: what follows from its assessments, an editor's adjudication, its withdrawal."""

from dataclasses import asdict
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import ClaimAdjudicated, ClaimWithdrawn, Fault, Invalid, NotFound
from api.models import assessments, claims, projects, resolutions
from api.models.columns import now
from api.rules.consensus import Outcome, Policy, Settled, Vote, settle
from api.rules.scales import Scale, verdicts
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, hold, insert
from api.services.claims import read

_claim = (claims.c.project == bindparam("project"), claims.c.id == bindparam("claim"))
_resolution = sa.and_(resolutions.c.project == claims.c.project, resolutions.c.claim == claims.c.id)
LOCK = Reading(select(claims).where(*_claim).with_for_update(key_share=True))
ADJUDICATED = Reading(
    select(resolutions.c.claim).where(
        resolutions.c.project == bindparam("project"),
        resolutions.c.claim == bindparam("claim"),
        resolutions.c.method == "adjudicated",
    )
)
POLICY = Reading(select(projects.c.policy).where(projects.c.slug == bindparam("project")))
SCALE = Reading(select(projects.c.scale).where(projects.c.slug == bindparam("slug")).with_for_update(read=True))
_vote = (assessments.c.id, assessments.c.reviewer, assessments.c.verdict)
_submitted = (assessments.c.project == bindparam("project"), assessments.c.state == "submitted")
VOTES = Reading(
    select(*_vote)
    .where(*_submitted, assessments.c.claim == bindparam("claim"))
    .order_by(assessments.c.created_at, assessments.c.id)
)
ALL_VOTES = Reading(
    select(assessments.c.claim, *_vote)
    .where(*_submitted)
    .order_by(assessments.c.claim, assessments.c.created_at, assessments.c.id)
)
ASSESSED = Reading(
    select(claims)
    .where(
        claims.c.project == bindparam("project"),
        claims.c.status != "unverified",
        claims.c.status != "withdrawn",
        ~sa.exists().where(_resolution, resolutions.c.method == "adjudicated"),
    )
    .order_by(claims.c.id)
    .with_for_update(of=claims)
)


def hold_policy(tx: sa.Connection, project: str) -> Scale:
    """Keeps the project's scale and policy as they are until this transaction ends; gives the scale.

    Comes before any lock on a claim, and before any reading of votes.

    Raises:
        NotFound: the project was deleted.
    """
    scale: Scale | None = SCALE.value(tx, slug=project)
    if scale is None:
        raise NotFound
    return scale


def check_verdict(tx: sa.Connection, project: str, verdict: str) -> None:
    """Raises: Invalid: the verdict is not on the project's scale, which stays as it is until this ends."""
    scale = hold_policy(tx, project)
    if verdict not in verdicts(scale):
        detail = f"Expected one of {', '.join(verdicts(scale))} (scale {scale['name']}), found {verdict!r}."
        raise Invalid(Fault("/verdict", "verdict_not_on_scale", detail))


def locked(tx: sa.Connection, project: str, claim: str) -> Found:
    """The claim as it is now; nobody else changes what it rests on until this transaction ends.

    Raises:
        NotFound: it was deleted.
        ClaimWithdrawn: it is withdrawn.
        ClaimAdjudicated: an editor has settled it.
    """
    row = LOCK.row(tx, project=project, claim=claim)
    if row.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim takes no assessments; bring it back first.")
    if _is_adjudicated(tx, row):
        raise ClaimAdjudicated("An editor has settled the claim; reopen it before its assessments change.")
    return row


def follow(tx: sa.Connection, claim: Found, by: str) -> None:
    """Sets status, verdict and resolution to what the stored assessments amount to.

    `claim` is the row that `locked` gave, or that this transaction has changed.
    """
    policy = Policy(**POLICY.value(tx, project=claim.project))
    votes = [Vote(*row) for row in VOTES.rows(tx, project=claim.project, claim=claim.id)]
    _settle(tx, claim, settle(policy, votes), by)


def follow_policy(tx: sa.Connection, project: str, by: str) -> None:
    """Does the same for every claim of the project, after its policy has changed. What was adjudicated stays so."""
    policy = Policy(**POLICY.value(tx, project=project))
    assessed = ASSESSED.rows(tx, project=project)
    rows = groupby(ALL_VOTES.rows(tx, project=project), key=attrgetter("claim"))
    votes = {claim: [Vote(*row[1:]) for row in group] for claim, group in rows}
    for claim in assessed:
        outcome = settle(policy, votes.get(claim.id, []))
        settled = outcome.settled.verdict if outcome.settled else None
        if (outcome.status, settled) != (claim.status, claim.verdict):
            _settle(tx, claim, outcome, by)


def adjudicate(tx: sa.Connection, claim: Found, draft: Answer, by: str, unit: str) -> Answer:
    """Settles the claim by an editor's word, whatever its assessments amount to.

    Raises:
        Invalid: the verdict is not on the scale, or an assessment is not a submitted one of this claim.
        ClaimWithdrawn: the claim is withdrawn.
        Stale: it was changed meanwhile.
    """
    check_verdict(tx, claim.project, draft["verdict"])
    hold(tx, claims, claim)
    if claim.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim can't be settled; bring it back first.")
    known = set(VOTES.values(tx, project=claim.project, claim=claim.id))
    faults = [
        Fault(f"/assessments/{at}", "unknown_assessment", "Expected a submitted assessment of this claim.")
        for at, id in enumerate(draft["assessments"])
        if id not in known
    ]
    if faults:
        raise Invalid(*faults)
    settled = Settled(draft["verdict"], "adjudicated", by, tuple(draft["assessments"]))
    _settle(tx, claim, Outcome("resolved", settled), by, draft["rationale"])
    return read(tx, claim, unit)


def reopen(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Takes an adjudication back; the claim stands again where its assessments leave it.

    Raises:
        NotFound: nobody has adjudicated it.
    """
    hold_policy(tx, claim.project)
    hold(tx, claims, claim)
    if not _is_adjudicated(tx, claim):
        raise NotFound
    follow(tx, claim, by)
    return read(tx, claim, unit)


def withdraw(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Takes the claim out of review; its assessments stay and count again once it is back.

    Raises:
        ClaimAdjudicated: an editor has settled it.
    """
    if claim.status != "withdrawn":
        hold(tx, claims, claim)
        if _is_adjudicated(tx, claim):
            raise ClaimAdjudicated("An editor has settled the claim; reopen it before it is withdrawn.")
        change(tx, claims, claim, {"status": "withdrawn", "verdict": None}, by)
        _clear(tx, claim)
    return read(tx, claim, unit)


def reinstate(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Raises: NotFound: the claim is not withdrawn."""
    if claim.status != "withdrawn":
        raise NotFound
    hold_policy(tx, claim.project)
    hold(tx, claims, claim)
    follow(tx, claim, by)
    return read(tx, claim, unit)


def _is_adjudicated(tx: sa.Connection, claim: Found) -> bool:
    # Asked once the claim is locked: in one statement with the lock, PostgreSQL would answer as of before the wait.
    return ADJUDICATED.row_or_none(tx, project=claim.project, claim=claim.id) is not None


def _settle(tx: sa.Connection, claim: Found, outcome: Outcome, by: str, rationale: str | None = None) -> None:
    _clear(tx, claim)
    settled = outcome.settled
    if settled:
        key = {"project": claim.project, "claim": claim.id}
        insert(tx, resolutions, [{**key, **asdict(settled), "rationale": rationale, "resolved_at": now()}])
    change(tx, claims, claim, {"status": outcome.status, "verdict": settled.verdict if settled else None}, by)


def _clear(tx: sa.Connection, claim: Found) -> None:
    tx.execute(sa.delete(resolutions).where(resolutions.c.project == claim.project, resolutions.c.claim == claim.id))
