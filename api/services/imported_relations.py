"""Relations as imports bring them. Both claims of one may list it; it is made with the claim that comes in last."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Conflict, Fault, Invalid
from api.models import relations
from api.models.columns import among
from api.rules.imports import Sent
from api.rules.relations import End, Key, Related, each_once, ends_of, fits, named, names_of, related, same_way
from api.services import relation_ends
from api.services import relations as service
from api.services.answers import Answer, Found, Reading

AT_EACH_END = [
    # One end at a time: with both in one condition SQLite reads all relations of the project.
    Reading(select(relations).where(relations.c.project == bindparam("project"), among(end, "claims")))
    for end in (relations.c.low, relations.c.high)
]


@dataclass(frozen=True, slots=True)
class Whence:
    """Whose line it is: of which import, and its number there."""

    project: str
    id: str
    line: int
    by: str


def bring_relations(
    tx: sa.Connection, whence: Whence, sent: Sequence[Sent], ids: Sequence[str], known: Sequence[Found]
) -> bool:
    """Whether any relation was made or changed. `ids` are those that the claims of the line have here; `known` are
    the claims that the article had before.

    Raises:
        Invalid: something in a relation does not fit; the pointers lead into the line.
        Conflict, NotFound, Stale: somebody changed the same relations at the same time.
    """
    ends = ends_of(sent, ids)
    stored = _stored(tx, whence.project, {end.id for end in ends} & {claim.id for claim in known})
    names = names_of(sent, ids, known)
    found, apart = [], []
    for end in ends:
        far = names.get(end.far) or _stored_far(end, stored.values())
        if far is None:
            apart.append(end)
        else:
            found.append(related(end, far))
    if apart:
        found += _met(tx, whence, apart)
    moved = [_bring(tx, whence, each, stored.get(each.key)) for each in each_once(found)]
    return any(moved)


def _stored(tx: sa.Connection, project: str, claims: set[str]) -> dict[Key, Found]:
    ids = sorted(claims)
    rows = [row for end in AT_EACH_END for row in end.rows(tx, project=project, claims=ids)] if ids else []
    return {(row.low, row.high, row.type): row for row in rows}


def _stored_far(end: End, stored: Iterable[Found]) -> str | None:
    """The other claim of the relation that is stored under the very id that it has in the line, if there is one."""
    same = (row for row in stored if (row.id, row.type) == (end.name, end.type) and end.id in (row.low, row.high))
    return next((row.low if row.high == end.id else row.high for row in same), None)


def _met(tx: sa.Connection, whence: Whence, apart: Sequence[End]) -> list[Related]:
    """Of the relations to claims of other lines those whose other claim has come in already; the rest wait for it."""
    by_name = named(apart)
    waiting = relation_ends.waiting(tx, whence.project, whence.id, list(by_name))
    found = []
    for name, first in waiting.items():
        end = by_name[name]
        if not fits(end, first):
            detail = f"Expected the other end of the relation {name!r} that line {first.line} lists."
            raise Invalid(Fault(end.pointer, "relation_differs", detail))
        found.append(related(end, first.claim, first.note))
    relation_ends.met(tx, whence.project, whence.id, list(waiting))
    here = {"project": whence.project, "import": whence.id, "line": whence.line}
    relation_ends.wait(tx, [{**here, **_waiting(end)} for name, end in by_name.items() if name not in waiting])
    return found


def _waiting(end: End) -> Answer:
    what = {"name": end.name, "type": end.type, "note": end.note}
    return {**what, "end": end.own, "claim": end.id, "pointer": end.pointer}


def _bring(tx: sa.Connection, whence: Whence, sent: Related, known: Found | None) -> bool:
    """Makes the relation, or brings its note up to what is said."""
    if known is None:
        draft = {"type": sent.type, "note": sent.note}
        if service.add(tx, whence.project, sent.claim, sent.other, draft, whence.by) is None:
            raise Conflict("The two claims were related at the same time; read them, then repeat.")
        return True
    if not same_way(known, sent):
        detail = "The two claims are related so already, the other way round."
        raise Invalid(Fault(sent.pointer, "already_exists", detail))
    if sent.note in (None, known.note):
        return False
    service.alter(tx, known, {"note": sent.note}, whence.by)
    return True
