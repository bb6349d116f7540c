"""Streams of lines, brought in while they arrive, from wherever they come."""

import tempfile
from collections.abc import Callable

from api.db import Database
from api.services.import_reports import alive, begin
from api.services.imported_claims import Importer
from api.services.imports import Entries, run
from api.text.pieces import Pieces, from_start


def take_in(
    database: Database,
    importer: Importer,
    stream: Pieces,
    entries: Callable[[Pieces], Entries],
    *,
    mode: str,
    dry_run: bool,
) -> str:
    """Brings in the lines that `entries` finds in the stream; gives the id of the report.

    Raises:
        ClaimspanError: as `run`.
    """
    id = database.write(lambda tx: begin(tx, importer.project, importer.name, mode, dry_run))
    stream = alive(database, importer.project, id, stream)
    if mode == "partial" and not dry_run:
        run(database, importer, id, lambda: entries(stream), chunked=True, keep=True)
        return id
    # One transaction for all, and no other writer should wait for who sends: the stream is put by first.
    with tempfile.TemporaryFile() as kept:
        run(
            database,
            importer,
            id,
            lambda: entries(from_start(kept)),
            chunked=False,
            receive=lambda: kept.writelines(stream),
            keep=not dry_run,
        )
    return id
