"""Assignments of claims to reviewers."""

from marshmallow import fields

from api.schemas.fields import Answered, Moment, Whole, page_of
from api.schemas.users import TIME


class Assignment(Answered):
    """A place in a claim's review that an editor keeps for a reviewer."""

    claim = fields.UUID()
    reviewer = fields.String()
    created_at = Moment()
    created_by = fields.String(metadata={"description": "Who assigned them."})
    version = Whole(1)
    example = {
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "reviewer": "ada",
        "created_at": TIME,
        "created_by": "edith",
        "version": 1,
    }


AssignmentPage = page_of(Assignment, "AssignmentPage")
