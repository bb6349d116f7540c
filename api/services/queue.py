"""The review queue as everybody sees it: what waits, for whom, and who has taken it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.models import assignments, claims, leases
from api.models.columns import among, now
from api.rules import queue as rules
from api.services.answers import Answer, Found, Reading
from api.services.blinding import SEEN, unseen
from api.services.paging import Filters, Listing
from api.services.slots import HAS_FREE_SLOT, LIVE, NEEDS_ASSESSMENT, has_submitted, of_claim, place, required

_in_project: Any = claims.c.project == bindparam("project")
_held = sa.union(
    select(leases.c.claim).where(leases.c.project == bindparam("project"), LIVE),
    select(assignments.c.claim).where(assignments.c.project == bindparam("project")),
)
WAITS = sa.text("claims.status IN ('unverified', 'in_review', 'disputed')")
IN_STATE: dict[rules.State, Any] = {
    "open": sa.and_(NEEDS_ASSESSMENT, HAS_FREE_SLOT),
    # Looked for among those that anybody holds: few, where claims that wait may be many.
    "taken": sa.and_(NEEDS_ASSESSMENT, claims.c.id.in_(_held), ~HAS_FREE_SLOT),
    "disputed": claims.c.status == "disputed",
}
"""What `rules.queue.state` says, as conditions."""


def _held_by(name: str) -> sa.CompoundSelect[Any]:
    """The claims on which the reviewer bound by that name has a place."""
    tables = ((leases, LIVE), (assignments, sa.true()))
    return sa.union(
        *(
            select(table.c.claim).where(
                table.c.project == bindparam("project"),
                table.c.reviewer == bindparam(name),
                condition,
                ~has_submitted(*place(table)),
            )
            for table, condition in tables
        )
    )


_unseen = sa.and_(~SEEN, claims.c.status != "withdrawn")
_fills_it = sa.and_(bindparam("required", type_=sa.Integer) == 1, claims.c.id.in_(_held_by("blinded")))
BLIND_WAITS = sa.or_(_unseen, sa.and_(SEEN, WAITS))
BLIND_STATE: dict[rules.State, Any] = {
    "open": sa.or_(sa.and_(_unseen, ~_fills_it), sa.and_(SEEN, IN_STATE["open"])),
    "taken": sa.or_(sa.and_(_unseen, _fills_it), sa.and_(SEEN, IN_STATE["taken"])),
    "disputed": sa.and_(SEEN, IN_STATE["disputed"]),
}
"""The same to the reviewer bound as `blinded`, for whom, until they have assessed a claim, nobody but they is at it."""
_theirs = claims.c.id.in_(_held_by("taken_by"))
TAKEN_BY: Filters = {"taken_by": _theirs}
BLIND_TAKEN_BY: Filters = {"taken_by": sa.and_(_theirs, sa.or_(SEEN, bindparam("taken_by") == bindparam("blinded")))}

ITEM = select(
    claims.c.id.label("claim"),
    claims.c.article,
    claims.c.text,
    claims.c.status,
    claims.c.priority,
    claims.c.submitted,
    claims.c.created_at,
).where(_in_project)


UNSEEN = {"status": "unverified", "submitted": 0}
"""What an item says to who must not know of its assessments."""


def _listing(condition: Any, filters: Filters) -> Listing:
    orders = {name: {name: claims.c[name], "claim": claims.c.id} for name in ("created_at", "priority")}
    return Listing(ITEM.where(condition), orders, filters)


def _listings(waits: Any, states: dict[rules.State, Any], filters: Filters) -> dict[rules.State | None, Listing]:
    conditions: list[tuple[rules.State | None, Any]] = [(None, waits), *states.items()]
    return {state: _listing(condition, filters) for state, condition in conditions}


QUEUE = _listings(WAITS, IN_STATE, TAKEN_BY)
BLIND_QUEUE = _listings(BLIND_WAITS, BLIND_STATE, BLIND_TAKEN_BY)
BY_STATUS = Reading(
    select(claims.c.status, func.count().label("number")).where(_in_project, WAITS).group_by(claims.c.status)
)
TAKEN = Reading(select(func.count()).select_from(claims).where(_in_project, IN_STATE["taken"]))
BLIND_COUNTS = {
    state: Reading(select(func.count()).select_from(claims).where(_in_project, condition))
    for state, condition in BLIND_STATE.items()
}
_shown = (_in_project, among(claims.c.id, "claims"))
LEASED = Reading(
    select(leases.c.claim, leases.c.reviewer, leases.c.expires_at)
    .join(claims, of_claim(leases))
    .where(*_shown, LIVE, ~has_submitted(*place(leases)))
    .order_by(leases.c.claim, leases.c.leased_at, leases.c.reviewer)
)
ASSIGNED = Reading(
    select(assignments.c.claim, assignments.c.reviewer)
    .join(claims, of_claim(assignments))
    .where(*_shown, ~has_submitted(*place(assignments)))
    .order_by(assignments.c.claim, assignments.c.created_at, assignments.c.reviewer)
)


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """`{counts, items, next}`: how much waits in each state, and a page of it; as far as the caller may see it."""
    asked = {"project": project.slug, "required": required(tx, project.slug), "now": now()}
    blinded = project.blinded is not None
    if blinded:
        asked["blinded"] = project.blinded
    queue = BLIND_QUEUE if blinded else QUEUE
    listed = queue[query.get("state")].page(tx, query, **asked)
    ids = [item["claim"] for item in listed["items"]]
    holders, hidden = _holders(tx, asked, ids), unseen(tx, project, ids)
    for id in hidden:
        # Others' places would tell, by going, that they have submitted.
        holders[id] = [holder for holder in holders.get(id, []) if holder["reviewer"] == project.blinded]
    shown = ({**item, **UNSEEN} if item["claim"] in hidden else item for item in listed["items"])
    items = [_item(item, asked["required"], holders.get(item["claim"], [])) for item in shown]
    counts = {state: each.value(tx, **asked) for state, each in BLIND_COUNTS.items()} if blinded else _counts(tx, asked)
    return {"counts": counts, "items": items, "next": listed["next"]}


def _counts(tx: sa.Connection, asked: Answer) -> dict[rules.State, int]:
    numbers = {row.status: row.number for row in BY_STATUS.rows(tx, **asked)}
    taken = TAKEN.value(tx, **asked)
    waiting = numbers.get("unverified", 0) + numbers.get("in_review", 0)
    return {"open": waiting - taken, "taken": taken, "disputed": numbers.get("disputed", 0)}


def _holders(tx: sa.Connection, asked: Answer, ids: list[str]) -> dict[str, list[Answer]]:
    """Who holds a place on each of the claims; each once, be it by a lease, an assignment or both."""
    assigned = ASSIGNED.grouped(tx, by="claim", claims=ids, **asked)
    leased = LEASED.grouped(tx, by="claim", claims=ids, **asked)
    return {id: _merged(assigned.get(id, []), leased.get(id, [])) for id in {*assigned, *leased}}


def _merged(assigned: list[Answer], leased: list[Answer]) -> list[Answer]:
    ends = {lease["reviewer"]: lease["expires_at"] for lease in leased}
    names = dict.fromkeys([each["reviewer"] for each in (*assigned, *leased)])
    by_hand = {each["reviewer"] for each in assigned}
    return [{"reviewer": name, "assigned": name in by_hand, "expires_at": ends.get(name)} for name in names]


def _item(item: Answer, required: int, holders: list[Answer]) -> Answer:
    numbers = (item["status"], required, item["submitted"], len(holders))
    return {
        **item,
        "state": rules.state(*numbers),
        "required": required,
        "open_slots": rules.open_slots(*numbers),
        "taken_by": holders,
    }
