"""Claims as imports bring them: made, or brought up to what their line says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from api.errors import Fault, Invalid
from api.rules.imports import Sent, changes, claimant_differs, marked_at, words_have_changed
from api.rules.permissions import Caller
from api.services import claims as service
from api.services import resolutions
from api.services.answers import Answer, Found
from api.services.articles import locked_revision
from api.services.imported_comments import bring_comments
from api.services.imported_known import CLAIMANT, Known, Stretches, stretches
from api.services.imported_relations import Whence, bring_relations
from api.services.imported_review import Names, bring_review
from api.services.imported_words import settle_on_words, with_past
from api.services.marking import Drawn, drawn_up, put
from api.services.pointing import at
from api.services.spans import Marking, Texts, placed_on
from api.services.standing import RESOLUTIONS
from api.text.spans import Position, Quote
from api.text.units import CODE_POINT


@dataclass(frozen=True, slots=True)
class Importer:
    """Who imports, and where to. `longest`: most code points of a text. `id` is that of the import, `line` the number
    of the line that comes in."""

    project: str
    caller: Caller
    longest: int
    id: str = ""
    line: int = 0

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


def bring_claims(tx: sa.Connection, importer: Importer, home: Home, article: Sent, known: Known) -> bool:
    """Whether anything was made or changed.

    Raises:
        Invalid, Conflict, NotFound, Stale: as for the whole line.
    """
    sent: list[Sent] = article.also["claims"]
    if not sent:
        return False
    reports = [revision["report"] for revision in article.also["revisions"]]
    placed = _placed(tx, home, sent, reports)
    _each_once(sent)
    matched = _matched(tx, home, sent, placed, known)
    for n, claim in enumerate(sent if home.revision > 1 else ()):
        if matched[n] is None:
            with at(f"/claims/{n}"):
                placed[n] = with_past(tx, home, claim, placed[n], reports)
    ids, moved = _bring(tx, importer, home, sent, placed, matched, known)
    claims = [OnClaim(home.project, id) for id in ids]
    reviewed, names = bring_review(tx, importer.caller, claims, sent, known)
    for n, claim in enumerate(sent):
        with at(f"/claims/{n}"):
            moved |= _settle(tx, importer, ids[n], claim, names[n])
            said, is_new = claim.also["comments"], matched[n] is None
            if is_new and words_have_changed(claim):
                settle_on_words(tx, home, ids[n], placed[n], importer.name)
            moved |= bring_comments(tx, "claim", claims[n], said, importer.name, is_new=is_new)
    if any(claim.also["relations"] for claim in sent):
        whence = Whence(importer.project, importer.id, importer.line, importer.name)
        moved |= bring_relations(tx, whence, sent, ids, known.claims.get(home.id, []))
    return moved or reviewed


def _placed(tx: sa.Connection, home: Home, sent: Sequence[Sent], reports: Sequence[Any]) -> list[Marking]:
    placed = []
    for n, claim in enumerate(sent):
        with at(f"/claims/{n}"):
            placed.append(placed_on(tx, home.texts, home.revision, _selectors(home, claim, reports)))
    return placed


def _bring(
    tx: sa.Connection,
    importer: Importer,
    home: Home,
    sent: Sequence[Sent],
    placed: Sequence[Marking],
    matched: Sequence[Found | None],
    known: Known,
) -> tuple[list[str], bool]:
    """The claims' ids, and whether any was made or changed."""
    ids: list[str] = []
    drawn: list[Drawn] = []
    moved = False
    revision = locked_revision(tx, home.project, home.id) if None in matched else home.revision
    for n, (claim, marking, there) in enumerate(zip(sent, placed, matched, strict=True)):
        with at(f"/claims/{n}"):
            if there is None:
                new = drawn_up(tx, home, revision, {**claim.draft, "spans": marking}, importer.name)
                drawn.append(new)
            elif changed := _changes(tx, claim, marking, there, known):
                service.alter(tx, there, changed, importer.name, CODE_POINT)
                moved = True
        ids.append(new.id if there is None else there.id)
    put(tx, home, drawn, importer.name)
    return ids, moved or bool(drawn)


def _changes(tx: sa.Connection, sent: Sent, marking: Marking, there: Found, known: Known) -> Answer:
    new = changes(sent, {name: value for name, value in there._asdict().items() if name not in ("spans", "claimant")})
    said = sent.draft["claimant"]
    if "claimant" in sent.given and claimant_differs(_claimant(there), said):
        new["claimant"] = said
    if stretches(marking.marks) != known.stretches(tx, there.article, marking.marks[0].revision).get(there.id):
        new["spans"] = marking
    return new


def _claimant(claim: Found) -> dict[str, Any] | None:
    return None if claim.claimant is None else {name: getattr(claim, f"claimant_{name}") for name in CLAIMANT}


def _settle(tx: sa.Connection, importer: Importer, id: str, sent: Sent, ids: Names) -> bool:
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


def _adjudicate(tx: sa.Connection, importer: Importer, id: str, said: Answer, ids: Names) -> bool:
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
        raise Invalid(Fault(f"/spans/{at}/revision", "unknown_revision", detail))
    return home.numbers[named]


def _each_once(sent: Sequence[Sent]) -> None:
    first: dict[str, int] = {}
    for n, claim in enumerate(sent):
        id = claim.draft["external_id"]
        if id is not None and first.setdefault(id, n) != n:
            detail = f"Claim {first[id]} here has the external_id {id!r} already."
            raise Invalid(Fault(f"/claims/{n}/external_id", "external_id_repeated", detail))


def _matched(
    tx: sa.Connection, home: Home, sent: Sequence[Sent], placed: Sequence[Marking], known: Known
) -> list[Found | None]:
    """For each claim the one that it is already: by `external_id`; without one by the words it is marked on, at
    best with the same wording too."""
    there = known.claims.get(home.id, [])
    named = {claim.external_id: claim for claim in there if claim.external_id is not None}
    nameless = [claim for claim in there if claim.external_id is None]
    found = [named.get(claim.draft["external_id"]) if claim.draft["external_id"] else None for claim in sent]
    for whole in (True, False) if nameless else ():
        for n, claim in enumerate(sent):
            if found[n] is None and claim.draft["external_id"] is None:
                standing = known.stretches(tx, home.id, placed[n].marks[0].revision)
                found[n] = _taken(standing, claim, placed[n], nameless, whole)
    return found


def _taken(
    standing: Mapping[str, Stretches], sent: Sent, marking: Marking, nameless: list[Found], whole: bool
) -> Found | None:
    """The first of the nameless claims that is on the same words, taken out of them."""
    for claim in nameless:
        if standing.get(claim.id) == stretches(marking.marks) and (not whole or claim.text == sent.draft["text"]):
            nameless.remove(claim)
            return claim
    return None
