"""Agreement over HTTP."""

import sqlalchemy as sa

from api.resources.contract import Contract
from api.schemas.agreement import Agreement
from api.schemas.selection import Selection
from api.services import agreement as service
from api.services.answers import Answer, Found
from api.services.projects import find as find_project

contract = Contract("agreement", "Agreement: how far reviewers agree beyond chance.")


@contract.tells(
    "/projects/<slug:project>/agreement",
    right="agreement.read",
    on=find_project,
    query=Selection,
    gives=Agreement,
)
def read_agreement(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """Measure agreement

    Percent agreement, Cohen's, Fleiss' and Krippendorff's coefficients over the submitted
    assessments of claims that are not withdrawn, and how far the marks of several people on one
    article cover the same text. Each figure says what it rests on, or why there is none.
    """
    return service.read(tx, project, query)
