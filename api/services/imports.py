"""Imports: the report of each, and the lines brought in, a chunk to a transaction or all in one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.db import Database, whole_or_not
from api.errors import ClaimspanError, Fault, Invalid
from api.models import import_failures, imports
from api.models.columns import Moment, new_id, now
from api.rules.imports import OUTCOMES, Entry, Outcome
from api.rules.permissions import Caller
from api.services import relation_ends
from api.services.answers import Answer, Found, Reading
from api.services.events import gathered
from api.services.imported_articles import bring_in
from api.services.imported_claims import Importer
from api.services.imported_known import Known, identity, known_of
from api.services.inserts import insert
from api.services.omissions import Omitted, omit
from api.services.paging import Listing
from api.services.pointing import OF_THE_MOMENT
from api.services.projects import of_caller
from api.services.standing import hold_policy
from api.services.users import hold, hold_with

CHUNK_LINES, CHUNK_BYTES = 50, 1024**2
"""Most lines that one transaction brings in, and most bytes of them, if there are several: on SQLite
everybody else's writes wait for it."""
SILENCE = timedelta(minutes=10)
"""A running import that has not moved for so long was cut off, and nobody was left to say so."""
MANY_LINES = 500
"""So many change what the engine should know of its tables."""
ATTEMPTS = 3
FAILED: Outcome = "failed"
MOST_FAULTS = 20

_is_silent = sa.and_(imports.c.state == "running", imports.c.updated_at < bindparam("silent_since", type_=Moment))
IMPORT = select(
    imports.c.id,
    imports.c.project,
    imports.c.mode,
    imports.c.dry_run,
    sa.case((_is_silent, "failed"), else_=imports.c.state).label("state"),
    sa.case((_is_silent, "The server ended before the import did; send it again."), else_=imports.c.detail).label(
        "detail"
    ),
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

Entries = Iterable[Entry]


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
    return READ.answer(tx, project=project, id=id, silent_since=now() - SILENCE)


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    return LIST.page(tx, query, project=project.slug, silent_since=now() - SILENCE)


def failures_of(tx: sa.Connection, imported: Found, query: Answer) -> Answer:
    page = FAILURES.page(tx, query, project=imported.project, import_=imported.id)
    for failure in page["items"]:
        del failure["ordinal"]
    return page


def begin(tx: sa.Connection, project: str, by: str, mode: str, dry_run: bool) -> str:
    """Opens the report of a new import; gives its id."""
    hold(tx, by, project)
    moment = now()
    relation_ends.forget_cut_off(tx, project, moment - SILENCE)
    row = {"id": new_id(), "project": project, "created_by": by, "started_at": moment, "updated_at": moment}
    insert(tx, imports, [{**row, "mode": mode, "dry_run": dry_run, "state": "running"}])
    return str(row["id"])


def run(
    database: Database,
    importer: Importer,
    id: str,
    entries: Callable[[], Entries],
    *,
    chunked: bool,
    keep: bool,
    receive: Callable[[], None] = lambda: None,
) -> None:
    """Brings the lines in: as many to a transaction as wait for each other; or else all in one, from which
    nothing is kept if one line fails, or if nothing is to be kept anyway. What is reported is durable.

    `entries` gives the lines from the first on; for one transaction it may be called several times, and `receive`
    is called before, to get hold of what should not be waited for then.

    Raises:
        ClaimspanError: the stream of lines broke; `import` names the report. What was reported before is in.
    """
    importer = replace(importer, id=id)
    try:
        receive()
        if chunked:
            _in_chunks(database, importer, id, entries())
        else:
            _at_once(database, importer, id, entries, keep)
    except BaseException as error:
        detail = error.detail if isinstance(error, ClaimspanError) else "The service failed."
        with suppress(ClaimspanError):
            database.write(lambda tx: _close(tx, importer.project, id, "failed", detail))
        if isinstance(error, ClaimspanError):
            error.facts["import"] = id
        raise


def _in_chunks(database: Database, importer: Importer, id: str, entries: Entries) -> None:
    lines = 0
    for chunk in _chunks(_without_repetitions(entries)):
        database.write(partial(_bring_chunk, importer=importer, id=id, chunk=chunk))
        lines += len(chunk)
    if lines >= MANY_LINES:
        database.take_stock()
    while database.write(lambda tx: relation_ends.give_up(tx, importer.project, id)):
        pass
    database.write(lambda tx: _close(tx, importer.project, id, "finished", None))


def _bring_chunk(tx: sa.Connection, importer: Importer, id: str, chunk: list[Entry]) -> None:
    hold_with(tx, "import.create", importer.caller, importer.project)
    hold_policy(tx, importer.project)
    came = Came()
    _bring(tx, importer, chunk, came)
    _report(tx, importer.project, id, came)


class _NotKept(Exception):
    """Takes back what the transaction did."""


def _at_once(database: Database, importer: Importer, id: str, entries: Callable[[], Entries], keep: bool) -> None:
    came = Came()

    def work(tx: sa.Connection) -> None:
        nonlocal came
        hold_with(tx, "import.create", importer.caller, importer.project)
        hold_policy(tx, importer.project)
        came = Came()
        for chunk in _chunks(_without_repetitions(entries())):
            _bring(tx, importer, chunk, came)
        while omitted := relation_ends.given_up(tx, importer.project, id):
            came.omitted += omitted
        if not keep or came.failures:
            raise _NotKept
        _report(tx, importer.project, id, came)
        _close(tx, importer.project, id, "finished", None)

    def report(tx: sa.Connection) -> None:
        _report(tx, importer.project, id, came)
        _close(tx, importer.project, id, *end)

    try:
        database.write(work)
    except _NotKept:
        end: tuple[str, str | None] = ("finished", None)
        if keep:
            end = ("failed", "Some lines failed, so none was brought in.")
            came.counts = {**Came().counts, "failed": came.counts["failed"]}
            came.omitted = []
        database.write(report)


def _chunks(entries: Entries) -> Iterator[list[Entry]]:
    """The lines in chunks; those that were read before the stream broke too."""
    chunk: list[Entry] = []
    try:
        for entry in entries:
            if len(chunk) == CHUNK_LINES or (chunk and sum(each.size for each in chunk) + entry.size > CHUNK_BYTES):
                yield chunk
                chunk = []
            chunk.append(entry)
    except ClaimspanError:
        if chunk:
            yield chunk
        raise
    if chunk:
        yield chunk


def _without_repetitions(entries: Entries) -> Iterator[Entry]:
    """The lines, those with the text of an article that an earlier line has had as faulty ones."""
    first: dict[int, int] = {}
    for entry in entries:
        if entry.article is not None and entry.article.text is not None:
            which = identity(entry.article)
            line = first.setdefault(hash(which), entry.line)
            if line != entry.line:
                member, code = ("external_id", "external_id_repeated") if len(which) == 1 else ("text", "text_repeated")
                fault = Fault(f"/article/{member}", code, f"Line {line} has the same article already.")
                entry = Entry(entry.line, entry.size, faults=(fault,))
        yield entry


def _bring(tx: sa.Connection, importer: Importer, chunk: Sequence[Entry], came: Came) -> None:
    """Brings the lines in, and counts what came of them."""
    known = known_of(tx, importer.project, [entry.article for entry in chunk if entry.article is not None])
    with gathered(tx):
        for entry in chunk:
            outcome, faults = _outcome(tx, importer, entry, known)
            came.lines += 1
            came.counts[outcome] += 1
            came.failures += [(entry.line, n, fault) for n, fault in enumerate(faults[:MOST_FAULTS])]
            if outcome != FAILED:
                came.omitted += [(entry.line, fault) for fault in entry.omitted]


def _outcome(tx: sa.Connection, importer: Importer, entry: Entry, known: Known) -> tuple[Outcome, tuple[Fault, ...]]:
    """What comes of a line: it is in whole, or nothing of it is, and why."""
    if entry.article is None:
        return FAILED, entry.faults
    importer = replace(importer, line=entry.line)
    for _ in range(ATTEMPTS):
        try:
            with whole_or_not(tx), gathered(tx):
                return bring_in(tx, importer, entry.article, known), ()
        except Invalid as error:
            return FAILED, error.faults
        except OF_THE_MOMENT as error:
            faults = (Fault("", error.code, error.detail),)
            known = known_of(tx, importer.project, [entry.article])
    return FAILED, faults


def _report(tx: sa.Connection, project: str, id: str, came: Came) -> None:
    here = (imports.c.project == project, imports.c.id == id)
    counts: dict[str, Any] = {str(name): imports.c[name] + came.counts[name] for name in OUTCOMES}
    more = {"lines": imports.c.lines + came.lines, **counts}
    tx.execute(sa.update(imports).where(*here).values(updated_at=now(), **more))
    rows = [
        {"project": project, "import": id, "line": line, "ordinal": n, **_as_row(fault)}
        for line, n, fault in came.failures
    ]
    insert(tx, import_failures, rows)
    omit(tx, project, id, came.omitted)


def _as_row(fault: Fault) -> dict[str, Any]:
    return {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}


def _close(tx: sa.Connection, project: str, id: str, state: str, detail: str | None) -> None:
    # One that has ended already, though the answer to that commit was lost, keeps its end.
    here = (imports.c.project == project, imports.c.id == id, imports.c.state == "running")
    moment = now()
    relation_ends.forget(tx, project, id)
    tx.execute(
        sa.update(imports).where(*here).values(state=state, detail=detail, updated_at=moment, finished_at=moment)
    )
