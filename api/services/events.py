"""Events written down: each at the end of its chain, in the transaction of the change itself."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.db import run_each
from api.exports.dossier import rfc3339
from api.models import (
    articles,
    assessments,
    assignments,
    chains,
    claimants,
    claims,
    comments,
    events,
    evidence,
    memberships,
    projects,
    relations,
)
from api.models import revisions as revisions_
from api.models.columns import among
from api.rules.blinding import REVIEW
from api.rules.history import START, Event, State, sealed
from api.services.answers import Reading
from api.services.inserts import insert
from api.services.prepared import Prepared

HEADS = Reading(
    select(chains)
    .where(chains.c.project == bindparam("project"), among(chains.c.id, "chains"))
    .order_by(chains.c.id)
    .with_for_update()
)
CHAIN_ARTICLE = Reading(
    select(chains.c.article).where(chains.c.project == bindparam("project"), chains.c.id == bindparam("claim"))
)
HELD = "claimspan_events"
"""Where a connection keeps the events that are to be written later."""
TICK = timedelta(microseconds=1)
NOT_TOLD = {
    "project",  # says where, not what
    "updated_at",  # say when, as the event itself does
    "edited_at",
    "status",  # where a claim stands is a resource of its own in the history
    "verdict",
    "review_version",
    "submitted",
    "text",  # of a revision: its hash is told
    "low",  # the two claims of a relation once more
    "high",
}


@dataclass(frozen=True, slots=True)
class Recorded:
    """How the history calls the rows of a table: the chain they belong to, and their id in it, by column."""

    resource: str
    kind: str
    chain: str
    key: str
    project: str
    columns: tuple[str, ...]


def _recorded(table: sa.Table, resource: str, kind: str, chain: str, key: str, *also: str) -> Recorded:
    columns = (str(column.name) for column in table.c if column.name not in NOT_TOLD or column.name in also)
    project = "slug" if table is projects else "project"
    return Recorded(resource, kind, chain, key, project, tuple(columns))


RECORDED = {
    projects: _recorded(projects, "project", "project", "slug", "slug"),
    memberships: _recorded(memberships, "member", "project", "project", "user"),
    claimants: _recorded(claimants, "claimant", "claimant", "id", "id"),
    articles: _recorded(articles, "article", "article", "id", "id"),
    revisions_: _recorded(revisions_, "revision", "article", "article", "n"),
    claims: _recorded(claims, "claim", "claim", "id", "id", "text"),
    assessments: _recorded(assessments, "assessment", "claim", "claim", "id", "verdict"),
    evidence: _recorded(evidence, "evidence", "claim", "claim", "id"),
    relations: _recorded(relations, "relation", "claim", "claim", "id"),
    assignments: _recorded(assignments, "assignment", "claim", "claim", "reviewer"),
    comments: _recorded(comments, "comment", "claim", "claim", "id", "text"),
}


class Told(NamedTuple):
    """A change on its way into the history. If its chain is not there yet, it opens one of the kind `opens`,
    that belongs to the article and claim `within`.

    `review`: it tells of an assessment, or of what follows. `private_to`: of a draft of this user, who alone sees it.
    """

    project: str
    chain: str
    opens: str
    within: tuple[str | None, str | None]
    action: str
    resource: str
    resource_id: str
    before: State | None
    after: State | None
    review: bool
    private_to: str | None = None


@dataclass(slots=True)
class _Head:
    n: int
    hash: str
    at: datetime
    within: tuple[str | None, str | None]


def recorded(table: sa.Table, row: Mapping[str, Any], parts: Mapping[str, Any] | None = None) -> State:
    """The row, and its parts in other tables, as the history tells them: JSON values in the form of answers."""
    members: State = {name: row[name] for name in RECORDED[table].columns}
    if parts:
        members |= parts
    for name, value in members.items():
        if isinstance(value, datetime):
            members[name] = rfc3339(value)
    return members


def as_json_values(members: State) -> State:
    values: State = orjson.loads(orjson.dumps(members, option=orjson.OPT_UTC_Z))
    return values


def told(
    table: sa.Table,
    row: Mapping[str, Any],
    action: str,
    before: State | None,
    after: State | None,
    private: bool = False,
) -> list[Told]:
    """A change of the row, for each history that it belongs to. A private one goes to a chain of its own, which
    only the row's author sees."""
    article = row["id"] if table is articles else row.get("article")
    author = (row.get("reviewer") or row["created_by"]) if private else None
    found = []
    for way in _ways(table, row):
        chain, id = str(row[way.chain]), str(row[way.key])
        opens = (id, "draft") if private else (chain, way.kind)
        within = article, chain if way.kind == "claim" else None
        review = way.resource in REVIEW or way.chain == "assessed"
        found.append(Told(row[way.project], *opens, within, action, way.resource, id, before, after, review, author))
    return found


def _ways(table: sa.Table, row: Mapping[str, Any]) -> list[Recorded]:
    """A relation belongs to the histories of both claims. A comment belongs to the history of what it is on; one on
    an assessment to that of the claim, which the row names as `assessed`."""
    way = RECORDED[table]
    if table is relations:
        return [way, replace(way, chain="other")]
    if table is comments and row["article"]:
        return [replace(way, kind="article", chain="article")]
    return [replace(way, chain="assessed")] if table is comments and row["assessment"] else [way]


def record(tx: sa.Connection, by: str, told: Sequence[Told], moment: datetime) -> None:
    """Writes the changes down as events, in their order; whoever adds to one of the same chains waits.

    All are of one project, and of that moment; though in one chain each event is later than the one before.
    """
    held = tx.info.get(HELD)
    if held is not None:
        held += [(by, each, moment) for each in told]
    elif told:
        _write(tx, [(by, each, moment) for each in told])


@contextmanager
def gathered(tx: sa.Connection) -> Iterator[None]:
    """Has what is recorded inside be written at the end of the outermost such block, all at once: for many changes
    of one project. If something goes wrong inside, nothing of it is."""
    outer = tx.info.pop(HELD, None)
    held: list[tuple[str, Told, datetime]] = []
    tx.info[HELD] = held
    try:
        yield
    finally:
        tx.info.pop(HELD)
        if outer is not None:
            tx.info[HELD] = outer
    if outer is not None:
        outer += held
    elif held:
        _write(tx, held)


def _write(tx: sa.Connection, told: Sequence[tuple[str, Told, datetime]]) -> None:
    project = told[0][1].project
    names = sorted({each.chain for _, each, _ in told})
    heads = {
        row.id: _Head(row.n, row.hash, row.at, (row.article, row.claim))
        for row in HEADS.rows(tx, project=project, chains=names)
    }
    opened: dict[str, str] = {}
    rows = []
    for by, each, moment in told:
        if each.chain not in heads:
            heads[each.chain] = _Head(0, START, moment - TICK, _within(tx, each, heads))
            opened[each.chain] = each.opens
        rows.append(_continued(by, each, heads[each.chain], moment))
    insert(tx, events, rows)
    _write_heads(tx, project, heads, opened)


def _within(tx: sa.Connection, told: Told, heads: Mapping[str, _Head]) -> tuple[str | None, str | None]:
    article, claim = told.within
    if article is None and claim is not None and claim in heads:
        article = heads[claim].within[0]
    if article is None and claim is not None:
        article = CHAIN_ARTICLE.value(tx, project=told.project, claim=claim)  # a draft's row names the claim only
    return article, claim


def _continued(by: str, told: Told, head: _Head, moment: datetime) -> dict[str, Any]:
    """The event as a row; it becomes the head."""
    at = max(moment, head.at + TICK)
    what = (told.action, told.resource, told.resource_id, told.before, told.after)
    event = Event(told.chain, head.n + 1, at, by, *what, *head.within, told.review, told.private_to)
    head.n, head.hash, head.at = event.n, sealed(told.project, event, head.hash), at
    return {**event._asdict(), "project": told.project, "hash": head.hash}


def _write_heads(tx: sa.Connection, project: str, heads: dict[str, _Head], opened: dict[str, str]) -> None:
    rows = []
    for id, kind in opened.items():
        head = heads.pop(id)
        article, claim = head.within
        row = {"project": project, "id": id, "kind": kind, "article": article, "claim": claim}
        rows.append({**row, "n": head.n, "hash": head.hash, "at": head.at})
    insert(tx, chains, rows)
    advance = _advance(tx.dialect)
    moved = [{"of": project, "chain": id, "n": head.n, "hash": head.hash, "at": head.at} for id, head in heads.items()]
    run_each(tx, advance.sql, [advance.bound(values) for values in moved])


@lru_cache
def _advance(dialect: sa.Dialect) -> Prepared:
    values = {name: bindparam(name, type_=chains.c[name].type) for name in ("n", "hash", "at")}
    here = (chains.c.project == bindparam("of"), chains.c.id == bindparam("chain"))
    return Prepared(sa.update(chains).where(*here).values(values), dialect)
