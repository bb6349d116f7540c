"""Leases: the queue hands claims out, each to one reviewer for each assessment it lacks, for a while."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Conflict, LeaseExpired
from api.models import assessments, assignments, claims, leases
from api.models.assessments import IS_DRAFT
from api.models.columns import now
from api.rules.permissions import Caller, may_review
from api.services.answers import Answer, Found, Reading
from api.services.claims import read_for
from api.services.inserts import insert
from api.services.projects import of_caller
from api.services.slots import (
    HAS_FREE_SLOT,
    LIVE,
    NEEDS_ASSESSMENT,
    NEEDS_NO_INDEX,
    ROLE,
    SUBMITTED,
    has_submitted,
    required,
)
from api.services.standing import LOCK, hold_policy

Order = tuple[sa.ColumnElement[Any], ...]
KEPT = timedelta(days=1)
"""How long a lease that has run out is kept, so that its holder is told so."""
SWEPT = 200
"""Most of those that one request clears away."""


@dataclass(frozen=True)
class Look:
    """One way of looking for a claim to hand out: the best there is, locked; and whether it still is to be had.

    The second question is for when the lock is held. PostgreSQL answers the first one as of before it waited,
    except for the locked row itself: by now somebody else may hold the place.
    """

    best: Reading
    still: Reading


_project, _caller = (bindparam(name, type_=sa.String) for name in ("project", "caller"))
_leased = select(leases.c.claim).where(leases.c.project == _project, leases.c.reviewer == _caller, LIVE)
_wanting = select(claims.c.project, claims.c.id).where(
    claims.c.id.not_in(_leased), ~has_submitted(claims.c.project, claims.c.id, _caller)
)


def _callers_own(table: sa.Table) -> sa.Select[Any]:
    """Those on which the caller has a row in that table, found from there, as they are few.

    Status and project are asked for in words that no index serves, or SQLite would go through all claims instead.
    """
    own = select(table.c.claim).where(table.c.project == _project, table.c.reviewer == _caller)
    if table is assessments:
        own = own.where(sa.text(IS_DRAFT))
    return _wanting.where(
        claims.c.id.in_(own),
        claims.c.project.concat("") == _project,
        NEEDS_NO_INDEX,
    )


_assigned = _callers_own(assignments)
_drafted = _callers_own(assessments).where(HAS_FREE_SLOT)
_any = _wanting.where(claims.c.project == _project, NEEDS_ASSESSMENT, HAS_FREE_SLOT)

_fewest = claims.c.submitted.desc()
BEST_FIRST = (claims.c.priority.desc(), _fewest, claims.c.created_at, claims.c.id)
BEST_OF_FEW = (-claims.c.priority, -claims.c.submitted, claims.c.created_at, claims.c.id)
"""The same order in words that no index serves: to sort what is the caller's, not to search all claims for it."""


BLIND_FIRST = tuple(key for key in BEST_FIRST if key is not _fewest)
BLIND_OF_FEW = (-claims.c.priority, claims.c.created_at, claims.c.id)
"""The same for who must not learn which claims others have assessed."""


def _look(among: sa.Select[Any], order: Order, skip_locked: bool = False) -> Look:
    best = among.order_by(*order).limit(1)
    return Look(
        Reading(best.with_for_update(of=claims, key_share=True, skip_locked=skip_locked)),
        Reading(among.where(claims.c.id == bindparam("claim"))),
    )


# The order in which the queue is handed out. First what an editor gave to the caller by hand: the place
# is theirs already. Then what they have begun, a draft of their own. Then what anybody may have; and within
# each, BEST_FIRST: what matters more; what lacks fewer assessments, so that things get finished; what has
# waited longer. The last look walks the index `ix_claims_queue`, whose order this is, until it meets a claim
# with a free slot, and passes over claims that others are busy with; only if that leaves none, it looks
# once more and waits for them, so that nobody is told that there is nothing while a slot is free.
def _looks(engine: str, order: Order, of_few: Order) -> tuple[Look, ...]:
    # On SQLite there is one writer at a time, and nobody to pass over.
    anybodys = (_look(_any, order, skip_locked=True),) if engine == "postgresql" else ()
    return _look(_assigned, of_few), _look(_drafted, of_few), *anybodys, _look(_any, order)


LOOKS = {engine: _looks(engine, BEST_FIRST, BEST_OF_FEW) for engine in ("sqlite", "postgresql")}
BLIND_LOOKS = {engine: _looks(engine, BLIND_FIRST, BLIND_OF_FEW) for engine in LOOKS}

LEASE = select(
    leases.c.reviewer,
    leases.c.leased_at,
    leases.c.expires_at,
    sa.exists()
    .where(assignments.c.project == leases.c.project, assignments.c.claim == leases.c.claim)
    .where(assignments.c.reviewer == leases.c.reviewer)
    .label("assigned"),
)
_own = (
    leases.c.project == bindparam("project"),
    leases.c.claim == bindparam("claim"),
    leases.c.reviewer == bindparam("reviewer"),
)
READ = Reading(LEASE.where(*_own))
EXPIRY = Reading(select(leases.c.expires_at).where(*_own))
MINE = Reading(
    select(leases, *of_caller(leases))
    .join(claims, sa.and_(claims.c.project == leases.c.project, claims.c.id == leases.c.claim))
    .where(claims.c.id == bindparam("claim"), leases.c.reviewer == _caller)
)
LONG_GONE = Reading(
    select(leases).where(leases.c.expires_at < bindparam("before")).limit(SWEPT).with_for_update(skip_locked=True)
)


def find_mine(tx: sa.Connection, caller: Caller, claim: str) -> Found:
    """Raises: NotFound: the caller has no lease on that claim."""
    return MINE.row(tx, claim=claim, caller=caller.name)


def lease_next(tx: sa.Connection, project: Found, draft: Answer, by: str, unit: str) -> Answer | None:
    """Leases the claim that needs this reviewer's assessment most; None if nothing waits for them."""
    hold_policy(tx, project.slug)
    # Who could not review to begin with is an instance admin, and may.
    if may_review(project.caller_role) and not may_review(ROLE.value(tx, project=project.slug, user=by)):
        raise Conflict("Your role in the project has changed; read it again.")
    claim = _taken(tx, project, timedelta(minutes=draft["lease_minutes"]), by)
    _sweep(tx)
    return _answer(tx, project, claim.id, by, unit) if claim else None


def renew(tx: sa.Connection, lease: Found, draft: Answer, unit: str) -> Answer:
    """Lets the lease end that many minutes from now.

    Raises:
        LeaseExpired: it has run out; somebody else may have the claim.
        NotFound: it was given back, or the claim was deleted.
    """
    claim = _locked(tx, lease)
    is_over = claim.status == "withdrawn" or (lease.blinded is None and claim.status in ("disputed", "resolved"))
    if is_over or SUBMITTED.value(tx, project=lease.project, claim=lease.claim, reviewer=lease.reviewer):
        raise LeaseExpired("The claim needs no assessment of yours now. Ask for the next.")
    ends = now() + timedelta(minutes=draft["lease_minutes"])
    tx.execute(sa.update(leases).where(*_is(lease.project, lease.claim, lease.reviewer)).values(expires_at=ends))
    return _answer(tx, lease, claim.id, lease.reviewer, unit)


def give_back(tx: sa.Connection, lease: Found) -> None:
    """Raises: LeaseExpired, NotFound: as for `renew`."""
    _locked(tx, lease)
    _end(tx, lease.project, lease.claim, lease.reviewer)


def _taken(tx: sa.Connection, project: Found, time: timedelta, by: str) -> Found | None:
    asked = {"project": project.slug, "caller": by, "required": required(tx, project.slug)}
    looks = LOOKS if project.blinded is None else BLIND_LOOKS
    for look in looks[tx.dialect.name]:
        while True:
            with tx.begin_nested() as attempt:
                claim = look.best.row_or_none(tx, now=now(), **asked)
                if claim is None:
                    break
                moment = now()
                if look.still.row_or_none(tx, claim=claim.id, now=moment, **asked):
                    _begin(tx, claim, by, moment, moment + time)
                    return claim
                # It went to somebody else. Letting the lock go keeps us from waiting for one claim while holding
                # another; the next look sees what they did.
                attempt.rollback()
    return None


def _begin(tx: sa.Connection, claim: Found, by: str, begins: Any, ends: Any) -> None:
    _end(tx, claim.project, claim.id, by)  # one of theirs that has run out
    key = {"project": claim.project, "claim": claim.id, "reviewer": by}
    insert(tx, leases, [{**key, "leased_at": begins, "expires_at": ends}])


def _end(tx: sa.Connection, project: str, claim: str, reviewer: str) -> None:
    tx.execute(sa.delete(leases).where(*_is(project, claim, reviewer)))


def _locked(tx: sa.Connection, lease: Found) -> Found:
    """The claim of the lease, which is live and stays so until this transaction ends.

    The lock comes first: the lease may run out, and the place go to another, while we wait for it.
    """
    claim = LOCK.row(tx, project=lease.project, claim=lease.claim)
    ends = EXPIRY.row(tx, project=lease.project, claim=lease.claim, reviewer=lease.reviewer).expires_at
    if ends <= now():
        raise LeaseExpired(f"It ended at {ends:%Y-%m-%dT%H:%M:%SZ}; others may have the claim now. Ask for the next.")
    return claim


def _sweep(tx: sa.Connection) -> None:
    # At the end, when no more claims are waited for: deleting a claim locks it first and its leases then.
    for lease in LONG_GONE.rows(tx, before=now() - KEPT):
        _end(tx, lease.project, lease.claim, lease.reviewer)


def _answer(tx: sa.Connection, thing: Found, claim: str, reviewer: str, unit: str) -> Answer:
    lease = READ.answer(tx, project=thing.project, claim=claim, reviewer=reviewer)
    return {"claim": read_for(tx, thing, claim, unit), **lease}


def _is(project: str, claim: str, reviewer: str) -> tuple[sa.ColumnElement[bool], ...]:
    return leases.c.project == project, leases.c.claim == claim, leases.c.reviewer == reviewer
