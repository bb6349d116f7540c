"""Comments."""

from marshmallow import fields

from api.schemas.fields import PROSE, Answered, Line, Moment, Shape, Whole, page_of
from api.schemas.users import TIME


class CommentChanges(Shape):
    """What can be changed of a comment."""

    text = Line(PROSE, required=True)
    example = {"text": "Counts from which year on?"}


class CommentDraft(CommentChanges):
    """Something to say."""

    example = {"text": "Does the register count replanted trees?"}


class Comment(Answered):
    """What somebody said about an article, a claim or an assessment: one of the three, the others are null."""

    id = fields.UUID()
    article = fields.UUID(allow_none=True)
    claim = fields.UUID(allow_none=True)
    assessment = fields.UUID(allow_none=True)
    text = fields.String()
    created_at = Moment()
    created_by = fields.String()
    updated_at = Moment()
    version = Whole(1)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000009",
        "article": None,
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "assessment": None,
        "text": "Does the register count replanted trees?",
        "created_at": TIME,
        "created_by": "ada",
        "updated_at": TIME,
        "version": 1,
    }


CommentPage = page_of(Comment, "CommentPage")
