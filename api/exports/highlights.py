"""Highlights: a text as HTML in which stretches are marked, however they overlap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice, pairwise

DEEPEST = 8
"""Marks inside one another: each that ends closes and opens again those inside it."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A stretch to be marked: `opening` is its tag, `note` the HTML that follows where it ends."""

    start: int
    end: int
    opening: str
    note: str


def escaped(text: str) -> str:
    """The text as it can stand anywhere in HTML, in an attribute too. The parser would turn a bare CR into LF.

    >>> escaped('<a title="x">\\r\\n')
    '&lt;a title=&quot;x&quot;&gt;&#13;\\n'
    """
    return escape(text).replace("\r", "&#13;")


def highlighted(text: str, highlights: Iterable[Highlight]) -> Iterator[str]:
    """The text in pieces, with `mark` elements that nest, `DEEPEST` at most; all notes are there. Of two that cross,
    the later one is closed and opened again.

    >>> marks = [Highlight(0, 2, "<mark>", "*"), Highlight(1, 3, "<mark id=b>", "")]
    >>> "".join(highlighted("abc", marks))
    '<mark>a<mark id=b>b</mark></mark>*<mark id=b>c</mark>'
    """
    ordered = sorted(highlights, key=lambda each: (each.start, -each.end))
    ending: dict[int, list[int]] = {}
    for n, each in enumerate(ordered):
        ending.setdefault(each.end, []).append(n)
    points = sorted({0, len(text), *(each.start for each in ordered), *ending})
    here: dict[int, None] = {}
    marked: list[int] = []
    to_come = 0
    for start, end in pairwise(points):
        ended = ending.get(start, [])
        for n in ended:
            del here[n]
        while to_come < len(ordered) and ordered[to_come].start == start:
            here[to_come] = None
            to_come += 1
        following = list(islice(here, DEEPEST))
        kept = _common(marked, following)
        yield "</mark>" * (len(marked) - kept) + "".join(ordered[n].note for n in ended)
        yield "".join(ordered[n].opening for n in following[kept:]) + escaped(text[start:end])
        marked = following
    yield "</mark>" * len(marked) + "".join(ordered[n].note for n in here)


def _common(before: list[int], after: list[int]) -> int:
    """How many of the outermost stay open."""
    same = (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    return next(same, min(len(before), len(after)))
