"""Claimants over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.claimants import Claimant, ClaimantChanges, ClaimantPage, ClaimantQuery
from api.services import claimants as service
from api.services.answers import Answer, Found
from api.services.projects import find as find_project

contract = Contract("claimants", "Claimants: who made the claims. They are made by naming them on a claim.")


@contract.lists(
    "/projects/<slug:project>/claimants", right="claim.read", on=find_project, query=ClaimantQuery, gives=ClaimantPage
)
def list_claimants(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List a project's claimants

    By name.
    """
    return service.list_in(tx, project, query)


@contract.reads("/claimants/<id:claimant>", right="claim.read", on=service.find, gives=Claimant)
def read_claimant(tx: sa.Connection, claimant: Found) -> Answer:
    """Read a claimant

    As every claim ascribed to them shows it.
    """
    return service.read(tx, claimant)


@contract.changes(
    "/claimants/<id:claimant>", right="claimant.change", on=service.find, takes=ClaimantChanges, gives=Claimant
)
def change_claimant(tx: sa.Connection, claimant: Found, changes: Answer) -> Answer:
    """Change a claimant

    The change shows on every claim ascribed to them.
    """
    return service.alter(tx, claimant, changes, caller.name)
