"""Highlights: a text as HTML in which stretches are marked, however they overlap."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise


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
    """The text in pieces, with `mark` elements that nest. Of two that cross, the later one is closed and opened again.

    >>> marks = [Highlight(0, 2, "<mark>", "*"), Highlight(1, 3, "<mark id=b>", "")]
    >>> "".join(highlighted("abc", marks))
    '<mark>a<mark id=b>b</mark></mark>*<mark id=b>c</mark>'
    """
    todo = sorted(highlights, key=lambda each: (-each.start, each.end))
    points = sorted({0, len(text)}.union(*((each.start, each.end) for each in todo)))
    here: list[Highlight] = []
    for start, end in pairwise(points):
        ended = [each for each in here if each.end == start]
        following = [each for each in here if each.end != start]
        kept = _common(here, following)
        yield "</mark>" * (len(here) - kept) + "".join(each.note for each in ended)
        while todo and todo[-1].start == start:
            following.append(todo.pop())
        yield "".join(each.opening for each in following[kept:]) + escaped(text[start:end])
        here = following
    yield "</mark>" * len(here) + "".join(each.note for each in here)


def _common(before: list[Highlight], after: list[Highlight]) -> int:
    """How many of the outermost stay open."""
    same = (at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one is not other)
    return next(same, min(len(before), len(after)))
