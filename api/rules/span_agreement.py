"""How far annotators mark the same stretches of articles as claims.

Sources: mean pairwise F1: G. Hripcsak and A. S. Rothschild (2005), "Agreement, the F-measure, and reliability in
information retrieval", JAMIA 12(3), https://doi.org/10.1197/jamia.M1733. Unitizing alpha: K. Krippendorff, Y. Mathet,
S. Bouvry and A. Widlöcher (2016), "On the reliability of unitizing textual continua: further developments",
Quality & Quantity 50, https://doi.org/10.1007/s11135-015-0266-1; here the one that tells marked from unmarked text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from api.rules.figures import Figure

Stretch = tuple[int, int]
"""`[start, end)` in code points from 0."""

NO_PAIRS = "No article was marked by two annotators."
NONE_SHARED = "The two read no article in common."
NOTHING_MARKED = "Neither marked anything in the articles that both read."
NO_PAIR_MARKED = "No two annotators marked anything in an article that both read."
ALL_OR_NOTHING = "All text or none was marked, so agreement can't be told from chance."


@dataclass(frozen=True, slots=True)
class Marked:
    """An article's length in code points and, for each annotator who read it, the stretches they marked, if any.

    Stretches may overlap and nest. What lies outside the article counts for nothing.
    """

    length: int
    stretches: Mapping[str, Iterable[Stretch]]


@dataclass(frozen=True, slots=True)
class SpanPair:
    """Two annotators, in the order of their names, over the articles that both read."""

    annotators: tuple[str, str]
    f1: Figure
    alpha: Figure


@dataclass(frozen=True, slots=True)
class SpanAgreement:
    """Figures over the articles (`items`) that at least two annotators read; `ratings` counts these readings.

    `f1` is the mean over the pairs of annotators that have one, `alpha` the unitizing alpha of marked against unmarked.
    """

    f1: Figure
    alpha: Figure
    pairs: tuple[SpanPair, ...]


Page = tuple[int, dict[str, list[Stretch]]]
"""An article's length and each annotator's stretches, in order and apart."""
Reading = tuple[int, int, int]
"""An annotator's marks on an article: a bit for each code point, how many these are, and what chance can't pair."""


@dataclass(slots=True)
class _Shared:
    """What two annotators did, added up over the articles that both read; there may be very many pairs of them."""

    pages: int = 0
    length: int = 0
    marked: int = 0
    alone: int = 0
    both: int = 0

    def add(self, length: int, one: Reading, other: Reading) -> None:
        self.pages += 1
        self.length += length
        self.marked += one[1] + other[1]
        self.alone += one[2] + other[2]
        if common := one[0] & other[0]:
            self.both += common.bit_count()


def span_agreement(articles: Iterable[Marked]) -> SpanAgreement:
    """How far the annotators agree on which code points are part of a claim.

    >>> span_agreement([Marked(10, {"ada": [(0, 4)], "bob": [(2, 4)]})]).f1.value
    0.6666666666666666
    """
    pages = [page for page in map(_page, articles) if len(page[1]) > 1]
    pairs = _pairs(pages)
    return SpanAgreement(_mean(pairs, pages), _alpha(pages), pairs)


def _alpha(pages: list[Page]) -> Figure:
    """Krippendorff's alpha for unitizing, marked against unmarked (|uα), over articles laid end to end.

    Overlapping and nested stretches of one annotator are one unit, those that only touch are two. Each code point
    weighs as much as it has readers. Where all articles have the same readers, this is the published coefficient.
    """
    if not pages:
        return Figure(None, 0, 0, NO_PAIRS)
    met, marked, alone, total = Fraction(), 0, 0, 0
    for length, readers in pages:
        units = [end - start for stretches in readers.values() for start, end in stretches]
        met += Fraction(_meetings(list(readers.values())), len(readers) - 1)
        marked += sum(units)
        alone += _alone(units)
        total += length * len(readers)
    value, reason = _unitizing(met, marked, alone, total)
    return Figure(value, len(pages), _readings(pages), reason)


def _unitizing(met: Fraction | int, marked: int, alone: int, total: int) -> tuple[float | None, str | None]:
    """The coefficient, or why there is none, where `met` is how often marked met unmarked text."""
    if marked in (0, total):
        return None, ALL_OR_NOTHING
    by_chance = total * marked * (total - marked)
    return float((by_chance - met * (total**2 - total - alone)) / by_chance), None


def _alone(units: Iterable[int]) -> int:
    """What chance must not pair, a segment with itself: a unit is one piece, a gap as many pieces as code points."""
    return sum(unit**2 - unit for unit in units)


def _page(article: Marked) -> Page:
    length = max(0, article.length)
    return length, {name: _apart(stretches, length) for name, stretches in article.stretches.items()}


def _apart(stretches: Iterable[Stretch], length: int) -> list[Stretch]:
    """The stretches within the article, in order, those that overlap joined."""
    apart: list[Stretch] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in stretches):
        if apart and start < apart[-1][1]:
            apart[-1] = apart[-1][0], max(end, apart[-1][1])
        elif start < end:
            apart.append((start, end))
    return apart


def _meetings(readers: list[list[Stretch]]) -> int:
    """Over all code points, how many pairs of one who marked it and one who did not."""
    edges = sorted(edge for stretches in readers for start, end in stretches for edge in ((start, 1), (end, -1)))
    meetings = last = marking = 0
    for at, step in edges:
        meetings += (at - last) * marking * (len(readers) - marking)
        last, marking = at, marking + step
    return meetings


def _pairs(pages: list[Page]) -> tuple[SpanPair, ...]:
    names = sorted({name for _, readers in pages for name in readers})
    shared = {two: _Shared() for two in combinations(names, 2)}
    for length, readers in pages:
        for (one, own), (other, theirs) in combinations(sorted(map(_reading, readers.items())), 2):
            shared[one, other].add(length, own, theirs)
    return tuple(_pair(two, both) for two, both in shared.items())


def _reading(reader: tuple[str, list[Stretch]]) -> tuple[str, Reading]:
    name, stretches = reader
    units = [end - start for start, end in stretches]
    return name, (sum((1 << end) - (1 << start) for start, end in stretches), sum(units), _alone(units))


def _pair(annotators: tuple[str, str], shared: _Shared) -> SpanPair:
    if not shared.pages:
        none = Figure(None, 0, 0, NONE_SHARED)
        return SpanPair(annotators, none, none)
    items, ratings = shared.pages, 2 * shared.pages
    met = shared.marked - 2 * shared.both
    alpha, reason = _unitizing(met, shared.marked, shared.alone, 2 * shared.length)
    return SpanPair(annotators, _f1(shared), Figure(alpha, items, ratings, reason))


def _f1(shared: _Shared) -> Figure:
    """F1 over the code points of all shared articles together: 2 |A ∩ B| / (|A| + |B|), the same both ways round."""
    if not shared.marked:
        return Figure(None, shared.pages, 2 * shared.pages, NOTHING_MARKED)
    return Figure(2 * shared.both / shared.marked, shared.pages, 2 * shared.pages)


def _mean(pairs: tuple[SpanPair, ...], pages: list[Page]) -> Figure:
    if not pages:
        return Figure(None, 0, 0, NO_PAIRS)
    values = [pair.f1.value for pair in pairs if pair.f1.value is not None]
    if not values:
        return Figure(None, len(pages), _readings(pages), NO_PAIR_MARKED)
    return Figure(sum(values) / len(values), len(pages), _readings(pages))


def _readings(pages: list[Page]) -> int:
    return sum(len(readers) for _, readers in pages)
