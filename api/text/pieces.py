"""A stream of bytes, taken as it comes: inflated, and cut into lines or into the elements of a JSON array.

Nothing here holds more than one line, however long the stream is.
"""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from api.errors import Malformed

Pieces = Iterable[bytes]
Line = tuple[int, bytes | None]
"""Its number, from 1, and its bytes; None if it is too long."""
Cut = Callable[[Pieces, int], Iterator[Line]]
"""A way to cut a stream, given how long a line may be."""

GZIP = 31
"""What zlib calls a gzip stream with its header and checksum."""
MAGIC = b"\x1f\x8b"
"""What every gzip stream begins with."""
PIECE = 65_536
"""Bytes to read, or to inflate, at once."""
BOMB_RATIO, BOMB_FLOOR = 250, 16 * 1024**2
"""JSON shrinks to a fifth or a twentieth, the same record over and over to a hundredth; zeros to a thousandth."""
SPACE = b" \t\r\n"
HEAD = re.compile(rb'[ \t\r\n]*(\{[ \t\r\n]*"dossiers"[ \t\r\n]*:[ \t\r\n]*)?\[')
LONGEST_HEAD = 1000
OUTSIDE, INSIDE = re.compile(rb'["{}\[\],]'), re.compile(rb'["\\]')


def from_start(file: IO[bytes]) -> Iterator[bytes]:
    """All that is in the file."""
    file.seek(0)
    yield from iter(lambda: file.read(PIECE), b"")


def peeked(pieces: Pieces, least: int) -> tuple[bytes, Iterator[bytes]]:
    """The beginning of the stream, at least that many bytes if it has them, and the stream with it.

    >>> head, whole = peeked([b"ab", b"cd", b"ef"], 3)
    >>> head, b"".join(whole)
    (b'abcd', b'abcdef')
    """
    rest, head, broken = iter(pieces), b"", None
    try:
        for piece in rest:
            head += piece
            if len(head) >= least:
                break
    except Malformed as error:
        broken = error
    return head, _resumed(head, rest, broken)


def _resumed(head: bytes, rest: Iterator[bytes], broken: Malformed | None) -> Iterator[bytes]:
    """The stream from its beginning; one that broke while it was looked at breaks where it did."""
    yield head
    if broken:
        raise broken
    yield from rest


def plain(pieces: Pieces) -> Iterator[bytes]:
    """The stream, inflated if it is one of gzip."""
    head, whole = peeked(pieces, len(MAGIC))
    return inflated(whole) if head.startswith(MAGIC) else whole


def inflated(pieces: Pieces) -> Iterator[bytes]:
    """The stream that was packed with gzip; several of them, one behind the other, are one, and may be thousands.

    Raises:
        Malformed: it is no gzip, it is cut off, more stands behind it, or it swells beyond all measure.
    """
    held: list[bytes] = []
    size = 0
    try:
        for piece in _inflated(pieces):
            held.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(held)
                held, size = [], 0
    except Malformed:
        yield b"".join(held)
        raise
    yield b"".join(held)


def _inflated(pieces: Pieces) -> Iterator[bytes]:
    packed = unpacked = 0
    member = zlib.decompressobj(GZIP)
    for piece in pieces:
        packed += len(piece)
        more = bool(piece)
        while more:
            if member.eof:
                member = zlib.decompressobj(GZIP)
            try:
                out = member.decompress(piece, PIECE)
            except zlib.error as error:
                raise Malformed(f"Expected gzip, found something else within {packed} bytes ({error}).") from None
            unpacked += len(out)
            if unpacked > BOMB_FLOOR and unpacked > BOMB_RATIO * packed:
                raise Malformed(f"Expected at most {BOMB_RATIO} bytes from one of gzip, found more.")
            yield out
            piece = member.unused_data if member.eof else member.unconsumed_tail
            # All that came may be taken in, and not all of it given out yet.
            more = bool(piece) or (len(out) == PIECE and not member.eof)
    if not member.eof:
        raise Malformed(f"The gzip stream is cut off after {packed} bytes.")


def lines(pieces: Pieces, longest: int) -> Iterator[Line]:
    """The lines of the stream that are not blank."""
    number, held, dropping = 0, bytearray(), False
    for piece in pieces:
        *ended, rest = piece.split(b"\n")
        for end in ended:
            number += 1
            too_long = dropping or len(held) + len(end) > longest
            line = b"" if too_long else bytes(held) + end
            held.clear()
            dropping = False
            if too_long or line.strip(SPACE):
                yield number, None if too_long else line
        dropping = dropping or len(held) + len(rest) > longest
        if dropping:
            held.clear()
        else:
            held += rest
    if dropping or held.strip(SPACE):
        yield number + 1, None if dropping else bytes(held)


def elements(pieces: Pieces, longest: int) -> Iterator[Line]:
    """The elements of a JSON array, or of the one in `{"dossiers": […]}`; only their bounds are looked for.

    Raises:
        Malformed: it is neither, or it is cut off, or more stands behind it.
    """
    source = iter(pieces)
    head, rest = _head(source)
    array = Array(longest)
    number = 0
    while True:
        for element in array.take(rest):
            number += 1
            yield number, element
        if array.rest is not None:
            break
        following = next(source, None)
        if following is None:
            raise Malformed(f"The JSON array is cut off in or behind element {number}.")
        rest = following
    _end(array.rest, source, b"}" if head else b"")


def _head(source: Iterator[bytes]) -> tuple[bool, bytes]:
    """Whether the array stands in an object, and what was read behind its bracket."""
    held = b""
    for piece in source:
        held += piece
        if found := HEAD.match(held):
            return found[1] is not None, held[found.end() :]
        if len(held.lstrip(SPACE)) > LONGEST_HEAD:
            break
        held = held.lstrip(SPACE) or b""
    raise Malformed('Expected a JSON array of dossiers, or {"dossiers": […]}.')


def _end(rest: bytes, source: Iterator[bytes], expected: bytes) -> None:
    for piece in (rest, *source):
        found = piece.strip(SPACE)
        if found and found != expected:
            raise Malformed(f"Expected the JSON to end, found more: {found[:40]!r}.")
        if found:
            expected = b""
    if expected:
        raise Malformed("The JSON is cut off behind its last dossier.")


class Array:
    """Finds where the elements of an array end. `rest` is what stands behind the array, once it has ended."""

    def __init__(self, longest: int):
        self._longest = longest
        self._held = bytearray()
        self._depth = self._skip = 0
        self._in_string = self._dropping = self._comma = False
        self.rest: bytes | None = None

    def take(self, piece: bytes) -> Iterator[bytes | None]:
        """The elements that end in this piece; None for one that is too long."""
        begin, at = 0, self._skip
        while found := (INSIDE if self._in_string else OUTSIDE).search(piece, at):
            mark, at = found[0], found.end()
            if mark == b"\\":
                at += 1
            elif mark == b'"':
                self._in_string = not self._in_string
            elif mark in b"{[":
                self._depth += 1
            elif mark in b"}]" and self._depth:
                self._depth -= 1
            elif not self._depth and (mark == b"," or mark == b"]"):
                yield from self._ended(piece[begin : at - 1], last=mark == b"]")
                begin = at
                if mark == b"]":
                    self.rest = piece[at:]
                    return
        self._skip = max(0, at - len(piece))  # what follows a backslash, if that is the last of a piece
        self._keep(piece[begin:])

    def _ended(self, tail: bytes, last: bool) -> Iterator[bytes | None]:
        self._keep(tail)
        element, dropped = bytes(self._held).strip(SPACE), self._dropping
        self._held.clear()
        self._dropping = False
        if element or dropped:
            yield None if dropped else element
        elif not last or self._comma:
            raise Malformed("Expected a dossier between the commas of the array, found none.")
        self._comma = not last

    def _keep(self, tail: bytes) -> None:
        self._dropping = self._dropping or len(self._held) + len(tail) > self._longest
        if self._dropping:
            self._held.clear()
        else:
            self._held += tail
