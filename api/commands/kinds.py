"""What kind of file it is, by its beginning and its name: over HTTP the media type says so."""

from collections.abc import Iterator
from pathlib import Path

import orjson

from api.readers.reader import JSON, NDJSON
from api.schemas.imports import NATIVE
from api.schemas.records import ACCEPTED
from api.text.pieces import HEAD, PIECE, Pieces, peeked

ZIP = "application/zip"
ZIP_HEAD = b"PK"
SUFFIXES = {".ndjson": NDJSON, ".jsonl": NDJSON, ".jsonld": "application/ld+json"}


def kind_of(format: str, name: str, pieces: Pieces) -> tuple[str, Iterator[bytes]]:
    """The media type of an unpacked file in that format, and the file."""
    head, whole = peeked(pieces, PIECE)
    likely, accepted = _likely(format, name, head), ACCEPTED[format]
    return likely if likely in accepted else accepted[0], whole


def _likely(format: str, name: str, head: bytes) -> str:
    if head.startswith(ZIP_HEAD):
        return ZIP
    if HEAD.match(head):
        return JSON
    if format == NATIVE or _has_lines(head):
        return NDJSON
    return SUFFIXES.get(Path(name.removesuffix(".gz")).suffix.lower(), JSON)


def _has_lines(head: bytes) -> bool:
    """Whether the first line is a whole object, and not all there is."""
    first, _, rest = head.partition(b"\n")
    try:
        return isinstance(orjson.loads(first), dict) and bool(rest.strip())
    except ValueError:
        return False
