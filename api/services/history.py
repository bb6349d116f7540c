"""The history read: what happened to a thing, and how a claim was at some time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.models import chains, events
from api.rules.history import Event
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.blinding import may_see, unseen
from api.services.paging import Listing
from api.services.projects import of_caller

SAID = tuple(events.c[name] for name in Event._fields)
"""The columns that an `Event` is made of."""
EVENT = select(*SAID, events.c.hash)
FIND = Reading(
    select(chains, *of_caller(chains)).where(chains.c.id == bindparam("id"), chains.c.kind == bindparam("kind"))
)
_shown = sa.or_(events.c.private_to.is_(None), events.c.private_to == bindparam("caller"))
_in_project = (events.c.project == bindparam("project"), _shown)
UNBLINDED = sa.or_(
    ~events.c.review,
    events.c.private_to.is_not(None),
    sa.and_(events.c.resource == "assessment", events.c.by == bindparam("caller")),
    may_see(events.c.project, events.c.claim),
)
"""Of the events that others see too, those that the reviewer bound as `blinded`, if anybody is, may."""
OF = {
    "claim": events.c.claim == bindparam("id", type_=events.c.claim.type),
    "article": events.c.article == bindparam("id", type_=events.c.article.type),
    "project": sa.and_(events.c.article.is_(None), events.c.claim.is_(None)),
}
"""By kind of thing, the events that its history shows: an article's with those of its claims, a project's
with those of its members and claimants."""
_order = {"at": {"at": events.c.at, "chain": events.c.chain}}
_filters = {
    "resource": events.c.resource,
    "by": events.c.by == bindparam("by"),
    "after": events.c.at >= bindparam("after"),
    "before": events.c.at < bindparam("before"),
}
HISTORIES = {kind: Listing(EVENT.where(*_in_project, which), _order, _filters) for kind, which in OF.items()}
BLIND_HISTORIES = {
    kind: Listing(EVENT.where(*_in_project, which, UNBLINDED), _order, _filters) for kind, which in OF.items()
}
"""What the reviewer bound as `blinded` may see of them."""
_of_chain = (events.c.project == bindparam("project"), events.c.chain == bindparam("chain"))
UNTIL = Reading(
    select(*SAID).where(*_of_chain, events.c.at <= bindparam("moment", type_=events.c.at.type)).order_by(events.c.n)
)
FIRST = Reading(select(*SAID).where(*_of_chain, events.c.n == 1))


def find_claim(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """What had the history of a claim, be it deleted. Raises: NotFound: there never was such a claim."""
    return FIND.row(tx, id=id, kind="claim", caller=caller.name)


def find_article(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """As `find_claim`, for an article."""
    return FIND.row(tx, id=id, kind="article", caller=caller.name)


def find_project(tx: sa.Connection, caller: Caller, slug: str) -> Found:
    """As `find_claim`, for a project."""
    return FIND.row(tx, id=slug, kind="project", caller=caller.name)


def list_of(tx: sa.Connection, chain: Found, query: Answer, caller: Caller) -> Answer:
    """The events that the thing's history shows to the caller; drafts' only to who wrote them."""
    within = {"project": chain.project, "caller": caller.name}
    if chain.kind != "project":
        within["id"] = chain.id
    if chain.blinded is None:
        return HISTORIES[chain.kind].page(tx, query, **within)
    listed = BLIND_HISTORIES[chain.kind].page(tx, query, **within, blinded=chain.blinded)
    hidden = unseen(tx, chain, list({event["claim"] for event in listed["items"]} - {None}))
    for event in listed["items"]:
        if event["claim"] in hidden:
            # Gaps in the numbers would tell of the events that are left out.
            event.update(n=None, hash=None)
    return listed


def until(tx: sa.Connection, project: str, chain: str, moment: datetime) -> list[Event]:
    """The events of a chain up to that moment, in order."""
    return [Event(*row) for row in UNTIL.rows(tx, project=project, chain=chain, moment=moment)]


def beginning(tx: sa.Connection, project: str, chain: str) -> list[Event]:
    """The first event of a chain."""
    return [Event(*row) for row in FIRST.rows(tx, project=project, chain=chain)]
