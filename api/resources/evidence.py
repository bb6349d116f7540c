"""Evidence over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.evidence import Evidence, EvidenceChanges, EvidenceDraft, EvidencePage, EvidenceQuery
from api.services import evidence as service
from api.services.answers import Answer, Found
from api.services.claims import find as find_claim

contract = Contract("evidence", "Evidence: links with their stance towards a claim. They are stored, never opened.")


@contract.lists(
    "/claims/<id:claim>/evidence", right="evidence.read", on=find_claim, query=EvidenceQuery, gives=EvidencePage
)
def list_evidence(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List a claim's evidence

    Oldest first.
    """
    return service.list_for(tx, claim, query)


@contract.creates(
    "/claims/<id:claim>/evidence",
    right="evidence.create",
    on=find_claim,
    takes=EvidenceDraft,
    gives=Evidence,
    at="/v1/evidence/{id}",
)
def attach_evidence(tx: sa.Connection, claim: Found, draft: Answer) -> Answer:
    """Attach evidence to a claim

    The address is kept in the form a browser would go to; the same one twice on a claim is 409.
    """
    return service.attach(tx, claim, draft, caller.name)


@contract.reads("/evidence/<id:evidence>", right="evidence.read", on=service.find, gives=Evidence)
def read_evidence(tx: sa.Connection, evidence: Found) -> Answer:
    """Read a piece of evidence

    The link with what was noted of it.
    """
    return service.read(tx, evidence)


@contract.changes(
    "/evidence/<id:evidence>", right="evidence.change", on=service.find, takes=EvidenceChanges, gives=Evidence
)
def change_evidence(tx: sa.Connection, evidence: Found, changes: Answer) -> Answer:
    """Change a piece of evidence

    Reviewers may change what they attached, editors all.
    """
    return service.alter(tx, evidence, changes, caller.name)


@contract.removes("/evidence/<id:evidence>", right="evidence.change", on=service.find)
def delete_evidence(tx: sa.Connection, evidence: Found) -> None:
    """Remove a piece of evidence

    Reviewers may remove what they attached, editors all. What a submitted assessment cites stays
    (409); a draft loses the citation.
    """
    service.detach(tx, evidence, caller.name)
