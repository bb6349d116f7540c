"""Marks: spans as they stand on one revision after another, and how they came there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from api.text.alignment import Alignment
from api.text.anchoring import anchor
from api.text.spans import Span, cut

OUTCOMES = ("marked", "kept", "changed", "orphaned")
"""From the best to the worst."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A span on one revision. Of an orphaned one, words and place are the last it had, on `from_revision`.

    `confirmed` are the words that somebody marked it on or last confirmed it on, if it has changed since.
    """

    revision: int
    start: int
    end: int
    exact: str
    prefix: str
    suffix: str
    outcome: str
    score: float
    from_revision: int
    from_start: int
    from_end: int
    confirmed: str | None = None


def marked(span: Span, revision: int) -> Mark:
    """A span as a reviewer has just marked it."""
    return _mark(span, revision, "marked", 1.0, (revision, span.start, span.end), None)


def stands_on(mark: Mark) -> int:
    """The revision that the mark's place and words are of."""
    return mark.from_revision if mark.outcome == "orphaned" else mark.revision


def carried(mark: Mark, revision: int, text: str, aligned_with: Callable[[int], Alignment]) -> Mark:
    """The mark on a later revision, whose text is `text`; `aligned_with(n)` is revision `n` aligned with it.

    An orphaned mark is looked for once the text has its very words, from the text that it last stood on.
    """
    if mark.outcome == "orphaned" and mark.exact not in text:
        return _lost(mark, revision, 0.0)
    found = anchor(aligned_with(stands_on(mark)), mark.start, mark.end)
    if found.place is None or (mark.outcome == "orphaned" and found.outcome != "kept"):
        return _lost(mark, revision, found.score)
    span = cut(text, *found.place)
    confirmed = mark.confirmed if found.outcome == "kept" else _unconfirmed(mark, span.exact)
    return _mark(span, revision, found.outcome, found.score, (stands_on(mark), mark.start, mark.end), confirmed)


def _mark(
    span: Span, revision: int, outcome: str, score: float, origin: tuple[int, int, int], confirmed: str | None
) -> Mark:
    place = span.start, span.end, span.exact, span.prefix, span.suffix
    return Mark(revision, *place, outcome, score, *origin, confirmed)


def _unconfirmed(mark: Mark, exact: str) -> str | None:
    """The words last confirmed, if a changed mark has others now, or the same beside other words than they were."""
    confirmed = mark.exact if mark.confirmed is None else mark.confirmed
    return None if exact == confirmed != mark.exact else confirmed


def _lost(mark: Mark, revision: int, score: float) -> Mark:
    return replace(
        mark,
        revision=revision,
        outcome="orphaned",
        score=score,
        from_revision=stands_on(mark),
        from_start=mark.start,
        from_end=mark.end,
    )


def in_text_order(marks: Iterable[Mark]) -> list[Mark]:
    return sorted(marks, key=lambda mark: (mark.start, mark.end))


def worst_outcome(marks: Iterable[Mark]) -> str:
    return max((mark.outcome for mark in marks), key=OUTCOMES.index)


def needs_attention(marks: Iterable[Mark]) -> str | None:
    """What a reviewer has to look at: a claim without its words, or on words that nobody has confirmed."""
    if any(mark.outcome == "orphaned" for mark in marks):
        return "orphaned"
    return "text_changed" if any(mark.confirmed is not None for mark in marks) else None
