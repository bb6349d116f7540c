"""A zip archive written as its files come, which the standard library's writer can't do in bounded memory.

Of a file that is written, only its entry of the directory is kept: 46 bytes and the name. The layout is that of
https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, with Zip64 where counts and offsets need it.
"""

import zlib
from collections.abc import Iterable, Iterator
from struct import Struct

LOCAL, ENTRY, END = Struct("<4s5H3L2H"), Struct("<4s6H3L5H2L"), Struct("<4s4H2LH")
OFFSET_64, END_64, LOCATOR_64 = Struct("<2HQ"), Struct("<4sQ2H2L4Q"), Struct("<4sLQL")
VERSION, VERSION_64 = 20, 45
UTF_8_NAMES, DEFLATED = 0x800, 8
NO_TIME = 0, 0x21
"""1 January 1980: the same dossiers make the same archive."""
MOST_16, MOST_32 = 0xFFFF, 0xFFFFFFFF


def zipped(batches: Iterable[Iterable[tuple[str, bytes]]]) -> Iterator[bytes]:
    """The archive of all files, given by name and content, in a piece a batch."""
    directory, offset, count = bytearray(), 0, 0
    for batch in batches:
        written = bytearray()
        for name, content in batch:
            facts, packed = _packed(name, content)
            directory += _entry(name, facts, offset + len(written))
            written += LOCAL.pack(b"PK\3\4", VERSION, UTF_8_NAMES, DEFLATED, *NO_TIME, *facts, 0)
            written += name.encode() + packed
            count += 1
        offset += len(written)
        yield bytes(written)
    yield bytes(directory)
    yield _end(count, len(directory), offset)


def _packed(name: str, content: bytes) -> tuple[tuple[int, int, int, int], bytes]:
    """Checksum, sizes and length of the name, as both headers have them, and the compressed content."""
    packed = zlib.compress(content, wbits=-zlib.MAX_WBITS)
    return (zlib.crc32(content), len(packed), len(content), len(name.encode())), packed


def _entry(name: str, facts: tuple[int, ...], offset: int) -> bytes:
    far = offset >= MOST_32
    extra = OFFSET_64.pack(1, 8, offset) if far else b""
    version = VERSION_64 if far else VERSION
    head = (b"PK\1\2", version, version, UTF_8_NAMES, DEFLATED, *NO_TIME, *facts)
    return ENTRY.pack(*head, len(extra), 0, 0, 0, 0, min(offset, MOST_32)) + name.encode() + extra


def _end(count: int, size: int, offset: int) -> bytes:
    end = END.pack(b"PK\5\6", 0, 0, *[min(count, MOST_16)] * 2, min(size, MOST_32), min(offset, MOST_32), 0)
    if count < MOST_16 and size < MOST_32 and offset < MOST_32:
        return end
    end_64 = END_64.pack(b"PK\6\6", END_64.size - 12, VERSION_64, VERSION_64, 0, 0, count, count, size, offset)
    return end_64 + LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1) + end
