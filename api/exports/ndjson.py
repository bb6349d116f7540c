"""The native format by lines: one dossier each, and a last one that says that these are all.

A file without that line was broken off.
"""

import re
from collections.abc import Iterable, Iterator

from api.exports.dossier import Dossier, Format, Source, as_json

END = re.compile(rb'\s*\{\s*"end"\s*:\s*\{\s*"dossiers"\s*:\s*\d+\s*\}\s*\}\s*')
"""The last line, as it may come back."""


def write(dossiers: Iterable[Dossier], _source: Source) -> Iterator[bytes]:
    count = 0
    for dossier in dossiers:
        count += 1
        yield as_json(dossier) + b"\n"
    yield b'{"end":{"dossiers":%d}}\n' % count


FORMAT = Format(
    "ndjson",
    "application/x-ndjson",
    "ndjson",
    'One dossier a line; the last line is `{"end": {"dossiers": …}}`, with their number.',
    "Nothing.",
    write,
    "Line",
)
