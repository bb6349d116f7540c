"""Articles and their revisions."""

from marshmallow import fields, validate

from api.schemas.fields import (
    ID_LENGTH,
    Answered,
    DayOrMoment,
    Flag,
    Language,
    Line,
    Moment,
    PageQuery,
    Shape,
    WebAddress,
    Whole,
    page_of,
    sorts,
)
from api.schemas.users import TIME


class ArticleChanges(Shape):
    """What can be changed of an article: everything but its text."""

    external_id = Line(
        ID_LENGTH,
        load_default=None,
        allow_none=True,
        metadata={"description": "Your own id for it, unique in the project."},
    )
    title = Line(load_default=None, allow_none=True)
    url = WebAddress(load_default=None, allow_none=True)
    publisher = Line(load_default=None, allow_none=True)
    byline = Line(load_default=None, allow_none=True)
    language = Language(load_default=None, allow_none=True)
    published_at = DayOrMoment(load_default=None, allow_none=True)
    metadata = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"description": "Anything else, as a JSON object; kept as sent."},
    )
    example = {"publisher": "The Daily Example"}


TEXT = "On Monday the mayor said that the city had planted 4,000 trees 🌳 since 2020. The parks office counts 2,950."


class ArticleDraft(ArticleChanges):
    """An article to store."""

    text = fields.String(
        required=True,
        validate=validate.Length(1, error="Expected at least one code point."),
        metadata={"description": "The text, kept code point for code point."},
    )
    example = {
        "external_id": "example-17",
        "title": "Mayor claims 4,000 new trees",
        "url": "https://news.example/trees",
        "language": "en",
        "published_at": "2026-03-02",
        "text": TEXT,
    }


class ArticleSummary(Answered):
    """An article without its text, as lists show it."""

    id = fields.UUID()
    project = fields.String()
    external_id = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    url = fields.String(allow_none=True)
    publisher = fields.String(allow_none=True)
    byline = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    published_at = fields.String(allow_none=True)
    metadata = fields.Dict(keys=fields.String())
    text_sha256 = fields.String(metadata={"description": "SHA-256 of the text in UTF-8, in hex."})
    code_points = Whole(1)
    revision = Whole(1, metadata={"description": "Number of the current text."})
    claim_count = Whole()
    created_at = Moment()
    created_by = fields.String()
    updated_at = Moment()
    version = Whole(1)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000002",
        "project": "default",
        "external_id": "example-17",
        "title": "Mayor claims 4,000 new trees",
        "url": "https://news.example/trees",
        "publisher": None,
        "byline": None,
        "language": "en",
        "published_at": "2026-03-02",
        "metadata": {},
        "text_sha256": "9f2816ef9101e6c3dabf6e34523c06d1f9fbb3070920594bbfe6d106e11f6c06",
        "code_points": 107,
        "revision": 1,
        "claim_count": 1,
        "created_at": TIME,
        "created_by": "admin",
        "updated_at": TIME,
        "version": 1,
    }


class Article(ArticleSummary):
    """A text with its bibliographic facts."""

    text = fields.String(metadata={"description": "The current text, exactly as it was sent."})
    example = {**ArticleSummary.example, "text": TEXT}


ArticlePage = page_of(ArticleSummary, "ArticlePage")


class ArticleQuery(PageQuery):
    """Which articles of a project."""

    external_id = fields.String()
    url = WebAddress(metadata={"description": "Just this address, however it is written."})
    language = fields.String()
    publisher = fields.String()
    published_after = DayOrMoment(metadata={"description": "At this day or moment, or later."})
    published_before = DayOrMoment(metadata={"description": "Before this day or moment."})
    created_after = Moment(metadata={"description": "At this moment, or later."})
    created_before = Moment(metadata={"description": "Before this moment."})
    has_claims = Flag()
    q = Line(200, metadata={"description": "Words in the title, in either case."})
    sort = sorts("created_at", "updated_at", "published_at", default="-created_at")
