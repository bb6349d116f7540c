"""What readers find in other tools' files, held against the shape of our own lines."""

from collections.abc import Iterable, Iterator

from marshmallow import ValidationError

from api.errors import Fault, Invalid
from api.readers.reader import Record
from api.rules.imports import Entry
from api.schemas.dossier_drafts import read_dossier
from api.schemas.faults import faults
from api.text.strict import check_storable


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
