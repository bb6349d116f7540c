"""A project's scale and policy changed, and all that was assessed brought along."""

from collections import Counter
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import assessments, claims, resolutions
from api.models.columns import among
from api.rules.consensus import Outcome, Settled
from api.rules.scales import Scale, verdicts
from api.services import projects
from api.services.answers import Answer, Found, Reading
from api.services.changes import change_each
from api.services.standing import follow_policy, stand

_given = select(assessments.c.claim).where(
    assessments.c.project == bindparam("project"), among(assessments.c.verdict, "verdicts")
)
_settled = select(resolutions.c.claim).where(
    resolutions.c.project == bindparam("project"), among(resolutions.c.verdict, "verdicts")
)
LOCKED = Reading(
    select(claims.c.id)
    .where(claims.c.project == bindparam("project"), claims.c.id.in_(sa.union(_given, _settled)))
    .order_by(claims.c.id)
    .with_for_update()
)
GIVEN = Reading(
    select(assessments)
    .where(assessments.c.project == bindparam("project"), assessments.c.verdict == bindparam("verdict"))
    .order_by(assessments.c.id)
    .with_for_update()
)
SETTLED = Reading(
    select(claims, resolutions.c.by, resolutions.c.assessments, resolutions.c.rationale)
    .join(resolutions, sa.and_(resolutions.c.project == claims.c.project, resolutions.c.claim == claims.c.id))
    .where(claims.c.project == bindparam("project"), among(resolutions.c.verdict, "verdicts"))
    .where(resolutions.c.method == "adjudicated")
    .order_by(claims.c.id)
)


def alter(tx: sa.Connection, project: Found, changes: Answer, by: str) -> Answer:
    """Changes the project; verdicts that its new scale drops give way to their replacements.

    Raises:
        Invalid: a replacement is for no verdict that is dropped, or is not on the new scale.
        ScaleInUse: a verdict in use is dropped and has no replacement.
        Stale: the project was changed meanwhile.
    """
    replacements = changes.get("replacements", {})
    facts = {name: value for name, value in changes.items() if name != "replacements"}
    # From here on the project's row is ours, which whoever assesses or settles share-locks: nobody is at it.
    scale = projects.alter(tx, project, facts, by)
    if replacements:
        _check(replacements, verdicts(project.scale), scale)
        _replace(tx, project.slug, replacements, by)
    if replacements or "policy" in changes:
        follow_policy(tx, project.slug, by)
    if "scale" in changes:
        projects.keep_verdicts_in_use(tx, project.slug, scale)
    return projects.read(tx, project.slug)


def _check(replacements: Mapping[str, str], before: Sequence[str], scale: Scale) -> None:
    words = verdicts(scale)
    dropped = ", ".join(word for word in before if word not in words) or "none"
    faults = []
    for old, new in replacements.items():
        if old in words or old not in before:
            detail = f"Expected a verdict that the scale drops (here: {dropped}), found {old!r}."
            faults.append(Fault("/replacements", "verdict_stays", detail))
        elif new not in words:
            detail = f"In place of {old!r}: expected one of {', '.join(words)} (scale {scale['name']}), found {new!r}."
            faults.append(Fault("/replacements", "verdict_not_on_scale", detail))
    if faults:
        raise Invalid(*faults)


def _replace(tx: sa.Connection, project: str, replacements: Mapping[str, str], by: str) -> None:
    words = {"project": project, "verdicts": list(replacements)}
    # Claims may be deleted meanwhile, and users with their drafts; nothing more is told of what has gone.
    LOCKED.rows(tx, **words)
    settled = SETTLED.rows(tx, **words)
    for old, new in replacements.items():
        given = GIVEN.rows(tx, project=project, verdict=old)
        for private in (False, True):
            rows = [row for row in given if (row.state == "draft") is private]
            change_each(tx, assessments, rows, {"verdict": new}, by, private=private)
            if rows and not private:
                _count_changes(tx, project, Counter(row.claim for row in rows))
    for claim in settled:
        kept = Settled(replacements[claim.verdict], "adjudicated", claim.by, tuple(claim.assessments))
        stand(tx, [(claim, Outcome("resolved", kept))], by, rationale=claim.rationale)


def _count_changes(tx: sa.Connection, project: str, changes: Mapping[str, int]) -> None:
    here = (claims.c.project == project, claims.c.id == bindparam("claim"))
    statement = sa.update(claims).where(*here).values(review_version=claims.c.review_version + bindparam("number"))
    tx.execute(statement, [{"claim": claim, "number": number} for claim, number in changes.items()])
