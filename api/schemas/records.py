"""What files of all formats say, as lines of an import."""

from collections.abc import Iterable, Iterator

from marshmallow import ValidationError

from api.errors import Fault, Invalid
from api.readers import readers
from api.readers.reader import JSON, NDJSON, Record, Terms
from api.rules.imports import Entry
from api.schemas.dossier_drafts import entries, read_dossier
from api.schemas.faults import faults
from api.schemas.imports import NATIVE
from api.text.pieces import Cut, Pieces, elements, lines
from api.text.strict import check_storable

CUTS: dict[str, Cut] = {NDJSON: lines, JSON: elements}
ACCEPTED = {NATIVE: tuple(CUTS), **{each.name: each.media_types for each in readers().values()}}
"""The media types of each format."""


def read(format: str, pieces: Pieces, terms: Terms) -> Iterator[Entry]:
    """The lines of an import from a file in that format."""
    if format == NATIVE:
        return entries(CUTS[terms.media_type](pieces, terms.longest), terms.longest, terms.deepest)
    return drafted(readers()[format].read(pieces, terms))


def drafted(records: Iterable[Record]) -> Iterator[Entry]:
    """The lines of an import; the pointers of their faults lead into the dossier that was made of each."""
    for record in records:
        if record.dossier is None:
            yield Entry(record.line, record.size, faults=record.faults)
        else:
            yield _entry(record)


def _entry(record: Record) -> Entry:
    try:
        check_storable(record.dossier)
        return Entry(record.line, record.size, read_dossier(record.dossier), omitted=record.omitted)
    except Invalid as error:
        found = error.faults
    except ValidationError as error:
        messages = error.normalized_messages()  # type: ignore[no-untyped-call]
        found = tuple[Fault, ...](faults(messages, record.dossier))
    return Entry(record.line, record.size, faults=found)
