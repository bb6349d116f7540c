"""Articles in a table: RFC 4180 with a head, UTF-8 with or without a byte order mark.

A record may go over many lines. Only one is held, and one of too many bytes ends the reading: where the next begins,
nobody can tell.
"""

import csv
import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterator
from itertools import chain
from typing import Any

from api.errors import Fault, Malformed
from api.readers.reader import Reader, Record, Terms
from api.text.pieces import Pieces
from api.text.strict import shown

FACTS = ("text", "external_id", "title", "url", "publisher", "byline", "language", "published_at")
SEPARATORS = (",", ";", "\t")
PUT_BY = "surrogateescape"
"""Each byte that is no UTF-8 becomes one of these code points, which no UTF-8 holds, so that only its record fails."""
ELSEWISE = re.compile("[\udc80-\udcff]")
CONVERT = "Tables from Windows programs are often in Windows-1252: save it as UTF-8."
# The module's own limit is one for the whole process; what a record may hold is counted here.
csv.field_size_limit(sys.maxsize)


def read(pieces: Pieces, terms: Terms) -> Iterator[Record]:
    lines = _Lines(pieces, terms.longest)
    head = next(lines, "")
    separator, names = _head(head)
    rows = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        lines.begin()
        try:
            row = next(rows, None)
            if row is None:
                return
            if row:
                yield _record(lines, names, row)
        except csv.Error as error:
            fault = Fault("", "malformed", f"Expected a record of a table, found none: {error}.")
            yield Record(lines.first, lines.size, faults=(fault,))


def _head(line: str) -> tuple[str, list[str]]:
    """What stands between cells, and the names of the columns."""
    if not _is_utf_8(line):
        raise Malformed(f"Expected a head in UTF-8, found other bytes. {CONVERT}")
    for separator in SEPARATORS:
        try:
            cells = next(csv.reader([line], delimiter=separator, strict=True), [])
        except csv.Error:  # where it would part the cells, it stands after a quotation mark
            continue
        names = [_column(cell) for cell in cells]
        if "text" in names:
            twice = [name for n, name in enumerate(names) if name in names[:n]]
            if twice or "" in names:
                raise Malformed(f"Expected columns with different names, found {shown(names)}.")
            return separator, names
    raise Malformed(f"Expected a head with a column `text`, found {shown(line.strip())}.")


def _column(cell: str) -> str:
    name = cell.strip()
    return name.lower() if name.lower() in FACTS else name


def _record(lines: "_Lines", names: list[str], row: list[str]) -> Record:
    if len(row) != len(names):
        fault = Fault("", "malformed", f"Expected {len(names)} cells as in the head, found {len(row)}.")
        return Record(lines.first, lines.size, faults=(fault,))
    cells = dict(zip(names, row, strict=True))
    wrong = next((name for name, cell in cells.items() if not _is_utf_8(cell)), None)
    if wrong is not None:
        fault = Fault("", "malformed", f"Expected UTF-8, found other bytes in column {shown(wrong)}. {CONVERT}")
        return Record(lines.first, lines.size, faults=(fault,))
    article: dict[str, Any] = {name: cells[name] for name in FACTS if cells.get(name)}
    article.setdefault("text", "")
    if others := {name: cell for name, cell in cells.items() if name not in FACTS and cell}:
        article["metadata"] = others
    return Record(lines.first, lines.size, {"article": article, "claims": []})


def _is_utf_8(text: str) -> bool:
    """Whether all its bytes were; `_decoded` has put others by."""
    return text.isascii() or not ELSEWISE.search(text)


class _Lines:
    """The lines of a stream, their ends included. `first` is the number of the line that the record began in, `size`
    the bytes read since."""

    def __init__(self, pieces: Pieces, longest: int):
        self._lines = _decoded(pieces, longest)
        self._longest = longest
        self._number = 0
        self.first, self.size = 1, 0

    def begin(self) -> None:
        self.first, self.size = self._number + 1, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._number += 1
        self.size += len(line.encode(errors=PUT_BY))
        if self.size > self._longest:
            raise _too_long(self.first, self._longest)
        return line


def _decoded(pieces: Pieces, longest: int) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8-sig")(errors=PUT_BY)
    held: list[str] = []
    size = 0
    for piece in chain(pieces, (None,)):
        *ended, rest = decoder.decode(piece or b"", final=piece is None).split("\n")
        for line in ended:
            yield "".join((*held, line, "\n"))
            held, size = [], 0
        held.append(rest)
        size += len(rest)
        if size > longest:
            raise Malformed(f"Expected records of at most {longest} bytes, found a longer line.")
    if size:
        yield "".join(held)


def _too_long(first: int, longest: int) -> Malformed:
    return Malformed(f"Expected records of at most {longest} bytes, found more from line {first} on; is a quote open?")


READER = Reader(
    "csv",
    ("text/csv",),
    "A table of articles with a head: `text`, and any of `external_id`, `title`, `url`, `publisher`, `byline`, "
    "`language`, `published_at`; other columns as metadata.",
    "Nothing.",
    read,
)
