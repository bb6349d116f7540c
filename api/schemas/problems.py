"""The shape of every error (RFC 9457)."""

from marshmallow import INCLUDE, fields

from api.schemas.fields import Shape, Whole


class Candidate(Shape):
    """A place in the text that a quote may have meant."""

    start = Whole(required=True)
    end = Whole(required=True)
    unit = fields.String(required=True, metadata={"description": "What start and end count: the unit of the quote."})
    exact = fields.String(required=True)
    prefix = fields.String(required=True)
    suffix = fields.String(required=True)
    score = fields.Float(metadata={"description": "How like the quote it is, 0 to 100; if the quote was not found."})


class Fault(Shape):
    """One thing wrong in what was sent."""

    pointer = fields.String(
        required=True,
        metadata={"description": "JSON pointer to the member, `` for the whole body, `/name` for a parameter."},
    )
    code = fields.String(
        required=True, metadata={"description": "Stable word for the kind of fault; `/docs/errors` explains each."}
    )
    detail = fields.String(required=True, metadata={"description": "What was found and what was expected."})
    candidates = fields.List(
        fields.Nested(Candidate),
        metadata={"description": "Of a quote: its places, or the nearest passages, best first; at most 100 an answer."},
    )


class Problem(Shape):
    """Why a request was refused. Some kinds add members of their own, such as `limit` or `projects`."""

    class Meta:
        unknown = INCLUDE

    type = fields.String(required=True, metadata={"description": "Address that names the kind."})
    title = fields.String(required=True, metadata={"description": "The kind in words."})
    status = fields.Integer(required=True)
    code = fields.String(
        required=True, metadata={"description": "Stable word for the kind; `/docs/errors` explains each."}
    )
    detail = fields.String(required=True, metadata={"description": "What was found and what was expected."})
    errors = fields.List(
        fields.Nested(Fault),
        metadata={"description": "Each thing wrong with what was sent: for 422, and ambiguous quotes."},
    )
    version = Whole(1, metadata={"description": "The current version, for 412."})
    existing = fields.String(metadata={"description": "Id of what is there already, for 409."})
    limit = Whole(metadata={"description": "The operator's limit that was met."})
