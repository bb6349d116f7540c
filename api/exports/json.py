"""The native format as one JSON document: `{"dossiers": [...]}`."""

from collections.abc import Iterable, Iterator

from api.exports.dossier import Dossier, Format, Source, as_json


def write(dossiers: Iterable[Dossier], _source: Source) -> Iterator[bytes]:
    yield b'{"dossiers":['
    between = b""
    for dossier in dossiers:
        yield between + as_json(dossier)
        between = b",\n"
    yield b"]}\n"


FORMAT = Format("json", "application/json", "json", "One document with all dossiers.", "Nothing.", write, "Export")
