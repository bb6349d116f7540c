"""Resolutions: the settled verdicts of claims."""

from marshmallow import fields, validate

from api.rules.consensus import METHODS
from api.schemas.fields import PROSE, Answered, Choice, Id, Line, Moment, Shape, different
from api.schemas.users import TIME


class ResolutionDraft(Shape):
    """An editor's adjudication."""

    verdict = Line(63, required=True, metadata={"description": "A value of the project's scale."})
    rationale = Line(PROSE, required=True, metadata={"description": "Why it is settled so."})
    assessments = fields.List(
        Id(),
        required=True,
        validate=[validate.Length(1, 100, error="Expected 1 to 100 assessments."), different],
        metadata={"description": "Ids of the submitted assessments that it rests on.", "uniqueItems": True},
    )
    example = {
        "verdict": "false",
        "rationale": "Two of three counted the newly planted trees only, which is what was claimed.",
        "assessments": ["01934f6e-7a10-7000-8000-000000000005"],
    }


class Resolution(Answered):
    """The settled verdict of a claim."""

    verdict = fields.String()
    method = Choice(*METHODS)
    by = fields.String(allow_none=True, metadata={"description": "The sole reviewer or the adjudicator."})
    assessments = fields.List(fields.UUID(), metadata={"description": "The assessments it rests on."})
    rationale = fields.String(allow_none=True)
    resolved_at = Moment()
    words_changed = fields.Boolean(
        metadata={"description": "An edit has changed or lost the claim's words since, and nobody has confirmed it."}
    )
    example = {
        "verdict": "false",
        "method": "sole",
        "by": "ada",
        "assessments": ["01934f6e-7a10-7000-8000-000000000005"],
        "rationale": None,
        "resolved_at": TIME,
        "words_changed": False,
    }
