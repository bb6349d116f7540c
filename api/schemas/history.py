"""What happened: events, and whether they are as they were written."""

from marshmallow import fields

from api.rules.history import ACTIONS, RESOURCES
from api.schemas.fields import Answered, Choice, Flag, Line, Moment, PageQuery, Whole, listed, sorts
from api.schemas.users import TIME


class Event(Answered):
    """One change of one resource."""

    chain = fields.String(metadata={"description": "What the event is counted and sealed with: its thing's id."})
    n = Whole(1, allow_none=True, metadata={"description": "Its number in the chain, without gaps."})
    article = fields.UUID(allow_none=True)
    claim = fields.UUID(allow_none=True)
    at = Moment()
    by = fields.String()
    action = Choice(*ACTIONS)
    resource = Choice(*RESOURCES)
    resource_id = fields.String()
    before = fields.Dict(
        allow_none=True, metadata={"description": "The members that were otherwise; null if it was not there."}
    )
    after = fields.Dict(
        allow_none=True, metadata={"description": "The same members since; null if it is gone. Whole if it is new."}
    )
    review = fields.Boolean(
        metadata={"description": "Whether it tells of an assessment, or of what follows from assessments."}
    )
    private_to = fields.String(allow_none=True, metadata={"description": "Of whose draft it is, who alone sees it."})
    hash = fields.String(
        allow_none=True,
        metadata={"description": "SHA-256 over the hash before it and all that it says; see the README."},
    )
    example = {
        "chain": "01934f6e-7a10-7000-8000-000000000004",
        "n": 3,
        "article": "01934f6e-7a10-7000-8000-000000000002",
        "claim": "01934f6e-7a10-7000-8000-000000000004",
        "at": TIME,
        "by": "ada",
        "action": "changed",
        "resource": "assessment",
        "resource_id": "01934f6e-7a10-7000-8000-000000000005",
        "before": {"verdict": "mixed", "version": 1},
        "after": {"verdict": "false", "version": 2},
        "review": True,
        "private_to": None,
        "hash": "8a5edab282632443219e051e4ade2d1d5bbc671c781051bf1437897cbdfea0f1",
    }


class Verification(Answered):
    """Whether a thing's history is whole, and what is stored of the thing is what it says."""

    intact = fields.Boolean()
    breaks = fields.List(fields.String(), metadata={"description": "What does not fit, in words."})
    events = Whole(allow_none=True, metadata={"description": "How many events the chain has."})
    head = fields.String(
        allow_none=True, metadata={"description": "Hash of the last one: keep it elsewhere to prove the chain later."}
    )
    example = {"intact": True, "breaks": [], "events": 1, "head": Event.example["hash"]}


class EventPage(Answered):
    """A page of a history."""

    items = fields.List(fields.Nested(Event))
    next = fields.String(allow_none=True, metadata={"description": "Address of the next page; null on the last."})
    verification = fields.Nested(Verification, allow_none=True, metadata={"description": "If `verify` asked for it."})
    example = {"items": [Event.example], "next": None, "verification": None}


class HistoryQuery(PageQuery):
    """Which events."""

    resource = listed(
        Choice(*RESOURCES), len(RESOURCES), metadata={"description": "May be given several times: any of them."}
    )
    by = Line(63, metadata={"description": "Only what this user did."})
    after = Moment(metadata={"description": "At this moment, or later."})
    before = Moment(metadata={"description": "Before this moment."})
    sort = sorts("at", default="at")


class VerifiedHistoryQuery(HistoryQuery):
    """Which events, and whether to prove them."""

    verify = Flag(
        load_default=False,
        metadata={"description": "Also verify the thing's whole chain, and what is stored of it."},
    )
