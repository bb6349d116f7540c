"""Statistics over HTTP."""

import sqlalchemy as sa

from api.resources.contract import Contract
from api.schemas.selection import Selection
from api.schemas.statistics import Statistics
from api.services import statistics as service
from api.services.answers import Answer, Found
from api.services.projects import find as find_project

contract = Contract("statistics", "Statistics: where claims stand, and who did how much of the work.")


@contract.tells(
    "/projects/<slug:project>/statistics",
    right="statistics.read",
    on=find_project,
    query=Selection,
    gives=Statistics,
)
def read_statistics(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """Count the work

    Everything is counted by when it was made (`after`, `before`) and who made it (`reviewer`);
    assessments, evidence and resolutions count if their claim is of the `type`. Drafts never
    count. Withdrawn claims count as every other, as does the work on them: they are a status of
    their own, and have no resolution.
    """
    return service.read(tx, project, query)
