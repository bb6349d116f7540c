"""The history over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.history import EventPage, HistoryQuery, VerifiedHistoryQuery
from api.services import history as service
from api.services.answers import Answer, Found
from api.services.verification import of_chain

contract = Contract("history", "History: who did what when. Events are only ever added.")


@contract.lists(
    "/claims/<id:claim>/history",
    right="history.read",
    on=service.find_claim,
    query=VerifiedHistoryQuery,
    gives=EventPage,
)
def list_claim_history(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List what happened to a claim

    And to its assessments, evidence and status; also of a claim that was deleted. Each event is
    sealed to the one before: `verify=true` proves that none was altered or removed.
    """
    return _page(tx, claim, query)


@contract.lists(
    "/articles/<id:article>/history",
    right="history.read",
    on=service.find_article,
    query=VerifiedHistoryQuery,
    gives=EventPage,
)
def list_article_history(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """List what happened to an article

    And to its claims. `verify=true` proves the article's own chain; each claim has one of its own.
    """
    return _page(tx, article, query)


@contract.lists(
    "/projects/<slug:project>/history",
    right="history.read",
    on=service.find_project,
    query=HistoryQuery,
    gives=EventPage,
)
def list_project_history(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List what happened to a project

    And to its members and claimants; articles and claims have histories of their own.
    """
    return _page(tx, project, query)


def _page(tx: sa.Connection, chain: Found, query: Answer) -> Answer:
    verification = of_chain(tx, chain) if query.get("verify") else None
    return {**service.list_of(tx, chain, query, caller), "verification": verification}
