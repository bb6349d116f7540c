"""Assessments."""

from marshmallow import fields, validate

from api.schemas.fields import Answered, Choice, Line, Moment, Number, Prose, Shape, Whole, page_of
from api.schemas.users import TIME


class AssessmentDraft(Shape):
    """A verdict with its reasons."""

    verdict = Line(63, required=True, metadata={"description": "A value of the project's scale."})
    rationale = Prose(load_default=None, allow_none=True)
    confidence = Number(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 1, error="Expected a number from 0 to 1."),
    )
    state = Choice(
        "draft",
        "submitted",
        load_default="submitted",
        metadata={"description": "A draft is seen by nobody else and counts for nothing; what is submitted stays so."},
    )
    example = {"verdict": "false", "rationale": "The parks office counts 2,950.", "confidence": 0.9}


class Assessment(Answered):
    """One reviewer's verdict on one claim."""

    id = fields.UUID()
    claim = fields.UUID()
    reviewer = fields.String()
    verdict = fields.String()
    rationale = fields.String(allow_none=True)
    confidence = fields.Float(allow_none=True)
    state = Choice("draft", "submitted")
    created_at = Moment()
    updated_at = Moment()
    version = Whole(1)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000005",
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "reviewer": "ada",
        "verdict": "false",
        "rationale": "The parks office counts 2,950.",
        "confidence": 0.9,
        "state": "submitted",
        "created_at": TIME,
        "updated_at": TIME,
        "version": 1,
    }


AssessmentPage = page_of(Assessment, "AssessmentPage")
