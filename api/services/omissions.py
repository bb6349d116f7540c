"""What imports leave out of lines that come in, so that nothing is dropped without a word."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import Fault
from api.models import import_omissions, imports
from api.services.answers import Answer, Found, Reading
from api.services.inserts import insert
from api.services.paging import Listing

MOST = 20
"""Omissions of a line that are kept each time; a last one says how many more there are."""

_of_import = (
    import_omissions.c.project == bindparam("project"),
    import_omissions.c["import"] == bindparam("import_"),
)
LIST = Listing(
    select(*(import_omissions.c[name] for name in ("line", "pointer", "code", "detail", "ordinal"))).where(*_of_import),
    {"line": {"line": import_omissions.c.line, "ordinal": import_omissions.c.ordinal}},
)
TOLD = Reading(
    select(import_omissions.c.line, func.max(import_omissions.c.ordinal).label("last"))
    .where(*_of_import, import_omissions.c.line.between(bindparam("first"), bindparam("last")))
    .group_by(import_omissions.c.line)
)
Omitted = tuple[int, Fault]
"""The line, and what was left out of it."""


def omissions_of(tx: sa.Connection, imported: Found, query: Answer) -> Answer:
    page = LIST.page(tx, query, project=imported.project, import_=imported.id)
    for omission in page["items"]:
        del omission["ordinal"]
    return page


def omit(tx: sa.Connection, project: str, id: str, omitted: Sequence[Omitted]) -> None:
    """Adds omissions to the report of the import, behind those that its lines have already."""
    if not omitted:
        return
    by_line: dict[int, list[Fault]] = {}
    for line, fault in omitted:
        by_line.setdefault(line, []).append(fault)
    known = TOLD.rows(tx, project=project, import_=id, first=min(by_line), last=max(by_line))
    told = {row.line: row.last for row in known if row.line in by_line}
    rows = [
        {"project": project, "import": id, "line": line, "ordinal": ordinal, **as_row(fault)}
        for line, faults in by_line.items()
        for ordinal, fault in enumerate(_most(faults), told.get(line, -1) + 1)
    ]
    insert(tx, import_omissions, rows)
    here = (imports.c.project == project, imports.c.id == id)
    tx.execute(sa.update(imports).where(*here).values(omitted=imports.c.omitted + len(by_line) - len(told)))


def _most(faults: list[Fault]) -> list[Fault]:
    if len(faults) <= MOST:
        return faults
    return [*faults[:MOST], Fault("", "more_omissions", f"{len(faults) - MOST} more were left out.")]


def as_row(fault: Fault) -> dict[str, Any]:
    return {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail}
