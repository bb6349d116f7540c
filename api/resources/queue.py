"""The review queue over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.queue import Lease, LeaseDraft, QueuePage, QueueQuery
from api.schemas.spans import UnitQuery
from api.services import leases
from api.services import queue as service
from api.services.answers import Answer, Found
from api.services.projects import find as find_project

contract = Contract("queue", "Queue: which claim needs whose assessment next.")


@contract.lists(
    "/projects/<slug:project>/queue", right="queue.read", on=find_project, query=QueueQuery, gives=QueuePage
)
def list_queue(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """See what waits for review

    Claims that need assessments, with who has taken them, and disputed ones, which wait for an
    editor. `counts` are of the whole project, whatever the page shows.
    """
    return service.list_in(tx, project, query)


@contract.acts(
    "/projects/<slug:project>/queue/next",
    by="POST",
    right="queue.next",
    on=find_project,
    takes=LeaseDraft,
    query=UnitQuery,
    gives=Lease,
    answers=(200, 204),
)
def lease_next_claim(tx: sa.Connection, project: Found, draft: Answer, wanted: Answer) -> Answer | None:
    """Take the next claim

    Leases the caller the claim that needs their assessment most; 204 if there is none. Claims that
    an editor assigned to them come first, then those they have a draft on, then by `priority`,
    then those that lack fewer assessments, then the oldest. Each call leases a further claim.
    """
    return leases.lease_next(tx, project, draft, caller.name, **wanted)


@contract.acts(
    "/claims/<id:claim>/lease",
    by="PUT",
    right="queue.next",
    on=leases.find_mine,
    takes=LeaseDraft,
    query=UnitQuery,
    gives=Lease,
)
def renew_lease(tx: sa.Connection, lease: Found, draft: Answer, wanted: Answer) -> Answer:
    """Renew my lease

    It then ends `lease_minutes` from now. One that has run out can't be renewed (409
    `lease_expired`), as somebody else may have the claim.
    """
    return leases.renew(tx, lease, draft, **wanted)


@contract.removes("/claims/<id:claim>/lease", right="queue.next", on=leases.find_mine, versioned=False)
def give_back_lease(tx: sa.Connection, lease: Found) -> None:
    """Give my lease back

    The next who asks may have the claim. One that has run out is gone already (409 `lease_expired`).
    """
    leases.give_back(tx, lease)
