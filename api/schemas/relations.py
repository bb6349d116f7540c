"""Relations between claims."""

from marshmallow import fields

from api.schemas.fields import Answered, Choice, Id, Moment, PageQuery, Prose, Shape, Whole, page_of
from api.schemas.users import TIME

TYPES = ("repeats", "contradicts", "supports", "corrects", "part_of")
TYPE = {"description": "What `claim` does to `other`. `contradicts` holds both ways; the others have a direction."}


class RelationChanges(Shape):
    """What can be changed of a relation."""

    note = Prose(load_default=None, allow_none=True)
    example = {"note": "The same number, in another paper."}


class RelationDraft(RelationChanges):
    """How the claim of the address stands to another one of the project."""

    type = Choice(*TYPES, required=True, metadata=TYPE)
    other = Id(required=True, metadata={"description": "Id of that claim."})
    example = {"type": "repeats", "other": "01934f6e-7a10-7000-8000-000000000007"}


class Relation(Answered):
    """How one claim stands to another."""

    id = fields.UUID()
    type = Choice(*TYPES, metadata=TYPE)
    claim = fields.UUID(metadata={"description": "The one that repeats, contradicts, supports, corrects, is part of …"})
    other = fields.UUID(metadata={"description": "… this one."})
    note = fields.String(allow_none=True)
    created_at = Moment()
    created_by = fields.String()
    version = Whole(1)
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000008",
        "type": "repeats",
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "other": "01934f6e-7a10-7000-8000-000000000007",
        "note": None,
        "created_at": TIME,
        "created_by": "ada",
        "version": 1,
    }


class RelationQuery(PageQuery):
    """Which relations of a claim."""

    type = Choice(*TYPES)


RelationPage = page_of(Relation, "RelationPage")
