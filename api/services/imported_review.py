"""Evidence and assessments as imports bring them: made, or brought up to what their line says."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import events, memberships, users
from api.rules.imports import Sent, changes
from api.rules.permissions import Caller, may_review
from api.services import assessments as assessing
from api.services import evidence as linking
from api.services.answers import Answer, Found, Reading
from api.services.citations import cited_by
from api.services.imported_comments import OnAssessment, bring_comments
from api.services.imported_known import Known
from api.services.pointing import at

_in_project: Any = bindparam("project")
# Of who is not deleted until this transaction ends, as nothing may be given in their name then.
ROLE = Reading(
    select(memberships.c.role)
    .join(users, users.c.name == memberships.c.user)
    .where(memberships.c.project == _in_project, memberships.c.user == bindparam("user"), users.c.deleted_at.is_(None))
    .with_for_update(of=users, read=True, key_share=True)
)
LAST_BY = Reading(
    select(events.c.by)
    .where(events.c.project == _in_project, events.c.chain == bindparam("claim"))
    .where(events.c.resource == "assessment", events.c.resource_id == bindparam("id"))
    .order_by(events.c.n.desc())
    .limit(1)
)
ASSESSMENT = ("verdict", "rationale", "confidence", "state")


Cited = dict[tuple[str, str | None], str]
"""The ids of a claim's evidence by what a citation may call it: its `id` in the line, or its `url`."""
Names = dict[str | None, str]
"""The ids of a claim's assessments by those that they have in the line."""


def bring_review(
    tx: sa.Connection, caller: Caller, claims: Sequence[Found], sent: Sequence[Sent], known: Known
) -> tuple[bool, list[Names]]:
    """What hangs on the claims, each of which has its place in `sent`: whether anything was made or changed, and
    each claim's assessments.

    Raises:
        Invalid, Conflict, NotFound, Stale: as for the whole line.
    """
    moved, cited = _bring_evidence(tx, caller.name, claims, sent, known)
    names: list[Names] = []
    for n, claim in enumerate(claims):
        with at(f"/claims/{n}"):
            changed, ids = _bring_assessments(tx, caller, claim, sent[n].also["assessments"], cited[n], known)
        moved |= changed
        names.append(ids)
    return moved, names


def _bring_evidence(
    tx: sa.Connection, by: str, claims: Sequence[Found], sent: Sequence[Sent], known: Known
) -> tuple[bool, list[Cited]]:
    """Whether anything was made or changed, and the evidence of each claim."""
    drawn: list[dict[str, Any]] = []
    cited: list[Cited] = []
    moved = False
    for n, claim in enumerate(claims):
        of_claim: Cited = {}
        for m, link in enumerate(sent[n].also["evidence"]):
            with at(f"/claims/{n}/evidence/{m}"):
                url = link.draft["url"]
                if ("url", url) in of_claim:
                    raise Invalid(Fault("/url", "url_repeated", f"Expected each address once, found {url} twice."))
                there = known.links.get((claim.id, url))
                if there is None:
                    drawn.append(linking.drawn_up(claim, link.draft, by))
                elif new := changes(link, there._asdict()):
                    linking.alter(tx, there, new, by)
                    moved = True
            of_claim["url", url] = of_claim["id", link.also["id"]] = drawn[-1]["id"] if there is None else there.id
        cited.append(of_claim)
    linking.put(tx, drawn, by)
    return moved or bool(drawn), cited


def _bring_assessments(
    tx: sa.Connection, caller: Caller, claim: Found, sent: Sequence[Sent], cited: Cited, known: Known
) -> tuple[bool, Names]:
    """Whether any was made or changed, and their ids."""
    moved, ids = False, {}
    reviewers: set[str] = set()
    for n, assessment in enumerate(sent):
        reviewer = assessment.also["reviewer"]
        with at(f"/assessments/{n}"):
            if reviewer in reviewers:
                raise Invalid(Fault("/reviewer", "reviewer_repeated", f"Expected one assessment by {reviewer!r}."))
            reviewers.add(reviewer)
            changed, id = _bring_assessment(tx, caller, claim, assessment, cited, known.given.get((claim.id, reviewer)))
        moved |= changed
        ids[assessment.also["id"]] = id
    return moved, ids


def _bring_assessment(
    tx: sa.Connection,
    caller: Caller,
    claim: Found,
    sent: Sent,
    cited: Cited,
    known: Found | None,
) -> tuple[bool, str]:
    """Whether it was made or changed, and its id."""
    changed, id = _bring_verdict(tx, caller, claim, sent, _citations(sent.draft["evidence"], cited), known)
    thing = OnAssessment(claim.project, id, claim.id)
    said = sent.also["comments"]
    return changed | bring_comments(tx, "assessment", thing, said, caller.name, is_new=known is None), id


def _bring_verdict(
    tx: sa.Connection, caller: Caller, claim: Found, sent: Sent, citations: list[Answer], known: Found | None
) -> tuple[bool, str]:
    reviewer = sent.also["reviewer"]
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


def _citations(sent: Sequence[Answer], cited: Cited) -> list[Answer]:
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
