"""Citations: the evidence that an assessment rests on, each piece with the stance its reviewer saw in it."""

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import EvidenceCited, Fault, Invalid
from api.models import assessments, citations, evidence
from api.models.columns import among
from api.services.answers import Answer, Found, Reading
from api.services.changes import Parts, change_each
from api.services.inserts import insert

OF_ASSESSMENTS = Reading(
    select(citations.c.assessment, citations.c.evidence.label("id"), citations.c.stance)
    .where(citations.c.project == bindparam("project"), among(citations.c.assessment, "assessments"))
    .order_by(citations.c.assessment, citations.c.ordinal)
)
STANCES = Reading(
    select(evidence.c.id, evidence.c.stance).where(
        evidence.c.project == bindparam("project"),
        evidence.c.claim == bindparam("claim"),
        among(evidence.c.id, "evidence"),
    )
)
_of_evidence = (citations.c.project == bindparam("project"), citations.c.evidence == bindparam("evidence"))
_assessment = sa.and_(assessments.c.project == citations.c.project, assessments.c.id == citations.c.assessment)
SUBMITTED = Reading(
    select(func.count())
    .select_from(citations)
    .join(assessments, _assessment)
    .where(*_of_evidence, assessments.c.state == "submitted")
)
CITING = Reading(
    select(assessments)
    .join(citations, _assessment)
    .where(*_of_evidence)
    .order_by(assessments.c.id)
    .with_for_update(of=assessments)
)


def with_citations(tx: sa.Connection, project: str, found: list[Answer]) -> list[Answer]:
    """The assessments of one project, each with the `evidence` it cites, in the order it was given."""
    cited = _by_assessment(tx, project, [assessment["id"] for assessment in found])
    for assessment in found:
        assessment["evidence"] = cited.get(assessment["id"], [])
    return found


def cited_by(tx: sa.Connection, assessment: Found) -> list[Answer]:
    """What the assessment cites, in the order it was given."""
    return _by_assessment(tx, assessment.project, [assessment.id]).get(assessment.id, [])


def _by_assessment(tx: sa.Connection, project: str, ids: list[str]) -> dict[str, list[Answer]]:
    cited = OF_ASSESSMENTS.grouped(tx, by="assessment", project=project, assessments=ids) if ids else {}
    for pieces in cited.values():
        for piece in pieces:
            del piece["assessment"]
    return cited


def with_stances(tx: sa.Connection, claim: Found, drafts: list[Answer]) -> list[Answer]:
    """The citations, those without a stance with the one that the evidence has now.

    `claim` is locked, so that the evidence stays until the citations are written.

    Raises:
        Invalid: what is cited is not evidence of this claim.
    """
    if not drafts:
        return []
    ids = [draft["id"] for draft in drafts]
    known = {row.id: row.stance for row in STANCES.rows(tx, project=claim.project, claim=claim.id, evidence=ids)}
    faults = [
        Fault(f"/evidence/{at}/id", "unknown_evidence", "Expected a piece of evidence of this claim.")
        for at, id in enumerate(ids)
        if id not in known
    ]
    if faults:
        raise Invalid(*faults)
    return [{"id": draft["id"], "stance": draft["stance"] or known[draft["id"]]} for draft in drafts]


def cite(tx: sa.Connection, project: str, assessment: str, cited: list[Answer]) -> None:
    """Makes these the citations of the assessment, in place of those it had."""
    key = {"project": project, "assessment": assessment}
    tx.execute(sa.delete(citations).where(*(citations.c[name] == value for name, value in key.items())))
    rows = [{**key, "evidence": each["id"], "stance": each["stance"], "ordinal": n} for n, each in enumerate(cited)]
    if rows:
        insert(tx, citations, rows)


def uncite(tx: sa.Connection, link: Found, by: str) -> None:
    """Takes the piece of evidence out of the drafts that cite it. Its claim is locked.

    Raises:
        EvidenceCited: a submitted assessment cites it.
    """
    key = {"project": link.project, "evidence": link.id}
    count = SUBMITTED.value(tx, **key)
    if count:
        raise EvidenceCited(f"Submitted assessments that cite it: {count}. It stays as long as one of them does.")
    citing = CITING.rows(tx, **key)
    # A draft shows what it cites, so each of these is another version now.
    cited = _by_assessment(tx, link.project, [draft.id for draft in citing])
    change_each(tx, assessments, citing, {}, by, parts={id: _without(link.id, cited[id]) for id in cited}, private=True)
    if citing:
        tx.execute(sa.delete(citations).where(citations.c.project == link.project, citations.c.evidence == link.id))


def _without(id: str, cited: list[Answer]) -> tuple[Parts, Parts]:
    return {"evidence": cited}, {"evidence": [piece for piece in cited if piece["id"] != id]}
