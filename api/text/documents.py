"""The elements of an array inside a JSON document, one after the other: for documents that wrap what they list.

As in `pieces`, nothing here holds more than one element, however long the stream is.
"""

import re
from collections.abc import Iterator

from api.errors import Malformed
from api.text.pieces import SPACE, Array, Line, Pieces
from api.text.strict import strict_json

TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["{}\[\]:]', re.DOTALL)
LONGEST_WRAPPER = 1024**2
"""Most bytes before the array, and most bytes behind it."""
Path = tuple[str, ...]
"""The names that lead to a member; none lead to the document itself."""


def elements_at(pieces: Pieces, longest: int, deepest: int, paths: frozenset[Path]) -> Iterator[Line]:
    """The elements of the first array that stands at one of the paths; if there is none, the whole document.

    Raises:
        Malformed: it is no JSON, it is cut off, or more stands before or behind the array than a wrapper has.
    """
    source = iter(pieces)
    head = _Head(paths)
    for piece in source:
        head.take(piece)
        if head.end is not None:
            yield from _elements(head, source, longest, deepest)
            return
        if len(head.held) > LONGEST_WRAPPER:
            raise Malformed(f"Expected {_expected(paths)} within {LONGEST_WRAPPER} bytes.")
    whole = head.held.strip(SPACE)
    if not isinstance(strict_json(whole, deepest), dict):
        raise Malformed(f"Expected {_expected(paths)}, or one object.")
    yield 1, whole


def _elements(head: "_Head", source: Iterator[bytes], longest: int, deepest: int) -> Iterator[Line]:
    wrapper, rest = head.held[: head.end], head.held[head.end :]
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
    tail = bytearray(array.rest)
    for piece in source:
        tail += piece
        if len(tail) > LONGEST_WRAPPER:
            raise Malformed(f"Expected the JSON to end within {LONGEST_WRAPPER} bytes behind its array.")
    # What stands around the array has to be JSON too, or else something was cut off or put together wrongly.
    strict_json(wrapper + b"]" + bytes(tail), deepest)


def _expected(paths: frozenset[Path]) -> str:
    names = sorted(f'"{".".join(path)}"' for path in paths if path)
    return " or ".join(["a JSON array", *(f"one in {name}" for name in names)])


class _Head:
    """Looks for the beginning of the array, which is `end` once it is found: behind its bracket."""

    def __init__(self, paths: frozenset[Path]):
        self._paths = paths
        self._way: list[str | None] = []
        self._name = ""
        self._at = 0
        self.held = b""
        self.end: int | None = None

    def take(self, piece: bytes) -> None:
        self.held += piece
        for token in TOKEN.finditer(self.held, self._at):
            mark = token[0]
            if mark == b'"':  # the string goes on in the next piece
                return
            self._at = token.end()
            if mark == b"[" and tuple(self._way) in self._paths:
                self.end = token.end()
                return
            self._step(mark)

    def _step(self, mark: bytes) -> None:
        if mark == b":" and self._way:
            self._way[-1] = self._name
        elif mark in (b"{", b"["):
            self._way.append(None)
        elif mark in (b"}", b"]"):
            if not self._way:
                raise Malformed("Expected JSON, found a bracket that closes nothing.")
            self._way.pop()
        else:
            self._name = mark[1:-1].decode(errors="replace")
