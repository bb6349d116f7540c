"""Relations that wait in an import for their other claim: kept by the relation's name in the file, so that an import
needs no more memory the longer its file is."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault
from api.models import imports, relation_ends
from api.models.columns import among
from api.services.answers import Answer, Found, Reading
from api.services.inserts import insert
from api.services.omissions import Omitted, omit

BATCH = 500
_of_import = (
    relation_ends.c.project == bindparam("project"),
    relation_ends.c["import"] == bindparam("import_"),
)
NAMED = Reading(select(relation_ends).where(*_of_import, among(relation_ends.c.name, "names")))
FIRST = Reading(select(relation_ends).where(*_of_import).order_by(relation_ends.c.name).limit(BATCH))


def waiting(tx: sa.Connection, project: str, id: str, names: Sequence[str]) -> dict[str, Found]:
    """The ends of these relations that wait in the import, by name."""
    return {row.name: row for row in NAMED.rows(tx, project=project, import_=id, names=names)}


def wait(tx: sa.Connection, ends: list[Answer]) -> None:
    insert(tx, relation_ends, ends)


def met(tx: sa.Connection, project: str, id: str, names: Sequence[str]) -> None:
    """These wait no longer."""
    if names:
        here = (relation_ends.c.project == project, relation_ends.c["import"] == id)
        tx.execute(sa.delete(relation_ends).where(*here, among(relation_ends.c.name, "names")), {"names": names})


def give_up(tx: sa.Connection, project: str, id: str) -> bool:
    """Reports some of those that still wait once all lines have come; whether there were any."""
    omitted = given_up(tx, project, id)
    omit(tx, project, id, omitted)
    return bool(omitted)


def given_up(tx: sa.Connection, project: str, id: str) -> list[Omitted]:
    """Takes out some of those that still wait once all lines have come; none if none does."""
    ends = FIRST.rows(tx, project=project, import_=id)
    met(tx, project, id, [end.name for end in ends])
    return [(end.line, Fault(end.pointer, "relation", _why(end.name))) for end in ends]


def forget(tx: sa.Connection, project: str, id: str) -> None:
    """Takes out all that wait in an import that is over."""
    tx.execute(sa.delete(relation_ends).where(relation_ends.c.project == project, relation_ends.c["import"] == id))


def forget_ended(tx: sa.Connection, project: str) -> None:
    """Takes out what still waits in imports of the project that are over."""
    ended = select(imports.c.id).where(imports.c.project == project, imports.c.state != "running")
    tx.execute(sa.delete(relation_ends).where(relation_ends.c.project == project, relation_ends.c["import"].in_(ended)))


def _why(name: str) -> str:
    return f"The other claim of relation {name!r} did not come in: no other line that came in lists the relation."
