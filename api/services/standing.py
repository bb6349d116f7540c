"""Where claims stand: status, verdict and resolution, always what follows from what is stored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import ClaimClosed, ClaimWithdrawn, Fault, Invalid, NotFound
from api.models import assessments, claims, projects, resolutions
from api.models.columns import among, now
from api.rules.consensus import Outcome, Policy, Vote, settle
from api.rules.history import differing
from api.rules.scales import Scale, verdicts
from api.services.answers import Answer, Found, Reading
from api.services.events import Told, as_json_values, record
from api.services.inserts import insert
from api.services.projects import POLICY_COLUMNS

_claim = (claims.c.project == bindparam("project"), claims.c.id == bindparam("claim"))
LOCK = Reading(select(claims).where(*_claim).with_for_update(key_share=True))
RESOLUTIONS = Reading(
    select(
        resolutions.c.claim,
        resolutions.c.verdict,
        resolutions.c.method,
        resolutions.c.by,
        resolutions.c.assessments,
        resolutions.c.rationale,
        resolutions.c.resolved_at,
    ).where(resolutions.c.project == bindparam("project"), among(resolutions.c.claim, "claims"))
)
POLICY = Reading(select(*POLICY_COLUMNS).where(projects.c.slug == bindparam("project")))
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
REVIEWED = Reading(
    select(claims)
    .where(
        claims.c.project == bindparam("project"),
        claims.c.status != "unverified",
        claims.c.status != "withdrawn",
        ~sa.exists()
        .where(resolutions.c.project == claims.c.project, resolutions.c.claim == claims.c.id)
        .where(resolutions.c.method == "adjudicated"),
    )
    .order_by(claims.c.id)
    .with_for_update(of=claims)
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a claim stands; the resolution in the form of an answer."""

    status: str
    verdict: str | None
    resolution: Answer | None


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


def locked_row(tx: sa.Connection, project: str, claim: str) -> Found:
    """The claim as it is now; nobody else changes what it rests on until this transaction ends.

    Raises:
        NotFound: it was deleted.
    """
    return LOCK.row(tx, project=project, claim=claim)


def locked(tx: sa.Connection, project: str, claim: str, for_draft: bool = False) -> Found:
    """As `locked_row`, if the claim takes assessments.

    Raises:
        NotFound: it was deleted.
        ClaimWithdrawn: it is withdrawn.
        ClaimClosed: an editor has settled it; to a draft, which counts for nothing, that is all the same.
    """
    row = locked_row(tx, project, claim)
    if row.status == "withdrawn":
        raise ClaimWithdrawn("A withdrawn claim takes no assessments; bring it back first.")
    if not for_draft and is_adjudicated(tx, row):
        raise ClaimClosed("It takes no assessments now, and keeps those it has.")
    return row


def is_adjudicated(tx: sa.Connection, claim: Found) -> bool:
    """Whether an editor has settled the claim, which this transaction has locked."""
    # In one statement with the lock, PostgreSQL would answer as of before the wait.
    rows = RESOLUTIONS.rows(tx, project=claim.project, claims=[claim.id])
    return any(row.method == "adjudicated" for row in rows)


def recount(tx: sa.Connection, claim: Found, by: str) -> None:
    """Has the claim stand where its submitted assessments leave it, one of which came, went or changed.

    `claim` is its row, read by this transaction once it was locked.
    """
    votes = _votes(tx, claim)
    here = (claims.c.project == claim.project, claims.c.id == claim.id)
    counted = {"submitted": len(votes), "review_version": claims.c.review_version + 1}
    tx.execute(sa.update(claims).where(*here).values(counted))
    stand(tx, [(claim, settle(policy_of(tx, claim.project), votes))], by)


def follow(tx: sa.Connection, claim: Found, by: str, action: str = "changed") -> None:
    """As `recount`, for a claim whose assessments are as they were."""
    stand(tx, [(claim, settle(policy_of(tx, claim.project), _votes(tx, claim)))], by, action=action)


def follow_policy(tx: sa.Connection, project: str, by: str) -> None:
    """Does the same for every claim of the project, after its policy has changed. What was adjudicated stays so."""
    policy = policy_of(tx, project)
    assessed = REVIEWED.rows(tx, project=project)
    rows = groupby(ALL_VOTES.rows(tx, project=project), key=attrgetter("claim"))
    votes = {claim: [Vote(*row[1:]) for row in group] for claim, group in rows}
    stand(tx, [(claim, settle(policy, votes.get(claim.id, []))) for claim in assessed], by)


def settle_as_of(tx: sa.Connection, claim: Found, moment: datetime, by: str) -> None:
    """Has the claim's resolution, if it has one, count as made at that moment. `claim` is locked by `locked_row`."""
    for resolution in RESOLUTIONS.answers(tx, project=claim.project, claims=[claim.id]):
        del resolution["claim"]
        was = Standing(claim.status, claim.verdict, resolution)
        stands = replace(was, resolution={**resolution, "resolved_at": moment})
        _write(tx, claim.project, [(claim, stands)], now())
        record(tx, by, [_told(claim, "changed", was, stands)], now())


def _votes(tx: sa.Connection, claim: Found) -> list[Vote]:
    return [Vote(*row) for row in VOTES.rows(tx, project=claim.project, claim=claim.id)]


def policy_of(tx: sa.Connection, project: str) -> Policy:
    return Policy(*POLICY.row(tx, project=project))


def stand(
    tx: sa.Connection,
    outcomes: Sequence[tuple[Found, Outcome]],
    by: str,
    *,
    action: str = "changed",
    rationale: str | None = None,
) -> None:
    """Has claims of one project, which this transaction has locked, stand where the outcomes say."""
    if not outcomes:
        return
    project, moment = outcomes[0][0].project, now()
    known = RESOLUTIONS.answers(tx, project=project, claims=[claim.id for claim, _ in outcomes])
    resolved = {resolution.pop("claim"): resolution for resolution in known}
    moves = []
    for claim, outcome in outcomes:
        was = Standing(claim.status, claim.verdict, resolved.get(claim.id))
        stands = _standing(outcome, was, rationale, moment)
        if stands != was:
            moves.append((claim, was, stands))
    _write(tx, project, [(claim, stands) for claim, _, stands in moves], moment)
    record(tx, by, [_told(claim, action, was, stands) for claim, was, stands in moves], moment)


def _standing(outcome: Outcome, was: Standing, rationale: str | None, moment: datetime) -> Standing:
    settled, before = outcome.settled, was.resolution
    if settled is None:
        return Standing(outcome.status, None, None)
    resolution = {**asdict(settled), "assessments": list(settled.assessments), "rationale": rationale}
    # What reviewers go on agreeing on was settled when they first did; an editor's word is a new one each time.
    goes_on = before and (before["verdict"], before["method"]) == (settled.verdict, settled.method)
    since = before["resolved_at"] if before and goes_on and settled.method != "adjudicated" else moment
    return Standing(outcome.status, settled.verdict, {**resolution, "resolved_at": since})


def _write(tx: sa.Connection, project: str, moves: list[tuple[Found, Standing]], moment: datetime) -> None:
    if not moves:
        return
    here = (claims.c.project == project, claims.c.id == bindparam("claim"))
    statement = (
        sa.update(claims)
        .where(*here)
        .values(status=bindparam("stands"), verdict=bindparam("settled"))
        .values(review_version=claims.c.review_version + 1, updated_at=moment)
    )
    tx.execute(
        statement, [{"claim": claim.id, "stands": move.status, "settled": move.verdict} for claim, move in moves]
    )
    gone = sa.delete(resolutions).where(resolutions.c.project == project, among(resolutions.c.claim, "claims"))
    tx.execute(gone, {"claims": [claim.id for claim, _ in moves]})
    rows = [{"project": project, "claim": claim.id, **move.resolution} for claim, move in moves if move.resolution]
    insert(tx, resolutions, rows)


def _told(claim: Found, action: str, was: Standing, stands: Standing) -> Told:
    before, after = differing(as_json_values(asdict(was)), as_json_values(asdict(stands)))
    return Told(
        claim.project, claim.id, "claim", (claim.article, claim.id), action, "status", claim.id, before, after, True
    )
