"""The native format by lines: one dossier each."""

from collections.abc import Iterable, Iterator

from api.exports.dossier import Dossier, Format, Source, as_json


def write(dossiers: Iterable[Dossier], _source: Source) -> Iterator[bytes]:
    return (as_json(dossier) + b"\n" for dossier in dossiers)


FORMAT = Format("ndjson", "application/x-ndjson", "ndjson", "One dossier a line.", "Nothing.", write, "Dossier")
