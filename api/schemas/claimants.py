"""Claimants: who made the claims."""

from marshmallow import fields

from api.schemas.fields import (
    ID_LENGTH,
    Answered,
    Choice,
    Line,
    Moment,
    PageQuery,
    Shape,
    WebAddress,
    Whole,
    different,
    listed,
    page_of,
)
from api.schemas.users import TIME

KINDS = ("person", "organization", "unknown")


class ClaimantChanges(Shape):
    """What can be changed of a claimant."""

    name = Line(ID_LENGTH, required=True)
    kind = Choice(*KINDS, load_default="unknown")
    job_title = Line(load_default=None, allow_none=True)
    same_as = listed(
        WebAddress(),
        50,
        load_default=list,
        validate=[different],
        metadata={"description": "Addresses that identify the same person or organization."},
    )
    example = {"job_title": "Mayor"}


class ClaimantDraft(ClaimantChanges):
    """Who made the claim: found in the project by name, or made."""

    example = {"name": "Jo Marlow", "kind": "person", "job_title": "Mayor"}


class ClaimantSummary(Answered):
    """Who made the claim."""

    id = fields.UUID()
    name = fields.String()
    kind = Choice(*KINDS)
    job_title = fields.String(allow_none=True)
    same_as = fields.List(fields.String())
    example = {
        "id": "01934f6e-7a10-7000-8000-000000000003",
        "name": "Jo Marlow",
        "kind": "person",
        "job_title": "Mayor",
        "same_as": [],
    }


class Claimant(ClaimantSummary):
    """A person or organization that claims are ascribed to."""

    project = fields.String()
    created_at = Moment()
    version = Whole(1)
    example = {**ClaimantSummary.example, "project": "default", "created_at": TIME, "version": 1}


class ClaimantQuery(PageQuery):
    """Which claimants of a project."""

    name = fields.String(metadata={"description": "Just this name, as it is written."})
    kind = Choice(*KINDS)
    q = Line(200, metadata={"description": "Words in the name, in either case."})


ClaimantPage = page_of(Claimant, "ClaimantPage")
