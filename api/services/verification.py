"""The history verified: that no event was altered or taken away, and that what is stored is what the events say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Unavailable
from api.models import articles, assessments, chains, claims, comments, events, relations, revisions, spans
from api.models.columns import among
from api.rules.blinding import REVIEW
from api.rules.history import UNASSESSED, Event, State, breaks, replayed
from api.services.answers import Answer, Found, Reading
from api.services.blinding import unseen
from api.services.citations import with_citations
from api.services.events import RECORDED, as_json_values, recorded
from api.services.history import SAID
from api.services.spans import MARK, told_spans
from api.services.standing import RESOLUTIONS
from api.text.marks import Mark

BATCH = 500
Things = dict[tuple[str, str], State]
"""What there is, by resource and id."""
_project: sa.BindParameter[str] = bindparam("project")
CHAIN = Reading(select(chains).where(chains.c.project == _project, chains.c.id == bindparam("id")))
CHAINS = Reading(
    select(chains)
    .where(chains.c.project == _project, chains.c.id > bindparam("last"))
    .order_by(chains.c.id)
    .limit(bindparam("most", type_=sa.Integer))
)
EVENTS = Reading(
    select(*SAID, events.c.hash)
    .where(events.c.project == _project, among(events.c.chain, "chains"))
    .order_by(events.c.chain, events.c.n)
)


def _stored(table: sa.Table, chain: str | None = None) -> Reading:
    way = RECORDED[table]
    column = table.c[chain or way.chain]
    return Reading(
        select(table, column.label("of_chain")).where(table.c[way.project] == _project, among(column, "chains"))
    )


def _draft(statement: sa.Select[Any], table: sa.Table) -> Reading:
    ours = (table.c.project == _project, among(table.c.id, "chains"))
    return Reading(statement.where(*ours, assessments.c.state == "draft"))


_is_on = sa.and_(assessments.c.project == comments.c.project, assessments.c.id == comments.c.assessment)
_on_assessments = (
    select(comments, assessments.c.claim.label("of_chain"))
    .join(assessments, _is_on)
    .where(comments.c.project == _project, among(assessments.c.claim, "chains"), assessments.c.state == "submitted")
)
STORED: dict[str, list[tuple[sa.Table, Reading]]] = {}
for _table, _way in RECORDED.items():
    STORED.setdefault(_way.kind, []).append((_table, _stored(_table)))
STORED["article"].append((comments, _stored(comments, "article")))
STORED["draft"] = [
    (assessments, _draft(select(assessments, assessments.c.id.label("of_chain")), assessments)),
    (comments, _draft(select(comments, comments.c.id.label("of_chain")).join(assessments, _is_on), comments)),
]
STORED["claim"] += [(comments, Reading(_on_assessments)), (relations, _stored(relations, "other"))]
"""By kind of thing, where what its history tells of is stored."""
STANDING = Reading(
    select(claims.c.id, claims.c.status, claims.c.verdict, claims.c.submitted, claims.c.review_version).where(
        claims.c.project == _project, among(claims.c.id, "claims")
    )
)
TEXTS = Reading(
    select(revisions.c.article, revisions.c.n, revisions.c.text, revisions.c.text_sha256).where(
        revisions.c.project == _project, among(revisions.c.article, "articles")
    )
)
CURRENT_SPANS = Reading(
    select(spans.c.claim, *MARK)
    .join(articles, sa.and_(articles.c.project == spans.c.project, articles.c.id == spans.c.article))
    .where(spans.c.project == _project, among(spans.c.claim, "claims"), spans.c.revision == articles.c.revision)
    .order_by(spans.c.claim, spans.c.ordinal)
)


def _unrecorded(table: sa.Table) -> Reading:
    way = RECORDED[table]
    its = sa.exists().where(
        chains.c.project == table.c[way.project], chains.c.id == sa.cast(table.c[way.key], sa.String)
    )
    return Reading(select(table.c[way.key]).where(table.c[way.project] == _project, ~its))


UNRECORDED = {way.kind: _unrecorded(table) for table, way in RECORDED.items() if way.resource == way.kind}


@dataclass(frozen=True, slots=True)
class Break:
    """Where the history of a thing and what is stored do not fit together."""

    kind: str
    id: str
    detail: str


@dataclass(slots=True)
class Count:
    """How much was looked through so far."""

    chains: int = 0
    events: int = 0


def of_chain(tx: sa.Connection, chain: Found) -> Answer:
    """What verifying the history of one thing came to, as far as the caller may know."""
    head = CHAIN.row(tx, project=chain.project, id=chain.id)
    found = [each.detail for each in _read_or_broken(tx, chain.project, [head], Count())]
    if chain.kind == "claim" and unseen(tx, chain, [chain.id]):
        return {"intact": not found, "breaks": [], "events": None, "head": None}
    return {"intact": not found, "breaks": found, "events": head.n, "head": head.hash}


def of_project(tx: sa.Connection, project: str, count: Count) -> Iterator[Break]:
    """Everything that does not fit, and in `count` how much was looked through."""
    for kind, missing in UNRECORDED.items():
        for id in missing.values(tx, project=project):
            yield Break(kind, str(id), "it has no history")
    last = ""
    while heads := CHAINS.rows(tx, project=project, last=last, most=BATCH):
        yield from _read_or_broken(tx, project, heads, count)
        last = heads[-1].id


def _read_or_broken(tx: sa.Connection, project: str, heads: Sequence[Found], count: Count) -> list[Break]:
    """What does not fit; and what can't even be read any more, of which each is looked at alone."""
    try:
        with tx.begin_nested():
            return list(_verified(tx, project, heads, count))
    except Unavailable:  # nothing is known of it then
        raise
    except Exception as error:  # whatever was written there, the rest is verified all the same
        if len(heads) == 1:
            return [Break(heads[0].kind, heads[0].id, f"it can't be read ({type(error).__name__})")]
    return [broken for head in heads for broken in _read_or_broken(tx, project, [head], count)]


def _verified(tx: sa.Connection, project: str, heads: Sequence[Found], count: Count) -> Iterator[Break]:
    rows = EVENTS.rows(tx, project=project, chains=[head.id for head in heads])
    told = {chain: list(group) for chain, group in groupby(rows, key=attrgetter("chain"))}
    kinds = {head.kind for head in heads}
    stored = {kind: _things(tx, project, kind, [each.id for each in heads if each.kind == kind]) for kind in kinds}
    for head in heads:
        sealed = [(Event(*row[:-1]), row.hash) for row in told.get(head.id, [])]
        details = breaks(project, sealed, (head.n, head.hash))
        details += _differences(_told(head, [event for event, _ in sealed]), stored[head.kind][head.id], head.kind)
        yield from (Break(head.kind, head.id, detail) for detail in details)
        count.chains += 1
        count.events += len(sealed)


def _told(head: Found, events: Sequence[Event]) -> Things:
    told = replayed(events)
    if ("claim", head.id) in told:
        counted = {
            "submitted": sum(resource == "assessment" for resource, _ in told),
            "review_version": sum(event.resource in REVIEW and event.action != "adopted" for event in events),
        }
        told["status", head.id] = UNASSESSED | told.get(("status", head.id), {}) | counted
    return told


def _differences(told: Things, stored: Things, kind: str) -> Iterator[str]:
    """What is stored otherwise than the events say. A draft may be none any more; where it went, others' events say."""
    for key in sorted({*told, *stored}):
        name = " ".join(key)
        if key not in stored:
            if kind != "draft":
                yield f"{name} is gone, and no event says so"
        elif key not in told:
            yield f"{name} is there, and no event says so"
        else:
            # Members that came with a later version of the service are not told of what is older.
            unlike = [member for member, value in told[key].items() if stored[key].get(member) != value]
            yield from (f"{name} has another {member} than was written" for member in unlike)


def _things(tx: sa.Connection, project: str, kind: str, chains: Sequence[str]) -> dict[str, Things]:
    """What is stored of the things that have these chains, all of one kind, by chain."""
    found: dict[str, Things] = {id: {} for id in chains}
    for table, reading in STORED[kind]:
        way = RECORDED[table]
        for row in reading.rows(tx, project=project, chains=chains):
            members = row._asdict()
            found[row.of_chain][way.resource, str(members[way.key])] = recorded(table, members)
    if kind == "claim":
        _complete_claims(tx, project, found)
    if kind == "draft":
        _cite(tx, project, found)
    if kind == "article":
        _check_texts(tx, project, found)
    return found


def _complete_claims(tx: sa.Connection, project: str, found: dict[str, Things]) -> None:
    """Adds spans, citations and where claims stand; takes out drafts, which are not part of a claim's history."""
    ids = list(found)
    resolutions = {row.pop("claim"): row for row in RESOLUTIONS.answers(tx, project=project, claims=ids)}
    for row in STANDING.rows(tx, project=project, claims=ids):
        status = {**row._asdict(), "resolution": resolutions.get(row.id)}
        found[row.id]["status", row.id] = as_json_values(status)
    rows = CURRENT_SPANS.rows(tx, project=project, claims=ids)
    for claim, marks in groupby(rows, key=attrgetter("claim")):
        if ("claim", claim) in found[claim]:
            found[claim]["claim", claim] |= told_spans([Mark(*row[1:]) for row in marks])
    for things in found.values():
        drafts = [key for key, state in things.items() if key[0] == "assessment" and state["state"] == "draft"]
        for key in drafts:
            del things[key]
    _cite(tx, project, found)


def _cite(tx: sa.Connection, project: str, found: dict[str, Things]) -> None:
    """Adds to the assessments what they cite."""
    given = [state for things in found.values() for (kind, _), state in things.items() if kind == "assessment"]
    with_citations(tx, project, given)


def _check_texts(tx: sa.Connection, project: str, found: dict[str, Things]) -> None:
    """Has a text that does not go with its hash be another than was written."""
    for row in TEXTS.rows(tx, project=project, articles=list(found)):
        text_sha256 = sha256(row.text.encode()).hexdigest()
        if text_sha256 != row.text_sha256:
            found[row.article]["revision", str(row.n)]["text_sha256"] = f"{row.text_sha256}, text {text_sha256}"
