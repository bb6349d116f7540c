"""Files as they are sent: in pieces worth sending, recognisable if they break off, and packed if one likes."""

import zlib
from collections.abc import Iterable, Iterator

from api.exports.dossier import Dossier, Format, Source

PIECE = 131_072
LEVEL = 1
"""Of zlib: it costs a fifth of the highest, for files a fifth larger."""
GZIP = 31
"""What zlib calls a gzip stream with its header and checksum."""


def stream(format: Format, dossiers: Iterable[Dossier], source: Source) -> Iterator[bytes]:
    """The file in pieces of at least `PIECE` bytes, but for the last.

    If the rest of a file can't be had, it ends with what the format says then, before the exception goes on: some
    servers close an answer that failed as they close a whole one.
    """
    held, begun = bytearray(), False
    try:
        for piece in format.write(dossiers, source):
            held += piece
            if len(held) >= PIECE:
                yield bytes(held)
                held.clear()
                begun = True
    except Exception:
        if begun:
            yield bytes(held) + format.broken
        raise
    yield bytes(held)


def gzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces packed, each so that it can be unpacked when it comes. If they break off, the end is missing."""
    packing = zlib.compressobj(LEVEL, wbits=GZIP)
    for piece in pieces:
        yield packing.compress(piece) + packing.flush(zlib.Z_SYNC_FLUSH)
    yield packing.flush()
