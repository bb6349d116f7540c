"""Assessments over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.assessments import Assessment, AssessmentDraft, AssessmentPage
from api.services import assessments as service
from api.services.answers import Answer, Found
from api.services.claims import find as find_claim

contract = Contract("assessments", "Assessments: one reviewer's verdict on one claim. The claim's status follows.")


@contract.lists("/claims/<id:claim>/assessments", right="assessment.read", on=find_claim, gives=AssessmentPage)
def list_assessments(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List a claim's assessments

    Oldest first: what was submitted, and one's own draft.
    """
    return service.list_of(tx, claim, query, caller.name)


@contract.reads("/claims/<id:claim>/assessments/mine", right="assessment.read", on=service.find_mine, gives=Assessment)
def read_my_assessment(tx: sa.Connection, assessment: Found) -> Answer:
    """Read my assessment

    The one that the caller gave of this claim.
    """
    return service.read(tx, assessment)


@contract.puts(
    "/claims/<id:claim>/assessments/mine",
    right="assessment.give",
    on=find_claim,
    current=service.find_mine,
    takes=AssessmentDraft,
    gives=Assessment,
)
def put_my_assessment(tx: sa.Connection, claim: Found, mine: Found | None, draft: Answer) -> Answer:
    """Assess a claim

    One assessment a reviewer and claim. A draft is private; once it is submitted, the claim's
    status, verdict and resolution follow in the same transaction. `evidence` cites evidence of the
    claim; a PUT that replaces replaces the whole list.
    """
    if mine is None:
        return service.give(tx, claim, draft, caller.name)
    return service.revise(tx, mine, draft, caller.name)


@contract.removes("/claims/<id:claim>/assessments/mine", right="assessment.give", on=service.find_mine)
def delete_my_assessment(tx: sa.Connection, assessment: Found) -> None:
    """Take my assessment back

    The claim stands again where it would without it.
    """
    service.take_back(tx, assessment)
