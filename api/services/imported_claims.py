"""Claims as imports bring them: made, or brought up to what their line says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import claimants, claims
from api.rules.imports import Sent, changes, claimant_differs, marked_at
from api.rules.permissions import Caller
from api.services import claims as service
from api.services import resolutions
from api.services.answers import Answer, Found, Reading
from api.services.imported_review import Review, bring_review, known_review
from api.services.pointing import at
from api.services.spans import ON_REVISION, Marking, Texts, placed_on
from api.services.standing import RESOLUTIONS
from api.text.spans import Position, Quote
from api.text.units import CODE_POINT

CLAIMANT = ("name", "kind", "job_title", "same_as")
OF_ARTICLE = Reading(
    select(
        claims, sa.null().label("blinded"), *(claimants.c[name].label(f"claimant_{name}") for name in CLAIMANT)
    )  # who may import is not blinded
    .outerjoin(claimants, sa.and_(claimants.c.project == claims.c.project, claimants.c.id == claims.c.claimant))
    .where(claims.c.project == bindparam("project"), claims.c.article == bindparam("article"))
    .order_by(claims.c.id)
)
Stretches = frozenset[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports, and where to. `longest`: most code points of a text."""

    project: str
    caller: Caller
    longest: int

    @property
    def name(self) -> str:
        return self.caller.name


@dataclass(frozen=True, slots=True)
class Home:
    """The article that a line's claims are on. `own`: the revision of the line's text; `numbers`: those of the
    revisions that the line lists, by their numbers there; None if it lists none."""

    project: str
    id: str
    revision: int
    is_new: bool
    texts: Texts
    own: int
    numbers: dict[int, int] | None


@dataclass(frozen=True, slots=True)
class OnClaim:
    """What evidence and assessments hang on."""

    project: str
    id: str


class Standing:
    """What the claims of an article were marked on before the line, read once for each revision."""

    def __init__(self, tx: sa.Connection, home: Home):
        self._tx, self._home = tx, home
        self._read: dict[int, dict[str, Stretches]] = {}

    def on(self, n: int) -> dict[str, Stretches]:
        """By the claims' ids, on revision `n`."""
        if n not in self._read:
            rows = ON_REVISION.rows(self._tx, project=self._home.project, article=self._home.id, revision=n)
            by_claim = groupby(rows, key=lambda row: row.claim)
            self._read[n] = {claim: _stretches(marks) for claim, marks in by_claim}
        return self._read[n]


def bring_claims(tx: sa.Connection, importer: Importer, home: Home, article: Sent) -> bool:
    """Whether anything was made or changed.

    Raises:
        Invalid, Conflict, NotFound, Stale: as for the whole line.
    """
    sent: list[Sent] = article.also["claims"]
    reports = [revision["report"] for revision in article.also["revisions"]]
    placed = []
    for n, claim in enumerate(sent):
        with at(f"/claims/{n}"):
            placed.append(placed_on(tx, home.texts, home.revision, _selectors(home, claim, reports)))
    _each_once(sent)
    known = [] if home.is_new else OF_ARTICLE.rows(tx, project=home.project, article=home.id)
    standing = Standing(tx, home)
    matched = _matched(standing, sent, placed, known)
    review = known_review(tx, home.project, [claim.id for claim in known])
    moved = False
    for n, claim in enumerate(sent):
        with at(f"/claims/{n}"):
            moved |= _bring(tx, importer, home, claim, placed[n], matched[n], standing, review)
    return moved


def _bring(
    tx: sa.Connection,
    importer: Importer,
    home: Home,
    sent: Sent,
    marking: Marking,
    known: Found | None,
    standing: Standing,
    review: Review,
) -> bool:
    if known is None:
        id = service.add(tx, home, {**sent.draft, "spans": marking}, importer.name)
        moved = True
        if marking.marks[0].revision < home.revision:
            _confirm(tx, importer, id, sent)
    else:
        id = known.id
        new = _changes(standing, sent, marking, known)
        moved = bool(new)
        if new:
            service.alter(tx, known, new, importer.name, CODE_POINT)
    reviewed, ids = bring_review(tx, importer.caller, OnClaim(home.project, id), sent, review)
    settled = _settle(tx, importer, id, sent, ids)
    return moved or reviewed or settled


def _changes(standing: Standing, sent: Sent, marking: Marking, known: Found) -> Answer:
    new = changes(sent, {name: value for name, value in known._asdict().items() if name not in ("spans", "claimant")})
    said = sent.draft["claimant"]
    if "claimant" in sent.given and claimant_differs(_claimant(known), said):
        new["claimant"] = said
    if _stretches(marking.marks) != standing.on(marking.marks[0].revision).get(known.id):
        new["spans"] = marking
    return new


def _claimant(claim: Found) -> dict[str, Any] | None:
    return None if claim.claimant is None else {name: getattr(claim, f"claimant_{name}") for name in CLAIMANT}


def _confirm(tx: sa.Connection, importer: Importer, id: str, sent: Sent) -> None:
    """A claim that was exported as confirmed on words that had changed is confirmed on them again."""
    if "needs_attention" in sent.given and sent.also["needs_attention"] is None:
        claim = service.find(tx, importer.caller, id)
        if claim.needs_attention == "text_changed":
            service.confirm(tx, claim, importer.name, CODE_POINT)


def _settle(tx: sa.Connection, importer: Importer, id: str, sent: Sent, ids: dict[str, str]) -> bool:
    """Withdraws or adjudicates the claim, if its line says so and it is not yet; `ids` of assessments by theirs."""
    if sent.also["status"] == "withdrawn":
        claim = service.find(tx, importer.caller, id)
        if claim.status != "withdrawn":
            resolutions.withdraw(tx, claim, importer.name, CODE_POINT)
            return True
    said = sent.also["resolution"]
    if not said or said["method"] != "adjudicated":
        return False
    with at("/resolution"):
        return _adjudicate(tx, importer, id, said, ids)


def _adjudicate(tx: sa.Connection, importer: Importer, id: str, said: Answer, ids: dict[str, str]) -> bool:
    words = {name: said[name] for name in ("verdict", "rationale")}
    for stands in RESOLUTIONS.answers(tx, project=importer.project, claims=[id]):
        if stands["method"] == "adjudicated" and words == {name: stands[name] for name in words}:
            return False
    faults = [
        Fault(f"/assessments/{at}", "unknown_assessment", "Expected the `id` of an assessment of this claim here.")
        for at, name in enumerate(said["assessments"])
        if name not in ids
    ]
    if faults:
        raise Invalid(*faults)
    claim = service.find(tx, importer.caller, id)
    draft = {**words, "assessments": [ids[name] for name in said["assessments"]]}
    resolutions.adjudicate(tx, claim, draft, importer.name, CODE_POINT)
    return True


def _selectors(home: Home, sent: Sent, reports: Sequence[Any]) -> list[Position | Quote]:
    """The spans of the line, on the revisions of the article. Of a claim that was carried to the current text
    before it was exported, those that it was marked on."""
    marked = marked_at(sent.also["id"], reports)
    given = sent.draft["spans"] if marked is None else [Position(**place) for place in marked]
    return [replace(each, revision=_number(home, each.revision, at)) for at, each in enumerate(given)]


def _number(home: Home, named: int | None, at: int) -> int:
    if named is None:
        return home.own
    if home.numbers is None:
        return named
    if named not in home.numbers:
        detail = f"Expected one of the article's revisions here, found {named}."
        raise Invalid(Fault(f"/spans/{at}/revision", "revision_unknown", detail))
    return home.numbers[named]


def _each_once(sent: Sequence[Sent]) -> None:
    first: dict[str, int] = {}
    for n, claim in enumerate(sent):
        id = claim.draft["external_id"]
        if id is not None and first.setdefault(id, n) != n:
            detail = f"Claim {first[id]} here has the external_id {id!r} already."
            raise Invalid(Fault(f"/claims/{n}/external_id", "external_id_repeated", detail))


def _matched(
    standing: Standing, sent: Sequence[Sent], placed: Sequence[Marking], known: Sequence[Found]
) -> list[Found | None]:
    """For each claim the one that it is already: by `external_id`; without one by the words it is marked on, at
    best with the same wording too."""
    if not known:
        return [None] * len(sent)
    named = {claim.external_id: claim for claim in known if claim.external_id is not None}
    nameless = [claim for claim in known if claim.external_id is None]
    found = [named.get(claim.draft["external_id"]) if claim.draft["external_id"] else None for claim in sent]
    for whole in (True, False):
        for n, claim in enumerate(sent):
            if found[n] is None and claim.draft["external_id"] is None:
                found[n] = _taken(standing.on(placed[n].marks[0].revision), claim, placed[n], nameless, whole)
    return found


def _taken(
    standing: dict[str, Stretches], sent: Sent, marking: Marking, known: list[Found], whole: bool
) -> Found | None:
    """The first of the known claims that is on the same words, taken out of them."""
    for claim in known:
        if standing.get(claim.id) == _stretches(marking.marks) and (not whole or claim.text == sent.draft["text"]):
            known.remove(claim)
            return claim
    return None


def _stretches(marks: Any) -> Stretches:
    return frozenset((mark.start, mark.end) for mark in marks)
