"""What goes with what is deleted, and the word that has it go."""

from marshmallow import fields, validate

from api.schemas.fields import LINE, Answered, Shape, Whole


class Confirmation(Shape):
    """That it is meant."""

    confirm = fields.String(
        load_default=None,
        validate=validate.Length(max=LINE, error=f"Expected at most {LINE} code points."),
        metadata={
            "description": "Needed: the name of what is to be deleted. Without it, 422 `confirmation_needed` says "
            "which, and what would go with it."
        },
    )


class Deletion(Answered):
    """What deleting a thing asks for, and takes."""

    confirm = fields.String(metadata={"description": "What `confirm` must be."})
    goes = fields.Dict(
        keys=fields.String(),
        values=Whole(0),
        metadata={
            "description": "How many things of each kind go with it; `drafts` are assessments that nobody else sees."
        },
    )
    example = {
        "confirm": "Mayor claims 4,000 new trees",
        "goes": {
            "revisions": 2,
            "claims": 3,
            "assessments": 7,
            "drafts": 1,
            "evidence": 4,
            "relations": 0,
            "comments": 2,
            "assignments": 0,
        },
    }
