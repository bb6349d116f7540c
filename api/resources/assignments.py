"""Assignments over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.assignments import Assignment, AssignmentPage
from api.services import assignments as service
from api.services.answers import Answer, Found
from api.services.claims import find as find_claim

contract = Contract("assignments", "Assignments: claims that editors give to reviewers by hand.")


@contract.lists("/claims/<id:claim>/assignees", right="queue.read", on=find_claim, gives=AssignmentPage)
def list_assignees(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List a claim's assignees

    By user name, those who have submitted among them.
    """
    return service.list_of(tx, claim, query)


@contract.acts(
    "/claims/<id:claim>/assignees/<user:user>",
    by="PUT",
    right="queue.assign",
    on=find_claim,
    gives=Assignment,
    answers=(200, 201),
)
def assign_claim(tx: sa.Connection, claim: Found, user: str) -> Answer:
    """Assign a claim to a reviewer

    They get it first when they ask for their next claim, and hold a slot until they submit or are
    unassigned; if no slot is free, one more than the policy asks for. Who is assigned already stays so (200).
    """
    return service.assign(tx, claim, user, caller.name)


@contract.removes("/claims/<id:claim>/assignees/<user:user>", right="queue.assign", on=service.find, versioned=False)
def unassign_claim(tx: sa.Connection, assignment: Found) -> None:
    """Take an assignment back

    The slot is free again. A lease that the reviewer has on the claim stays.
    """
    service.unassign(tx, assignment, caller.name)
