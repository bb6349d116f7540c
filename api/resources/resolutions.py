"""Adjudication, withdrawal and return of claims over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.claims import Claim
from api.schemas.resolutions import ResolutionDraft
from api.schemas.spans import UnitQuery
from api.services import resolutions as service
from api.services.answers import Answer, Found, review_tag
from api.services.claims import find as find_claim

contract = Contract("resolutions", "Resolutions: how claims are settled, otherwise than by their assessments alone.")


@contract.changes(
    "/claims/<id:claim>/resolution",
    by="PUT",
    right="claim.adjudicate",
    on=find_claim,
    names=review_tag,
    takes=ResolutionDraft,
    query=UnitQuery,
    gives=Claim,
)
def adjudicate_claim(tx: sa.Connection, claim: Found, draft: Answer, wanted: Answer) -> Answer:
    """Settle a claim

    By an editor's word, whatever the assessments amount to; the rationale is kept, and which
    assessments it rests on. Until it is reopened the assessments stay as they are (409).
    """
    return service.adjudicate(tx, claim, draft, caller.name, **wanted)


@contract.changes(
    "/claims/<id:claim>/resolution",
    by="DELETE",
    right="claim.adjudicate",
    on=find_claim,
    names=review_tag,
    query=UnitQuery,
    gives=Claim,
)
def reopen_claim(tx: sa.Connection, claim: Found, wanted: Answer) -> Answer:
    """Reopen a claim

    That an editor has settled (404 otherwise): it stands again where its assessments leave it.
    """
    return service.reopen(tx, claim, caller.name, **wanted)


@contract.changes(
    "/claims/<id:claim>/withdrawal", by="PUT", right="claim.change", on=find_claim, query=UnitQuery, gives=Claim
)
def withdraw_claim(tx: sa.Connection, claim: Found, wanted: Answer) -> Answer:
    """Withdraw a claim

    It leaves review with status `withdrawn`. Its assessments stay and count again once it is back.
    """
    return service.withdraw(tx, claim, caller.name, **wanted)


@contract.changes(
    "/claims/<id:claim>/withdrawal", by="DELETE", right="claim.change", on=find_claim, query=UnitQuery, gives=Claim
)
def reinstate_claim(tx: sa.Connection, claim: Found, wanted: Answer) -> Answer:
    """Bring a withdrawn claim back

    Its status follows from its assessments again.
    """
    return service.reinstate(tx, claim, caller.name, **wanted)
