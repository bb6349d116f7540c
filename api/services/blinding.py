"""Blind review: which claims' assessments are kept from the caller, whom rows name as `blinded`."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.models import assessments, claims
from api.models.columns import among
from api.rules.blinding import unassessed
from api.services.answers import Answer, Found, Reading

_blinded = bindparam("blinded", type_=sa.String)
ASSESSED = Reading(
    select(assessments.c.claim)
    .where(assessments.c.project == bindparam("project"), among(assessments.c.claim, "claims"))
    .where(assessments.c.reviewer == _blinded, assessments.c.state == "submitted")
)

EDITED = Reading(
    select(claims.c.id, claims.c.edited_at).where(
        claims.c.project == bindparam("project"), among(claims.c.id, "claims")
    )
)


def may_see(project: sa.ColumnElement[str], claim: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """A condition: the reviewer bound as `blinded`, if anybody is, has submitted an assessment of the claim."""
    own = assessments.alias("own")  # under a name of its own, as the statement around may read assessments too
    given = sa.exists().where(own.c.project == project, own.c.claim == claim)
    return sa.or_(_blinded.is_(None), given.where(own.c.reviewer == _blinded, own.c.state == "submitted"))


SEEN = may_see(claims.c.project, claims.c.id)
STATUS_SEEN = sa.case((claims.c.status == "withdrawn", claims.c.status), (SEEN, claims.c.status), else_="unverified")
VERDICT_SEEN = sa.case((SEEN, claims.c.verdict))
UPDATED_SEEN = sa.case((SEEN, claims.c.updated_at), else_=claims.c.edited_at).label("updated_at")
"""What the reviewer bound as `blinded` may see of a claim."""


def unseen(tx: sa.Connection, thing: Found, claims: Sequence[str]) -> set[str]:
    """Which of these claims the caller, as whom `thing` was found, must not see the assessments of."""
    if thing.blinded is None or not claims:
        return set()
    return set(claims) - set(ASSESSED.values(tx, project=thing.project, blinded=thing.blinded, claims=claims))


def as_seen(tx: sa.Connection, thing: Found, found: Sequence[Answer]) -> list[Answer]:
    """The claims as the caller, as whom `thing` was found, may see them."""
    hidden = unseen(tx, thing, [claim["id"] for claim in found])
    if not hidden:
        return list(found)
    edited = {row.id: row.edited_at for row in EDITED.rows(tx, project=thing.project, claims=list(hidden))}
    return [
        unassessed(claim) | {"updated_at": edited[claim["id"]]} if claim["id"] in hidden else claim for claim in found
    ]


def row_as_seen(tx: sa.Connection, claim: Found) -> Found:
    """The row of a claim with the counts that the caller may see."""
    if not unseen(tx, claim, [claim.id]):
        return claim
    seen = unassessed(claim._asdict())
    return claim._replace(**{name: seen[name] for name in claim._fields if name in seen})
