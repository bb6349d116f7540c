"""The shape of every error (RFC 9457)."""

from marshmallow import INCLUDE, fields

from api.schemas.fields import Answered, Shape


class Fault(Answered):
    """One thing wrong in what was sent."""

    pointer = fields.String(metadata={"description": "JSON pointer to the member, `` for the whole body."})
    code = fields.String(metadata={"description": "Stable word for the kind of fault; `/docs/errors` explains each."})
    detail = fields.String(metadata={"description": "What was found and what was expected."})


class Problem(Shape):
    """Why a request was refused. Some kinds add members of their own, such as `candidates` or `version`."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "Address that names the kind."})
    title = fields.String(required=True, metadata={"description": "The kind in words."})
    status = fields.Integer(required=True)
    code = fields.String(
        required=True, metadata={"description": "Stable word for the kind; `/docs/errors` explains each."}
    )
    detail = fields.String(required=True, metadata={"description": "What was found and what was expected."})
    errors = fields.List(fields.Nested(Fault), metadata={"description": "Every fault, for 422."})
