"""Relations between claims over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.relations import Relation, RelationChanges, RelationDraft, RelationPage, RelationQuery
from api.services import relations as service
from api.services.answers import Answer, Found
from api.services.claims import find as find_claim

contract = Contract("relations", "Relations: which claims repeat, contradict, support, correct or belong to others.")


@contract.lists(
    "/claims/<id:claim>/relations", right="relation.read", on=find_claim, query=RelationQuery, gives=RelationPage
)
def list_relations(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List a claim's relations

    Oldest first, whichever end of them the claim is.
    """
    return service.list_for(tx, claim, query)


@contract.creates(
    "/claims/<id:claim>/relations",
    right="relation.create",
    on=find_claim,
    takes=RelationDraft,
    gives=Relation,
    at="/v1/relations/{id}",
)
def create_relation(tx: sa.Connection, claim: Found, draft: Answer) -> Answer:
    """Relate a claim to another

    The two may be of different articles of the project. A second relation of the same type between
    them is 409, in the other direction too.
    """
    return service.relate(tx, claim, draft, caller.name)


@contract.reads("/relations/<id:relation>", right="relation.read", on=service.find, gives=Relation)
def read_relation(tx: sa.Connection, relation: Found) -> Answer:
    """Read a relation

    The two claims and what is between them.
    """
    return service.read(tx, relation)


@contract.changes(
    "/relations/<id:relation>", right="relation.change", on=service.find, takes=RelationChanges, gives=Relation
)
def change_relation(tx: sa.Connection, relation: Found, changes: Answer) -> Answer:
    """Change a relation's note

    Type and claims stay. Reviewers may change what they made, editors all.
    """
    return service.alter(tx, relation, changes, caller.name)


@contract.removes("/relations/<id:relation>", right="relation.change", on=service.find)
def delete_relation(tx: sa.Connection, relation: Found) -> None:
    """Remove a relation

    Reviewers may remove what they made, editors all.
    """
    service.undo(tx, relation, caller.name)
