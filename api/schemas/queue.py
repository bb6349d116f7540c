"""The review queue: what waits, and what a reviewer has taken from it."""

from marshmallow import fields

from api.rules.consensus import STATUSES
from api.rules.queue import STATES
from api.schemas.claims import Claim
from api.schemas.fields import Answered, Choice, Moment, PageQuery, Shape, Whole, sorts
from api.schemas.users import TIME

LATER = "2026-03-02T10:30:00Z"
_TAKEN_WHEN = "Null if it is held by assignment alone, which does not end by itself."


class LeaseDraft(Shape):
    """How long the claim is wanted for. It may be left out."""

    optional = True
    lease_minutes = Whole(1, 1440, load_default=30, metadata={"description": "Minutes from now."})
    example = {"lease_minutes": 60}


class Lease(Answered):
    """A claim that a reviewer has taken from the queue, until they submit, give it back or time runs out."""

    claim = fields.Nested(Claim)
    reviewer = fields.String()
    leased_at = Moment()
    expires_at = Moment()
    assigned = fields.Boolean(metadata={"description": "Whether an editor assigned the claim to the reviewer."})
    example = {
        "claim": {**Claim.example, "status": "unverified", "verdict": None, "resolution": None, "assessment_count": 0},
        "reviewer": "ada",
        "leased_at": TIME,
        "expires_at": LATER,
        "assigned": False,
    }


class Holder(Answered):
    """A reviewer who has a place in the claim's review and has not submitted yet."""

    reviewer = fields.String()
    assigned = fields.Boolean()
    expires_at = Moment(allow_none=True, metadata={"description": _TAKEN_WHEN})
    example = {"reviewer": "ada", "assigned": False, "expires_at": LATER}


class QueueItem(Answered):
    """A claim that waits for reviewers or for an editor."""

    claim = fields.UUID()
    article = fields.UUID()
    text = fields.String(allow_none=True)
    status = Choice(*STATUSES)
    priority = Whole(0, 9)
    state = Choice(
        *STATES,
        metadata={
            "description": "`open`: a slot is free; `taken`: reviewers hold all that are needed; "
            "`disputed`: it waits for an editor."
        },
    )
    required = Whole(1, metadata={"description": "Submitted assessments that it needs."})
    submitted = Whole(allow_none=True, metadata={"description": "Submitted assessments; null if that is hidden."})
    open_slots = Whole(allow_none=True, metadata={"description": "Slots that nobody holds; null if that is hidden."})
    taken_by = fields.List(fields.Nested(Holder))
    created_at = Moment()
    example = {
        "claim": Claim.example["id"],
        "article": Claim.example["article"],
        "text": Claim.example["text"],
        "status": "in_review",
        "priority": 5,
        "state": "open",
        "required": 3,
        "submitted": 1,
        "open_slots": 1,
        "taken_by": [Holder.example],
        "created_at": TIME,
    }


class QueueCounts(Answered):
    """How many claims are in each state, on all pages."""

    open = Whole()
    taken = Whole()
    disputed = Whole()
    example = {"open": 12, "taken": 3, "disputed": 1}


class QueuePage(Answered):
    """What waits."""

    counts = fields.Nested(QueueCounts)
    items = fields.List(fields.Nested(QueueItem))
    next = fields.String(allow_none=True, metadata={"description": "Address of the next page; null on the last."})
    example = {"counts": QueueCounts.example, "items": [QueueItem.example], "next": None}


class QueueQuery(PageQuery):
    """What of the queue."""

    state = Choice(*STATES, metadata={"description": "Only what is in this state."})
    taken_by = fields.String(
        metadata={"description": "Only what of it this reviewer has a place in; `counts` are as without."}
    )
    sort = sorts("created_at", "priority", default="created_at")
