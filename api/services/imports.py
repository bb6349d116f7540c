"""The lines of an import brought in, a chunk to a transaction or all in one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from api.db import Database, whole_or_not
from api.errors import ClaimspanError, Fault, Invalid
from api.rules.imports import Entry, Outcome
from api.services import relation_ends
from api.services.events import gathered
from api.services.import_reports import Came, close, move, report
from api.services.imported_articles import bring_in
from api.services.imported_claims import Importer
from api.services.imported_known import Known, identity, known_of
from api.services.pointing import OF_THE_MOMENT
from api.services.standing import hold_policy
from api.services.users import hold_with

CHUNK_LINES, CHUNK_BYTES = 50, 1024**2
"""Most lines that one transaction brings in, and most bytes of them, if there are several: on SQLite
everybody else's writes wait for it."""
MANY_LINES = 500
"""So many change what the engine should know of its tables."""
ATTEMPTS = 3
FAILED: Outcome = "failed"
MOST_FAULTS = 20

Entries = Iterable[Entry]


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
            database.write(lambda tx: close(tx, importer.project, id, "failed", detail))
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
    database.write(partial(_finish, project=importer.project, id=id))


def _bring_chunk(tx: sa.Connection, importer: Importer, id: str, chunk: list[Entry]) -> None:
    hold_with(tx, "import.create", importer.caller, importer.project)
    move(tx, importer.project, id)
    hold_policy(tx, importer.project)
    came = Came()
    _bring(tx, importer, chunk, came)
    report(tx, importer.project, id, came)


def _finish(tx: sa.Connection, project: str, id: str) -> None:
    move(tx, project, id)
    close(tx, project, id, "finished", None)


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
        move(tx, importer.project, id)
        report(tx, importer.project, id, came)
        close(tx, importer.project, id, "finished", None)

    def tell(tx: sa.Connection) -> None:
        move(tx, importer.project, id)
        report(tx, importer.project, id, came)
        close(tx, importer.project, id, *end)

    try:
        database.write(work)
    except _NotKept:
        end: tuple[str, str | None] = ("finished", None)
        if keep:
            end = ("failed", "Some lines failed, so none was brought in.")
            came.counts = {**Came().counts, "failed": came.counts["failed"]}
            came.omitted = []
        database.write(tell)


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
            return FAILED, tuple(replace(fault, candidates=None) for fault in error.faults[:MOST_FAULTS])
        except OF_THE_MOMENT as error:
            faults = (Fault("", error.code, error.detail),)
            known = known_of(tx, importer.project, [entry.article])
    return FAILED, faults
