"""The reports of imports: what each has come to, and whether it still goes on."""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.db import Database
from api.errors import Conflict, Fault, NotFound, Unavailable
from api.models import import_failures, imports
from api.models.columns import Moment, new_id, now
from api.rules.imports import OUTCOMES, Outcome
from api.rules.permissions import Caller
from api.services import relation_ends
from api.services.answers import Answer, Found, Reading
from api.services.inserts import insert
from api.services.omissions import Omitted, as_row, omit
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.users import hold
from api.text.pieces import Pieces

SILENCE = timedelta(minutes=10)
"""A running import that has not moved for so long was cut off, and nobody was left to say so."""
LONG_SILENCE = timedelta(hours=1)
"""The same for one in a single transaction, which can't tell anything before its end."""
BEAT = 60.0
"""Seconds between two signs of life while the lines come."""
CUT_OFF = "The server ended before the import did, or nothing came for too long; send it again."

_in_chunks = sa.and_(imports.c.mode == "partial", ~imports.c.dry_run)
_is_silent = imports.c.updated_at < sa.case(
    (_in_chunks, bindparam("silent", type_=Moment)), else_=bindparam("long_silent", type_=Moment)
)
_is_dead = sa.and_(imports.c.state == "running", _is_silent)
IMPORT = select(
    imports.c.id,
    imports.c.project,
    imports.c.mode,
    imports.c.dry_run,
    sa.case((_is_dead, "failed"), else_=imports.c.state).label("state"),
    sa.case((_is_dead, CUT_OFF), else_=imports.c.detail).label("detail"),
    imports.c.lines,
    *(imports.c[name] for name in OUTCOMES),
    imports.c.omitted,
    imports.c.started_at,
    imports.c.updated_at,
    imports.c.finished_at,
    imports.c.created_by,
)
READ = Reading(IMPORT.where(imports.c.project == bindparam("project"), imports.c.id == bindparam("id")))
FIND = Reading(select(imports, *of_caller(imports)).where(imports.c.id == bindparam("id")))
LIST = Listing(
    IMPORT.where(imports.c.project == bindparam("project")),
    {"started_at": {"started_at": imports.c.started_at, "id": imports.c.id}},
    default="-started_at",
)
FAILURES = Listing(
    select(
        import_failures.c.line,
        import_failures.c.pointer,
        import_failures.c.code,
        import_failures.c.detail,
        import_failures.c.ordinal,
    ).where(import_failures.c.project == bindparam("project"), import_failures.c["import"] == bindparam("import_")),
    {"line": {"line": import_failures.c.line, "ordinal": import_failures.c.ordinal}},
)


@dataclass(slots=True)
class Came:
    """What came of some lines."""

    lines: int = 0
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    failures: list[tuple[int, int, Fault]] = field(default_factory=list)
    """Line, number within it, and fault."""
    omitted: list[Omitted] = field(default_factory=list)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such import."""
    return FIND.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, project: str, id: str) -> Answer:
    return READ.answer(tx, project=project, id=id, **_silences())


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    return LIST.page(tx, query, project=project.slug, **_silences())


def failures_of(tx: sa.Connection, imported: Found, query: Answer) -> Answer:
    page = FAILURES.page(tx, query, project=imported.project, import_=imported.id)
    for failure in page["items"]:
        del failure["ordinal"]
    return page


def begin(tx: sa.Connection, project: str, by: str, mode: str, dry_run: bool) -> str:
    """Opens the report of a new import; gives its id. Those in the project that were cut off end with it."""
    hold(tx, by, project)
    moment = now()
    ended = {"state": "failed", "detail": CUT_OFF, "finished_at": moment}
    tx.execute(sa.update(imports).where(imports.c.project == project, _is_dead).values(ended), _silences())
    relation_ends.forget_ended(tx, project)
    row = {"id": new_id(), "project": project, "created_by": by, "started_at": moment, "updated_at": moment}
    insert(tx, imports, [{**row, "mode": mode, "dry_run": dry_run, "state": "running"}])
    return str(row["id"])


def move(tx: sa.Connection, project: str, id: str) -> None:
    """Says that the import goes on.

    Raises:
        Conflict: it counts as cut off by now, or has ended.
        NotFound: it went with its project.
    """
    here = (*_this(project, id), imports.c.state == "running", ~_is_silent)
    if tx.execute(sa.update(imports).where(*here).values(updated_at=now()), _silences()).rowcount != 1:
        raise _over(tx, project, id)


def alive(database: Database, project: str, id: str, stream: Pieces) -> Iterator[bytes]:
    """The stream; while it comes, the report shows that the import goes on. One sign of life may fail."""
    told = time.monotonic()
    for piece in stream:
        if time.monotonic() - told > BEAT:
            with suppress(Unavailable):
                database.write(lambda tx: move(tx, project, id))
            told = time.monotonic()
        yield piece


def report(tx: sa.Connection, project: str, id: str, came: Came) -> None:
    """Adds what came of some lines."""
    counts: dict[str, Any] = {str(name): imports.c[name] + came.counts[name] for name in OUTCOMES}
    more = {"lines": imports.c.lines + came.lines, **counts}
    tx.execute(sa.update(imports).where(*_this(project, id)).values(updated_at=now(), **more))
    rows = [
        {"project": project, "import": id, "line": line, "ordinal": n, **as_row(fault)}
        for line, n, fault in came.failures
    ]
    insert(tx, import_failures, rows)
    omit(tx, project, id, came.omitted)


def close(tx: sa.Connection, project: str, id: str, state: str, detail: str | None) -> None:
    """Ends the import. One that has ended already, though the answer to that commit was lost, keeps its end.

    Raises:
        Conflict: it is to be finished, and counts as failed by now.
        NotFound: it is to be finished, and went with its project.
    """
    here = (*_this(project, id), imports.c.state == "running")
    moment = now()
    relation_ends.forget(tx, project, id)
    end = {"state": state, "detail": detail, "updated_at": moment, "finished_at": moment}
    if tx.execute(sa.update(imports).where(*here).values(end)).rowcount != 1 and state == "finished":
        raise _over(tx, project, id)


def _this(project: str, id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return imports.c.project == project, imports.c.id == id


def _over(tx: sa.Connection, project: str, id: str) -> Conflict | NotFound:
    there = tx.execute(sa.select(imports.c.id).where(*_this(project, id))).first()
    return Conflict(CUT_OFF) if there else NotFound()


def _silences() -> dict[str, Any]:
    moment = now()
    return {"silent": moment - SILENCE, "long_silent": moment - LONG_SILENCE}
