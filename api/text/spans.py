"""Spans: half-open stretches of a text, found by position or by quote.

Offsets of spans count Unicode code points from 0; a selector says what it counts. Selectors follow the
W3C Web Annotation model (TextPositionSelector, TextQuoteSelector): https://www.w3.org/TR/annotation-model/#selectors
"""

import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from rapidfuzz import fuzz

from api.errors import Fault, Invalid, QuoteAmbiguous
from api.text.units import CODE_POINT, UNITS, InsideCharacter, Ruler, Rulers

CONTEXT = 32
"""Code points of surroundings kept on either side of a span."""
MOST_PLACES = 100
"""Places of an ambiguous quote that an error lists."""
NEAREST = 3
NEAREST_HEAD = 256
"""How much of a quote, in code points, is looked for when no place fits exactly: bounds the work."""
LEAST_LIKENESS = 60.0
SPACE = re.compile(r"\s")
LONGEST = 20_000
"""Most code points of a span: a short request can't make long copies of the text."""


@dataclass(frozen=True, slots=True)
class Span:
    """`[start, end)` of a text, the words there, and up to 32 code points around them.

    >>> cut("The sky is green.", 4, 7)
    Span(start=4, end=7, exact='sky', prefix='The ', suffix=' is green.')
    """

    start: int
    end: int
    exact: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a span is said to lie, counted in `unit`; `exact`, if given, must be what stands there.

    `revision`, here and in a quote, is the text that was on the screen; None is the current one.
    """

    start: int
    end: int
    exact: str | None = None
    unit: str = CODE_POINT
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """The words of a span; `prefix` and `suffix` tell places with the same words apart.

    `unit` is what the candidates of an error are counted in. `loose`: the quote comes from another rendition of the
    text, so what stands around its words may differ where they stand only once.
    """

    exact: str
    prefix: str = ""
    suffix: str = ""
    unit: str = CODE_POINT
    revision: int | None = None
    loose: bool = False


def cut(text: str, start: int, end: int) -> Span:
    return Span(start, end, text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


def place(text: Rulers, selector: Position | Quote, pointer: str = "", most: int = MOST_PLACES) -> Span:
    """The span of the text that the selector means, if there is exactly one.

    `pointer` says where the selector stands in what was sent (JSON pointer), for the errors; `most` is how many
    candidates they may list.

    Raises:
        Invalid: it lies outside the text, inside a character, its words are not there, or it is too long.
            The fault of an absent quote has the nearest passages as candidates.
        QuoteAmbiguous: the quote stands in several places, the candidates of its fault.
    """
    span = _at(text, selector, pointer) if isinstance(selector, Position) else _quoted(text, selector, pointer, most)
    if span.end - span.start > LONGEST:
        detail = f"A span has at most {LONGEST} code points, found {span.end - span.start}."
        raise Invalid(Fault(pointer, "span_too_long", detail))
    return span


def in_unit(text: Rulers, span: Span, unit: str) -> dict[str, Any]:
    """The span's members, its offsets counted in `unit`."""
    ruler = text[unit]
    return {**asdict(span), "start": ruler.in_unit(span.start), "end": ruler.in_unit(span.end), "unit": unit}


def text_order(span: Span) -> tuple[int, int]:
    return span.start, span.end


def _at(text: Rulers, at: Position, pointer: str) -> Span:
    try:
        span = _between(text, at, at.unit, pointer)
        if at.exact in (None, span.exact):
            return span
        detail = f"Expected {_shown(at.exact or '')}, but {_shown(span.exact)} stands at [{at.start}, {at.end})."
        fault = Fault(f"{pointer}/exact", "exact_mismatch", detail)
    except Invalid as error:
        (fault,) = error.faults
    fitting = next((unit for unit in UNITS if at.exact is not None and _fits(text, at, unit)), None)
    if fitting:
        detail = f"{_shown(at.exact or '')} stands at [{at.start}, {at.end}) counted in {fitting}, not in {at.unit}."
        fault = Fault(f"{pointer}/unit", "wrong_unit", detail)
    raise Invalid(fault)


def _between(text: Rulers, at: Position, unit: str, pointer: str) -> Span:
    ruler = text[unit]
    if not 0 <= at.start < at.end <= ruler.length:
        detail = f"Expected 0 ≤ start < end ≤ {ruler.length} ({unit}), found start {at.start} and end {at.end}."
        raise Invalid(Fault(pointer, "span_outside_text", detail))
    start = _boundary(ruler, at.start, unit, f"{pointer}/start")
    return cut(text.text, start, _boundary(ruler, at.end, unit, f"{pointer}/end"))


def _boundary(ruler: Ruler, at: int, unit: str, pointer: str) -> int:
    try:
        return ruler.in_code_points(at)
    except InsideCharacter:
        detail = f"Expected a place between two characters, but {at} ({unit}) lies inside one."
        raise Invalid(Fault(pointer, "inside_character", detail)) from None


def _fits(text: Rulers, at: Position, unit: str) -> bool:
    try:
        return _between(text, at, unit, "").exact == at.exact
    except Invalid:
        return False


def _quoted(text: Rulers, quote: Quote, pointer: str, most: int) -> Span:
    found = list(islice(_places(text.text, quote), MOST_PLACES + 1))
    if not found and quote.loose:
        found = list(islice(_places(text.text, Quote(quote.exact)), MOST_PLACES + 1))
    if len(found) == 1:
        return found[0]
    if found:
        more = "more than " if len(found) > MOST_PLACES else ""
        stands = f"{_shown(quote.exact)} stands in {more}{min(len(found), MOST_PLACES)} places."
        detail = f"{stands} Tell them apart with prefix and suffix, or give start and end."
        places = [in_unit(text, span, quote.unit) for span in found[:most]]
        raise QuoteAmbiguous(Fault(pointer, QuoteAmbiguous.code, detail, places))
    context = " between that prefix and suffix" if quote.prefix or quote.suffix else ""
    detail = f"{_shown(quote.exact)} does not stand in the text{context}."
    raise Invalid(Fault(f"{pointer}/exact", "quote_not_found", detail, _nearest(text, quote)[:most]))


def _places(text: str, quote: Quote) -> Iterator[Span]:
    passage = quote.prefix + quote.exact + quote.suffix
    at = text.find(passage)
    while at >= 0:
        start = at + len(quote.prefix)
        yield cut(text, start, start + len(quote.exact))
        at = text.find(passage, at + 1)


def _nearest(text: Rulers, quote: Quote) -> list[dict[str, Any]]:
    """The passages most like a quote that was not found, best first, each with a score of 0 to 100."""
    same_words = [(100.0, span) for span in islice(_places(text.text, Quote(quote.exact)), NEAREST)]
    found = same_words or _alike(text.text, quote.exact[:NEAREST_HEAD])
    return [{**in_unit(text, span, quote.unit), "score": round(score, 1)} for score, span in found]


def _alike(text: str, words: str) -> list[tuple[float, Span]]:
    found: list[tuple[float, Span]] = []
    gaps = [(0, len(text))]
    while gaps and len(found) < NEAREST:
        start, end = gaps.pop()
        if end - start < len(words):
            continue
        best = fuzz.partial_ratio_alignment(words, text[start:end], score_cutoff=LEAST_LIKENESS)
        if best is None or not text[start + best.dest_start : start + best.dest_end].strip():
            continue
        here, there = _whole_words(text, start + best.dest_start, start + best.dest_end)
        found.append((best.score, cut(text, here, there)))
        gaps += [(start, here), (there, end)]
    return sorted(found, key=lambda pair: (-pair[0], pair[1].start))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch without white space at its ends, widened to the ends of the words it cuts."""
    stretch = text[start:end]
    start, end = start + len(stretch) - len(stretch.lstrip()), end - len(stretch) + len(stretch.rstrip())
    head = SPACE.split(text[max(0, start - CONTEXT) : start])[-1]
    tail = SPACE.split(text[end : end + CONTEXT])[0]
    return start - len(head), end + len(tail)


def _shown(words: str) -> str:
    return f"“{words}”" if len(words) <= 80 else f"“{words[:77]}…”"
