"""Which work a question is about: when, by whom, on claims of which kind."""

from marshmallow import fields

from api.schemas.fields import Line, Moment, Shape, listed


class Selection(Shape):
    """Which work to look at."""

    after = Moment(metadata={"description": "Given or marked at this moment, or later."})
    before = Moment(metadata={"description": "Given or marked before this moment."})
    reviewer = listed(
        fields.String(),
        50,
        load_default=list,
        metadata={"description": "May be given several times: only these people; all of them if absent."},
    )
    type = Line(100, metadata={"description": "Only claims of this kind."})
