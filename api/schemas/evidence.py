"""Evidence."""

from marshmallow import fields

from api.schemas.fields import (
    Answered,
    Choice,
    DayOrMoment,
    Line,
    Moment,
    PageQuery,
    Prose,
    Shape,
    WebAddress,
    Whole,
    page_of,
)
from api.schemas.users import TIME

STANCES = ("supports", "refutes", "context")
MEDIA = ("web_text", "web_table", "pdf", "image", "video", "audio", "metadata", "other")


class EvidenceDraft(Shape):
    """A link to attach. Only `url` is needed; it is stored, never opened."""

    url = WebAddress(required=True)
    title = Line(load_default=None, allow_none=True)
    publisher = Line(load_default=None, allow_none=True)
    published_at = DayOrMoment(load_default=None, allow_none=True)
    accessed_at = DayOrMoment(load_default=None, allow_none=True)
    medium = Choice(*MEDIA, load_default=None, allow_none=True)
    excerpt = Prose(load_default=None, allow_none=True)
    archive_url = WebAddress(load_default=None, allow_none=True)
    stance = Choice(*STANCES, load_default="context", metadata={"description": "What it says of the claim."})
    note = Prose(load_default=None, allow_none=True)
    example = {
        "url": "https://parks.example/register/2026",
        "title": "Register of street trees",
        "stance": "refutes",
        "excerpt": "Newly planted since 2020: 2,950",
    }


class EvidenceChanges(EvidenceDraft):
    """What can be changed of a piece of evidence."""

    example = {"stance": "context", "note": "Counts street trees only."}


class Evidence(Answered):
    """A link that speaks for, against or around a claim."""

    id = fields.UUID()
    claim = fields.UUID()
    url = fields.String()
    title = fields.String(allow_none=True)
    publisher = fields.String(allow_none=True)
    published_at = fields.String(allow_none=True)
    accessed_at = fields.String(allow_none=True)
    medium = Choice(*MEDIA, allow_none=True)
    excerpt = fields.String(allow_none=True)
    archive_url = fields.String(allow_none=True)
    stance = Choice(*STANCES)
    note = fields.String(allow_none=True)
    created_at = Moment()
    created_by = fields.String()
    version = Whole(1)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000006",
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "url": "https://parks.example/register/2026",
        "title": "Register of street trees",
        "publisher": None,
        "published_at": None,
        "accessed_at": None,
        "medium": None,
        "excerpt": "Newly planted since 2020: 2,950",
        "archive_url": None,
        "stance": "refutes",
        "note": None,
        "created_at": TIME,
        "created_by": "ada",
        "version": 1,
    }


class EvidenceQuery(PageQuery):
    """Which evidence of a claim."""

    stance = Choice(*STANCES)


EvidencePage = page_of(Evidence, "EvidencePage")
