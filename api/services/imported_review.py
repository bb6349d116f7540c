"""Evidence and assessments as imports bring them: made, or brought up to what their line says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import assessments, events, evidence, memberships
from api.models.columns import among
from api.rules.imports import Sent, changes
from api.rules.permissions import Caller, may_review
from api.services import assessments as assessing
from api.services import evidence as linking
from api.services.answers import Answer, Found, Reading
from api.services.citations import cited_by
from api.services.pointing import at

_in_project: Any = bindparam("project")
LINKS = Reading(select(evidence).where(evidence.c.project == _in_project, among(evidence.c.claim, "claims")))
GIVEN = Reading(select(assessments).where(assessments.c.project == _in_project, among(assessments.c.claim, "claims")))
ROLE = Reading(
    select(memberships.c.role).where(memberships.c.project == _in_project, memberships.c.user == bindparam("user"))
)
LAST_BY = Reading(
    select(events.c.by)
    .where(events.c.project == _in_project, events.c.chain == bindparam("claim"))
    .where(events.c.resource == "assessment", events.c.resource_id == bindparam("id"))
    .order_by(events.c.n.desc())
    .limit(1)
)
ASSESSMENT = ("verdict", "rationale", "confidence", "state")


@dataclass(frozen=True, slots=True)
class Review:
    """What hangs on claims already: evidence by claim and address, assessments by claim and reviewer."""

    links: dict[tuple[str, str], Found]
    given: dict[tuple[str, str], Found]


def known_review(tx: sa.Connection, project: str, claims: Sequence[str]) -> Review:
    if not claims:
        return Review({}, {})
    links = {(row.claim, row.url): row for row in LINKS.rows(tx, project=project, claims=claims)}
    given = {(row.claim, row.reviewer): row for row in GIVEN.rows(tx, project=project, claims=claims)}
    return Review(links, given)


def bring_review(
    tx: sa.Connection, caller: Caller, claim: Found, sent: Sent, known: Review
) -> tuple[bool, dict[str, str]]:
    """Whether anything was made or changed, and the ids of the assessments by those they have in the line.

    Raises:
        Invalid, Conflict, NotFound, Stale: as for the whole line.
    """
    moved, cited = _bring_evidence(tx, caller.name, claim, sent.also["evidence"], known)
    ids: dict[str, str] = {}
    reviewers: set[str] = set()
    for n, assessment in enumerate(sent.also["assessments"]):
        reviewer = assessment.also["reviewer"]
        with at(f"/assessments/{n}"):
            if reviewer in reviewers:
                raise Invalid(Fault("/reviewer", "reviewer_repeated", f"Expected one assessment by {reviewer!r}."))
            reviewers.add(reviewer)
            changed, id = _bring_assessment(tx, caller, claim, assessment, cited, known.given.get((claim.id, reviewer)))
        moved |= changed
        if assessment.also["id"] is not None:
            ids[assessment.also["id"]] = id
    return moved, ids


def _bring_evidence(
    tx: sa.Connection, by: str, claim: Found, sent: Sequence[Sent], known: Review
) -> tuple[bool, dict[tuple[str, str], str]]:
    """Whether anything was made or changed, and the ids by what a citation may call them: `id` or `url`."""
    moved = False
    cited: dict[tuple[str, str], str] = {}
    for n, link in enumerate(sent):
        url = link.draft["url"]
        with at(f"/evidence/{n}"):
            if ("url", url) in cited:
                raise Invalid(Fault("/url", "url_repeated", f"Expected each address once, found {url} twice."))
            there = known.links.get((claim.id, url))
            new = changes(link, there._asdict()) if there else {}
            if there is None:
                id, moved = linking.add(tx, claim, link.draft, by), True
            elif new:
                id, moved = linking.alter(tx, there, new, by)["id"], True
            else:
                id = there.id
        cited["url", url] = id
        if link.also["id"] is not None:
            cited["id", link.also["id"]] = id
    return moved, cited


def _bring_assessment(
    tx: sa.Connection,
    caller: Caller,
    claim: Found,
    sent: Sent,
    cited: dict[tuple[str, str], str],
    known: Found | None,
) -> tuple[bool, str]:
    """Whether it was made or changed, and its id."""
    reviewer = sent.also["reviewer"]
    citations = _citations(sent.draft["evidence"], cited)
    if known is None:
        _check_reviewer(tx, caller, claim.project, reviewer, sent.draft["state"])
        draft = {**sent.draft, "evidence": citations}
        return True, assessing.add(tx, claim, draft, reviewer, caller.name)
    new = changes(sent, {name: getattr(known, name) for name in ASSESSMENT})
    cites = cited_by(tx, known)
    if "evidence" in sent.given and not _same(citations, cites):
        new["evidence"] = citations
    if reviewer != caller.name and (new or known.state == "draft"):
        _check_untouched(tx, known)
    if new:
        stored = {name: getattr(known, name) for name in ASSESSMENT}
        assessing.revise(tx, known, {**stored, "evidence": cites, **new}, caller.name)
    return bool(new), known.id


def _citations(sent: Sequence[Answer], cited: dict[tuple[str, str], str]) -> list[Answer]:
    """The citations, with the ids that the evidence has here."""
    found: list[Answer] = []
    for n, citation in enumerate(sent):
        name = "id" if citation["id"] is not None else "url"
        id = cited.get((name, citation[name]))
        if id is None:
            detail = f"Expected the {name} of a piece of evidence of this claim, in the same line."
            raise Invalid(Fault(f"/evidence/{n}/{name}", "unknown_evidence", detail))
        if any(each["id"] == id for each in found):
            raise Invalid(Fault(f"/evidence/{n}", "repeated", "Expected each piece of evidence once."))
        found.append({"id": id, "stance": citation["stance"]})
    return found


def _same(sent: Sequence[Answer], stored: Sequence[Answer]) -> bool:
    """Whether the same evidence is cited; a stance that was left out stays as it is."""
    return [each["id"] for each in sent] == [each["id"] for each in stored] and all(
        each["stance"] in (None, known["stance"]) for each, known in zip(sent, stored, strict=True)
    )


def _check_reviewer(tx: sa.Connection, caller: Caller, project: str, reviewer: str, state: str) -> None:
    """Raises: Invalid: nobody of that name reviews in the project, or the draft is not one's own."""
    if reviewer == caller.name:
        return
    if not may_review(ROLE.value(tx, project=project, user=reviewer)):
        raise Invalid(Fault("/reviewer", "not_a_reviewer", f"Expected a member who reviews, found {reviewer!r}."))
    if state == "draft":
        raise Invalid(Fault("/state", "draft_of_another", f"Only {reviewer!r} can keep a draft of their own."))


def _check_untouched(tx: sa.Connection, known: Found) -> None:
    """Raises: Invalid: the reviewer gave or changed the assessment with their own hand."""
    last = LAST_BY.value(tx, project=known.project, claim=known.claim, id=known.id)
    if known.state == "draft" or last == known.reviewer:
        detail = f"{known.reviewer!r} has given an assessment in person, which an import does not change."
        raise Invalid(Fault("", "assessment_kept", detail))
