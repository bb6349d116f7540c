"""Who holds a place in the review of a claim, in words of SQL.

A place is held by a reviewer who has a live lease on the claim or is assigned to it, and has not
submitted an assessment. Assessing asks nobody here: a lease of who has submitted no longer counts.
All of it speaks of the row of `claims` in the statement around it, as of the parameter `now`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.models import assessments, assignments, claims, leases, memberships
from api.models.claims import NEED_ASSESSMENT
from api.models.columns import Moment
from api.services.answers import Reading
from api.services.standing import policy_of

NEEDS_ASSESSMENT = sa.text(f"claims.{NEED_ASSESSMENT}")
NEEDS_NO_INDEX = sa.text("claims.status NOT IN ('disputed', 'resolved', 'withdrawn')")
"""The same in words that no index serves: for a few claims that are found otherwise."""


Place = tuple[sa.ColumnElement[str], sa.ColumnElement[str], sa.ColumnElement[str]]
"""Project, claim and reviewer: whose place it is, and where."""


def place(table: sa.Table) -> Place:
    """The one that a row of `leases` or `assignments` speaks of."""
    return table.c.project, table.c.claim, table.c.reviewer


def of_claim(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """Which rows of a table hang on the claim."""
    return sa.and_(table.c.project == claims.c.project, table.c.claim == claims.c.id, *conditions)


# Tables are read under names of their own in here, as the statement around may read them too. And they are
# counted, not asked with EXISTS: PostgreSQL would make a join of that, and may go through all that the reviewer
# ever submitted once for every claim, where one look into the index is enough.
def has_submitted(project: Any, claim: Any, reviewer: Any) -> sa.ColumnElement[bool]:
    given = assessments.alias("given")
    same = (given.c.project == project, given.c.claim == claim, given.c.reviewer == reviewer)
    return select(func.count()).where(*same, given.c.state == "submitted").scalar_subquery() > 0


def has_lease(project: Any, claim: Any, reviewer: Any) -> sa.ColumnElement[bool]:
    held = leases.alias("held")
    same = (held.c.project == project, held.c.claim == claim, held.c.reviewer == reviewer)
    return select(func.count()).where(*same, held.c.expires_at > bindparam("now", type_=Moment)).scalar_subquery() > 0


def _number(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    waiting = (of_claim(table), ~has_submitted(*place(table)))
    return select(func.count()).where(*waiting, *conditions).correlate(claims).scalar_subquery()


LIVE = leases.c.expires_at > bindparam("now", type_=Moment)
HOLDERS: sa.ColumnElement[int] = _number(leases, LIVE) + _number(assignments, ~has_lease(*place(assignments)))
"""How many reviewers hold a place; whoever is assigned and has a lease holds one."""
HAS_FREE_SLOT: sa.ColumnElement[bool] = claims.c.submitted + HOLDERS < bindparam("required", type_=sa.Integer)

ROLE = Reading(
    select(memberships.c.role)
    .where(memberships.c.project == bindparam("project"), memberships.c.user == bindparam("user"))
    .with_for_update(read=True)
)
SUBMITTED = Reading(
    select(assessments.c.id)
    .where(assessments.c.project == bindparam("project"), assessments.c.claim == bindparam("claim"))
    .where(assessments.c.reviewer == bindparam("reviewer"), assessments.c.state == "submitted")
)


def required(tx: sa.Connection, project: str) -> int:
    """How many submitted assessments a claim of the project needs."""
    return policy_of(tx, project).required_assessments
