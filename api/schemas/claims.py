"""Claims, as they are marked and as they stand."""

from marshmallow import fields, validate

from api.rules.consensus import STATUSES
from api.schemas.claimants import ClaimantDraft, ClaimantSummary
from api.schemas.fields import (
    ID_LENGTH,
    Answered,
    Choice,
    DayOrMoment,
    Id,
    Language,
    Line,
    Moment,
    PageQuery,
    Part,
    Prose,
    Shape,
    WebAddress,
    Whole,
    different,
    listed,
    page_of,
    sorts,
)
from api.schemas.resolutions import Resolution
from api.schemas.spans import RevisionNumber, Span, SpanDraft, UnitQuery
from api.schemas.users import TIME


class AppearanceDraft(Shape):
    """A place where the claim was made."""

    url = WebAddress(required=True)
    archive_url = WebAddress(load_default=None, allow_none=True)


class Appearance(Answered):
    """A place where the claim was made."""

    url = fields.String()
    archive_url = fields.String(allow_none=True)


class ClaimChanges(Shape):
    """What can be changed of a claim. New spans replace the old ones."""

    spans = fields.List(
        Part(SpanDraft),
        required=True,
        validate=validate.Length(1, 100, error="Expected 1 to 100 spans."),
        metadata={"description": "One or more stretches of the text, in any order."},
    )
    external_id = Line(
        ID_LENGTH,
        load_default=None,
        allow_none=True,
        metadata={"description": "Your own id for it, unique in the article."},
    )
    text = Prose(
        load_default=None,
        allow_none=True,
        metadata={"description": "The claim as one checkable statement, in your words."},
    )
    context = Prose(load_default=None, allow_none=True)
    language = Language(load_default=None, allow_none=True)
    claimant = Part(ClaimantDraft, load_default=None, allow_none=True)
    claimed_at = DayOrMoment(load_default=None, allow_none=True)
    location = Line(load_default=None, allow_none=True)
    first_appearance = Part(AppearanceDraft, load_default=None, allow_none=True)
    appearances = listed(Part(AppearanceDraft), 100, load_default=list)
    types = listed(
        Line(100),
        20,
        load_default=list,
        validate=[different],
        metadata={"description": "Kinds of claim, such as numerical or quote."},
    )
    tags = listed(Line(100), 100, load_default=list, validate=[different])
    priority = Whole(0, 9, load_default=0, metadata={"description": "Higher ones are handed out for review first."})
    example = {"text": "The city planted 4,000 trees between 2020 and March 2026.", "tags": ["environment"]}


class ClaimDraft(ClaimChanges):
    """A claim to mark. Only `spans` is needed."""

    example = {
        "spans": [SpanDraft.example],
        "text": "The city planted 4,000 trees between 2020 and March 2026.",
        "claimant": ClaimantDraft.example,
        "claimed_at": "2026-03-02",
        "types": ["numerical"],
        "tags": ["environment"],
    }


class Claim(Answered):
    """A checkable statement and where it stands in its article."""

    id = fields.UUID()
    article = fields.UUID()
    external_id = fields.String(allow_none=True)
    spans = fields.List(fields.Nested(Span))
    text = fields.String(allow_none=True)
    context = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    claimant = fields.Nested(ClaimantSummary, allow_none=True)
    claimed_at = fields.String(allow_none=True)
    location = fields.String(allow_none=True)
    first_appearance = fields.Nested(Appearance, allow_none=True)
    appearances = fields.List(fields.Nested(Appearance))
    types = fields.List(fields.String())
    tags = fields.List(fields.String())
    status = Choice(*STATUSES, metadata={"description": "Follows from the assessments; see the README."})
    verdict = fields.String(allow_none=True, metadata={"description": "A value of the scale, once resolved."})
    priority = Whole(0, 9)
    resolution = fields.Nested(Resolution, allow_none=True)
    evidence_count = Whole()
    assessment_count = Whole()
    relation_count = Whole()
    needs_attention = Choice(
        "text_changed",
        "orphaned",
        allow_none=True,
        metadata={"description": "An edit of the text changed the claim's words, or took them away."},
    )
    created_at = Moment()
    created_by = fields.String()
    updated_at = Moment()
    version = Whole(1)
    review_version = Whole(metadata={"description": "Counts changes of assessments, status, verdict and resolution."})
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000004",
        "article": "01934f6e-7a10-7000-8000-000000000002",
        "external_id": None,
        "spans": [Span.example],
        "text": "The city planted 4,000 trees between 2020 and March 2026.",
        "context": None,
        "language": None,
        "claimant": ClaimantSummary.example,
        "claimed_at": "2026-03-02",
        "location": None,
        "first_appearance": None,
        "appearances": [],
        "types": ["numerical"],
        "tags": ["environment"],
        "status": "resolved",
        "verdict": "false",
        "priority": 0,
        "resolution": Resolution.example,
        "evidence_count": 1,
        "assessment_count": 1,
        "relation_count": 1,
        "needs_attention": None,
        "created_at": TIME,
        "created_by": "ada",
        "updated_at": TIME,
        "version": 1,
        "review_version": 1,
    }


ClaimPage = page_of(Claim, "ClaimPage")


class ArticleClaimQuery(UnitQuery, PageQuery):
    """Which claims of an article."""

    revision = RevisionNumber(
        metadata={"description": "Where they stand on this revision; on the current one if absent."}
    )


class PointInTime(UnitQuery):
    """A claim as it is, or as it was."""

    at = Moment(metadata={"description": "As it was at this moment; as it is now if absent."})


class ClaimFilters(Shape):
    """Which claims of a project."""

    external_id = fields.String()
    needs_attention = listed(
        Choice("text_changed", "orphaned"), 2, metadata={"description": "May be given several times: any of them."}
    )
    status = listed(Choice(*STATUSES), 5, metadata={"description": "May be given several times: any of them."})
    verdict = listed(fields.String(), 50, metadata={"description": "May be given several times: any of them."})
    claimant = Id(metadata={"description": "Id of the claimant."})
    claimant_name = fields.String(metadata={"description": "Just this name, as it is written."})
    tag = fields.String()
    type = fields.String()
    language = fields.String()
    created_by = fields.String()
    claimed_after = DayOrMoment(metadata={"description": "At this day or moment, or later."})
    claimed_before = DayOrMoment(metadata={"description": "Before this day or moment."})
    created_after = Moment(metadata={"description": "At this moment, or later."})
    created_before = Moment(metadata={"description": "Before this moment."})
    q = Line(200, metadata={"description": "Words in the claim's wording or in its marked text, in either case."})


class ClaimQuery(UnitQuery, PageQuery, ClaimFilters):
    """Which claims of a project, and in which order."""

    sort = sorts("created_at", "updated_at", "claimed_at", "priority", default="-created_at")
