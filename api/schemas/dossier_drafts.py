"""Dossiers as they may be sent: the drafts of the single operations put together, and whatever an export says.

What an export says and nobody can choose (ids, versions, counts, times, people) is taken and ignored. The `id`
of a claim, a piece of evidence or an assessment is a name within its line, for what refers to it there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from marshmallow import ValidationError, fields, post_load, pre_load, validate, validates_schema

from api.errors import Fault, Invalid, Malformed
from api.exports.ndjson import END
from api.rules.consensus import METHODS, STATUSES
from api.rules.imports import Entry, Sent
from api.schemas.articles import ArticleDraft
from api.schemas.assessments import AssessmentDraft
from api.schemas.claimants import ClaimantDraft, ClaimantSummary
from api.schemas.claims import ClaimDraft
from api.schemas.comments import Comment, CommentDraft
from api.schemas.dossiers import DossierArticle, DossierAssessment, DossierClaim, DossierRevision
from api.schemas.evidence import STANCES, Evidence, EvidenceDraft
from api.schemas.faults import faults
from api.schemas.fields import PROSE, Choice, Line, Part, Prose, Shape, Truth, WebAddress, Whole, listed
from api.schemas.relations import TYPE, TYPES, Relation
from api.schemas.resolutions import Resolution
from api.schemas.revisions import CarriedClaim, CarriedSpan, Place, Report
from api.schemas.sendable import Ignored, Sendable, as_exported
from api.schemas.sound import sound
from api.schemas.spans import Span, SpanDraft
from api.text.spans import Quote
from api.text.strict import strict_json
from api.text.units import CODE_POINT, UNITS

NAME = "Its name within the line, for what refers to it."


class CommentSent(CommentDraft, as_exported(Comment)):  # type: ignore[misc]
    """A comment, told from the others on the same thing by its words. Whoever imports it is its author here."""

    example = CommentDraft.example


class RelationSent(Shape, as_exported(Relation)):  # type: ignore[misc]
    """How the claim that lists it stands to another, or another to it. Of two claims in different lines both list it,
    under the same `id`; of two in one line either may. Its ends are called by the `id` that they have in the line, or
    by `external_id` if they are of the same article; the claim that lists it need not be called."""

    about = {"description": "Its name within the file, by which claims of two lines list it."}
    id = fields.String(load_default=None, validate=validate.Length(1, 255), metadata=about)
    type = Choice(*TYPES, required=True, metadata=TYPE)
    claim = fields.String(load_default=None, metadata={"description": "The one that repeats, contradicts, …"})
    other = fields.String(load_default=None, metadata={"description": "… this one."})
    note = Prose(load_default=None, allow_none=True, metadata={"description": "Null says nothing of it."})
    example = {"type": "repeats", "other": "claim-1"}


class EvidenceSent(Sendable, EvidenceDraft, as_exported(Evidence)):  # type: ignore[misc]
    """A link, told from the others of its claim by its address."""

    drafts = EvidenceDraft
    id = fields.String(load_default=None, metadata={"description": NAME})
    example = EvidenceDraft.example


class CitationSent(Shape):
    """A piece of evidence of the same claim, by its `id` in the line or by its address."""

    id = fields.String(load_default=None)
    url = WebAddress(load_default=None)
    stance = Choice(*STANCES, load_default=None)
    example = {"url": EvidenceDraft.example["url"], "stance": "refutes"}

    @post_load
    def one_name(self, given: dict[str, Any], **_options: Any) -> dict[str, Any]:
        if (given["id"] is None) == (given["url"] is None):
            raise ValidationError("Expected either id or url.")
        return given


class AssessmentSent(Sendable, AssessmentDraft, as_exported(DossierAssessment)):  # type: ignore[misc]
    """An assessment, told from the others of its claim by its reviewer."""

    drafts = AssessmentDraft
    id = fields.String(load_default=None, metadata={"description": NAME})
    reviewer = Line(64, required=True, metadata={"description": "Name of a member who reviews."})
    evidence = listed(Part(CitationSent), 100, load_default=list)
    comments = fields.List(Part(CommentSent), load_default=list)
    example = {
        **{name: AssessmentDraft.example[name] for name in ("verdict", "rationale", "confidence")},
        "reviewer": "ada",
        "evidence": [CitationSent.example],
    }


class ResolutionSent(Shape, as_exported(Resolution)):  # type: ignore[misc]
    """How the claim was settled. Only an adjudication is repeated, by who imports it; the others follow."""

    method = Choice(*METHODS, required=True)
    verdict = Line(63, required=True)
    rationale = Line(PROSE, load_default=None, allow_none=True)
    assessments = listed(
        fields.String(), 100, load_default=list, metadata={"description": "Their ids within the line."}
    )
    words_changed = Truth(load_default=False, metadata={"description": "Whether the verdict was given on older words."})


class ClaimantSent(ClaimantDraft, as_exported(ClaimantSummary)):  # type: ignore[misc]
    """Who made the claim: found in the project by name, or made."""


class SpanSent(SpanDraft, as_exported(Span)):  # type: ignore[misc]
    """Where a claim stands: by position, or by quote; with a position, prefix and suffix are ignored.
    Without a revision it is on the text of the line."""

    anchor = Ignored(metadata={"description": "Only `confirmed` has a meaning: the words it was last confirmed on."})

    @pre_load
    def position_wins(self, given: Any, **_options: Any) -> Any:
        if isinstance(given, dict) and "start" in given and "end" in given:
            return {name: value for name, value in given.items() if name not in ("prefix", "suffix")}
        return given


class ClaimSent(Sendable, ClaimDraft, as_exported(DossierClaim)):  # type: ignore[misc]
    """A claim, told from the others of its article by its `external_id`, or without one by its marked words."""

    drafts = ClaimDraft
    id = fields.String(load_default=None, metadata={"description": NAME})
    spans = fields.List(
        Part(SpanSent), required=True, validate=validate.Length(1, 100, error="Expected 1 to 100 spans.")
    )
    claimant = Part(ClaimantSent, load_default=None, allow_none=True)
    status = Choice(
        *STATUSES, load_default=None, metadata={"description": "`withdrawn` withdraws it; all else follows."}
    )
    needs_attention = fields.String(
        load_default=None, allow_none=True, metadata={"description": "Null: its words are confirmed."}
    )
    resolution = Part(ResolutionSent, load_default=None, allow_none=True)
    evidence = fields.List(Part(EvidenceSent), load_default=list)
    assessments = fields.List(Part(AssessmentSent), load_default=list)
    relations = fields.List(Part(RelationSent), load_default=list)
    comments = fields.List(Part(CommentSent), load_default=list)
    example = {
        **ClaimDraft.example,
        "external_id": "claim-1",
        "evidence": [EvidenceSent.example],
        "assessments": [AssessmentSent.example],
    }

    @post_load(pass_original=True)
    def sent(self, members: dict[str, Any], original: dict[str, Any], **options: Any) -> Sent:
        claim: Sent = super().sent(members, original, **options)
        anchors = [span["anchor"] for span in original["spans"] if isinstance(span.get("anchor"), dict)]
        claim.also["confirmed"] = [anchor.get("confirmed") for anchor in anchors] or None
        return claim


class PlaceSent(Shape, as_exported(Place)):  # type: ignore[misc]
    """A stretch of a revision."""

    revision = Whole(1, required=True)
    start = Whole(required=True)
    end = Whole(required=True)
    unit = Choice(*UNITS, load_default=CODE_POINT)
    exact = fields.String(load_default=None)


class CarriedSpanSent(Shape, as_exported(CarriedSpan)):  # type: ignore[misc]
    """What became of a span: where it stood before has a meaning, where it came to follows."""

    from_ = Part(PlaceSent, required=True, data_key="from", attribute="from")


class CarriedClaimSent(Shape, as_exported(CarriedClaim)):  # type: ignore[misc]
    """What became of a claim of the line."""

    claim = fields.String(required=True)
    spans = fields.List(Part(CarriedSpanSent), required=True, validate=validate.Length(1))


class ReportSent(Shape, as_exported(Report)):  # type: ignore[misc]
    """Where the claims stood before the revision."""

    claims = fields.List(Part(CarriedClaimSent), load_default=list)

    @post_load
    def carried(self, report: dict[str, Any], **_options: Any) -> Any:
        return report["claims"]


class RevisionSent(Shape, as_exported(DossierRevision)):  # type: ignore[misc]
    """One text of the article; the last one's may be left to the article."""

    n = Whole(1, required=True)
    text = fields.String(load_default=None, allow_none=True, validate=validate.Length(1))
    note = Line(load_default=None, allow_none=True)
    report = Part(ReportSent, load_default=list)


class ArticleSent(Sendable, ArticleDraft, as_exported(DossierArticle)):  # type: ignore[misc]
    """An article, told from the others of the project by its `external_id`, or without one by its address and
    text. A text that it has not had becomes its next revision. Without a text it is one that is there already, by its
    `external_id`, `id` or `url`."""

    drafts = ArticleDraft
    id = fields.String(load_default=None, metadata={"description": "Finds it on a line without text."})
    text = fields.String(
        validate=validate.Length(1, error="Expected at least one code point."),
        metadata={"description": "The text, kept code point for code point; that of the article there if absent."},
    )
    revisions = fields.List(
        Part(RevisionSent),
        load_default=list,
        metadata={"description": "All its texts, oldest first, if there are several."},
    )
    comments = fields.List(Part(CommentSent), load_default=list)
    example = ArticleDraft.example

    @validates_schema
    def text_or_name(self, given: dict[str, Any], **_options: Any) -> None:
        named = any(given.get(name) is not None for name in ("external_id", "id", "url"))
        if "text" not in given and (given["revisions"] or not named):
            raise ValidationError({"text": ["Missing data for required field."]})


class DossierDraft(Shape):
    """An article with its claims, their evidence and assessments. What a line leaves out stays as it is."""

    article = Part(ArticleSent, required=True)
    claims = fields.List(Part(ClaimSent), load_default=list)
    example = {"article": ArticleSent.example, "claims": [ClaimSent.example]}

    @post_load
    def whole(self, dossier: dict[str, Any], **_options: Any) -> Sent:
        article: Sent = dossier["article"]
        claims = dossier["claims"] if article.text is not None else [_loose(claim) for claim in dossier["claims"]]
        return replace(article, also={**article.also, "claims": claims})


def _loose(claim: Sent) -> Sent:
    """A claim whose quotes come from a text that only its sender has seen."""
    spans = [replace(each, loose=True) if isinstance(each, Quote) else each for each in claim.draft["spans"]]
    return replace(claim, draft={**claim.draft, "spans": spans})


class DossiersDraft(Shape):
    """Dossiers in one document; the bare array is understood too."""

    dossiers = fields.List(fields.Nested(DossierDraft), required=True)
    example = {"dossiers": [DossierDraft.example]}


read_dossier = sound(DossierDraft())


def entries(lines: Iterable[tuple[int, bytes | None]], longest: int, deepest: int) -> Iterator[Entry]:
    """The dossiers of numbered lines of JSON nested at most `deepest` deep; None is a line of over `longest` bytes.
    The line that ends an export is passed over."""
    for number, line in lines:
        if line is None:
            yield _too_long(number, longest)
        elif not END.fullmatch(line):
            yield _entry(number, line, deepest)


def _too_long(number: int, longest: int) -> Entry:
    return Entry(number, 0, faults=(Fault("", "line_too_long", f"Expected at most {longest} bytes, found more."),))


def _entry(number: int, line: bytes, deepest: int) -> Entry:
    value = None
    try:
        value = strict_json(line, deepest)
        return Entry(number, len(line), read_dossier(value))
    except Malformed as error:
        found: tuple[Fault, ...] = (Fault("", error.code, error.detail),)
    except Invalid as error:
        found = error.faults
    except ValidationError as error:
        found = tuple(faults(error.normalized_messages(), value))  # type: ignore[no-untyped-call]
    return Entry(number, len(line), faults=found)
