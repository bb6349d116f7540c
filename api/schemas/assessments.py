"""Assessments."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from api.schemas.evidence import STANCES
from api.schemas.fields import (
    Answered,
    Choice,
    Id,
    Line,
    Moment,
    Number,
    Part,
    Prose,
    Shape,
    Whole,
    listed,
    page_of,
)
from api.schemas.users import TIME


class CitationDraft(Shape):
    """A piece of evidence to cite."""

    id = Id(required=True, metadata={"description": "Id of a piece of evidence of the same claim."})
    stance = Choice(
        *STANCES,
        load_default=None,
        metadata={"description": "What it says of the claim, as you read it; absent: the stance it has now."},
    )
    example = {"id": "01934f6e-7a10-7000-8000-000000000006", "stance": "refutes"}


class Citation(Answered):
    """A piece of evidence that an assessment cites."""

    id = fields.UUID()
    stance = Choice(*STANCES, metadata={"description": "What it says of the claim, as the reviewer read it."})
    example = CitationDraft.example


def each_once(citations: list[dict[str, Any]]) -> None:
    if len({citation["id"] for citation in citations}) < len(citations):
        raise ValidationError("Expected each piece of evidence once, found one twice.")


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
    evidence = listed(
        Part(CitationDraft),
        100,
        load_default=list,
        validate=[each_once],
        metadata={"description": "The evidence it rests on, each piece once."},
    )
    example = {
        "verdict": "false",
        "rationale": "The parks office counts 2,950.",
        "confidence": 0.9,
        "evidence": [CitationDraft.example],
    }


class Assessment(Answered):
    """One reviewer's verdict on one claim."""

    id = fields.UUID()
    claim = fields.UUID()
    reviewer = fields.String()
    verdict = fields.String()
    rationale = fields.String(allow_none=True)
    confidence = fields.Float(allow_none=True)
    state = Choice("draft", "submitted")
    evidence = fields.List(fields.Nested(Citation), metadata={"description": "What it cites, in the order given."})
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
        "evidence": [Citation.example],
        "created_at": TIME,
        "updated_at": TIME,
        "version": 1,
    }


AssessmentPage = page_of(Assessment, "AssessmentPage")
