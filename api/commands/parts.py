"""Long files in parts that can be sent one by one, each an import of its own."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import orjson

from api.errors import Fault, Malformed
from api.readers.reader import JSON, NDJSON
from api.text.pieces import Line

MOST_LINES, MOST_BYTES = 1000, 8 * 1024**2
"""Of a part, of bytes if it has several lines: so much a lost connection costs."""
FRAMES = {NDJSON: (b"", b"\n", b"\n"), JSON: (b"[", b",", b"]")}


@dataclass(slots=True)
class Part:
    """Some lines, with the numbers they have in their file."""

    numbers: list[int] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, number: int, line: bytes) -> None:
        self.numbers.append(number)
        self.lines.append(line)
        self.size += len(line)

    def is_full(self, most: int, line: bytes) -> bool:
        """Whether this line is too much."""
        return len(self.lines) == most or (bool(self.lines) and self.size + len(line) > MOST_BYTES)

    def body(self, media_type: str) -> bytes:
        """Lines or an array, as in the file: nobody mends or breaks what is in them."""
        before, between, behind = FRAMES[media_type]
        return before + between.join(self.lines) + behind


def parts(sendable: Iterable[tuple[int, bytes]], most: int) -> Iterator[Part]:
    """The lines with their numbers, in parts of at most so many.

    Raises:
        Malformed: their file broke; what was read before is in a part.
    """
    part = Part()
    try:
        for number, line in sendable:
            if part.is_full(most, line):
                yield part
                part = Part()
            part.add(number, line)
    except Malformed:
        if part.lines:
            yield part
        raise
    if part.lines:
        yield part


def sendable(
    numbered: Iterable[Line], longest: int, first: int, refuse: Callable[[int, Fault], None]
) -> Iterator[tuple[int, bytes]]:
    """The lines from number `first` on, but for those that are refused: they have over `longest` bytes, or the
    article of an earlier line, which a server sees within one import only."""
    seen: dict[int, int] = {}
    for number, line in numbered:
        fault = _too_long(longest) if line is None else _repeated(number, line, seen)
        if number < first:
            continue
        if line is None or fault:
            refuse(number, fault)  # type: ignore[arg-type]
        else:
            yield number, line


def _too_long(longest: int) -> Fault:
    return Fault("", "line_too_long", f"Expected at most {longest} bytes, found more.")


def _repeated(number: int, line: bytes, seen: dict[int, int]) -> Fault | None:
    which = identity(line)
    earlier = number if which is None else seen.setdefault(hash(which), number)
    if which is None or earlier == number:
        return None
    member = "external_id" if len(which) == 1 else "text"
    return Fault(f"/article/{member}", f"{member}_repeated", f"Line {earlier} has the same article already.")


def identity(line: bytes) -> tuple[str | None, ...] | None:
    """What tells the line's article from others, as a server will see it; None if there is no telling: it has no text,
    or is not in the shape of one."""
    try:
        article = orjson.loads(line)["article"]
        external_id, text = article.get("external_id"), article["text"]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    which = (external_id,) if external_id is not None else (article.get("url"), text)
    return which if all(word is None or isinstance(word, str) for word in which) else None
