"""Krippendorff's alpha: agreement beyond chance among any number of raters, each of whom may have skipped items.

Source: K. Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability",
https://repository.upenn.edu/asc_papers/43. Letters follow that paper: o_ck is how often the values c and k met in
one item, n_c how often c was given at all, δ² how far c and k lie apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations
from math import ceil, floor
from operator import mul
from random import Random

from api.rules.draws import multinomial
from api.rules.figures import Figure, Interval

Pattern = tuple[int, ...]
"""How many raters gave each verdict of the scale, in its order, to one item."""
Crossing = Mapping[tuple[int, int], int]
"""How many items got each two verdicts from two raters, the first rater's verdict first."""
LEVEL = 0.95
FEWEST, DRAWS = 100, 500_000
"""Where items are of very many kinds, fewer resamples are drawn: as many as make so many draws of a kind, and no
fewer than these."""

NO_PAIRS = "No item was rated by two raters."
NO_VARIATION = "Only one verdict was ever given, so agreement can't be told from chance."
NO_SAMPLES = "No resamples were asked for."
ONE_ITEM = "Only one item was rated by two raters, so there is nothing to resample."
FEW_SAMPLES = "Too many resamples hold only one verdict, so their alpha is undefined."


@dataclass(frozen=True, slots=True)
class _Column:
    """What the items of some kinds, given by their places in the table, each add to a sum."""

    kinds: list[int]
    shares: list[float]

    def weighed(self, weights: Sequence[int]) -> float:
        products: Iterable[float] = map(mul, map(weights.__getitem__, self.kinds), self.shares)
        return sum(products)


@dataclass(frozen=True, slots=True)
class _Table:
    """What each kind of item adds to n_c (one column for each c) and to o_ck (one for each c < k that ever met).

    Items with the same pattern are one kind; `weights` says how many there are of each.
    """

    weights: list[int]
    margins: list[_Column]
    coincidences: dict[tuple[int, int], _Column]


@dataclass(frozen=True, slots=True)
class _Sums:
    """n_c and, for c < k, o_ck over all items."""

    n: list[int]
    o: dict[tuple[int, int], float]


def alphas(patterns: Mapping[Pattern, int]) -> tuple[Figure, Figure]:
    """The nominal and the ordinal alpha over items given as patterns, each with how many items have it.

    Items rated once count for nothing.

    >>> alphas({(2, 0): 4, (1, 1): 1, (0, 2): 5})[0].value
    0.8080808080808081
    """
    table = _table(patterns)
    return _figures(_sums(table, table.weights), sum(table.weights))


def alphas_of_two(crossing: Crossing, verdicts: int) -> tuple[Figure, Figure]:
    """The same for two raters, without a table: there may be very many pairs of raters."""
    n, o = [0] * verdicts, dict[tuple[int, int], float]()
    for (one, other), count in crossing.items():
        n[one] += count
        n[other] += count
        if one != other:
            ck = (one, other) if one < other else (other, one)
            o[ck] = o.get(ck, 0) + count
    return _figures(_Sums(n, o), sum(crossing.values()))


def _figures(sums: _Sums, items: int) -> tuple[Figure, Figure]:
    if not items:
        none = Figure(None, 0, 0, NO_PAIRS)
        return none, none
    return _figure(_nominal(sums), sums, items), _figure(_ordinal(sums), sums, items)


def _figure(value: float | None, sums: _Sums, items: int) -> Figure:
    return Figure(value, items, sum(sums.n), NO_VARIATION if value is None else None)


def intervals(patterns: Mapping[Pattern, int], seed: int, samples: int) -> tuple[Interval, Interval]:
    """The 95 % confidence intervals of the nominal and the ordinal alpha, from the same `samples` resamples.

    Percentile bootstrap over items (Efron and Tibshirani 1993, chapter 13): as many items are drawn with replacement
    as there are; its coverage for alpha: A. Zapf et al. (2016), https://doi.org/10.1186/s12874-016-0200-9. Equal
    seeds give equal intervals, whatever the order of the items. Resamples without variation have no alpha and are
    left out; if they are more than the interval itself leaves out (5 %), there is none. Items of very many kinds get
    fewer resamples.
    """
    table = _table(patterns)
    reason = _no_interval(table, samples)
    if reason:
        none = Interval(None, None, LEVEL, 0, reason)
        return none, none
    samples = min(samples, max(FEWEST, DRAWS // len(table.weights)))
    draws = (_sums(table, draw) for draw in _draws(table, seed, samples))
    nominal, ordinal = zip(*((_nominal(sums), _ordinal(sums)) for sums in draws), strict=True)
    return _percentiles(nominal), _percentiles(ordinal)


def _table(patterns: Mapping[Pattern, int]) -> _Table:
    kinds = sorted(pattern for pattern, weight in patterns.items() if weight > 0 and sum(pattern) > 1)
    margins = [_Column([], []) for _ in (kinds[0] if kinds else ())]
    coincidences: dict[tuple[int, int], _Column] = {}
    for at, kind in enumerate(kinds):
        given = [(verdict, count) for verdict, count in enumerate(kind) if count]
        others = sum(kind) - 1
        for verdict, count in given:
            _add(margins[verdict], at, count)
        for (c, own), (k, theirs) in combinations(given, 2):
            _add(coincidences.setdefault((c, k), _Column([], [])), at, own * theirs / others)
    return _Table([patterns[kind] for kind in kinds], margins, coincidences)


def _add(column: _Column, kind: int, share: float) -> None:
    column.kinds.append(kind)
    column.shares.append(share)


def _sums(table: _Table, weights: Sequence[int]) -> _Sums:
    n = [int(column.weighed(weights)) for column in table.margins]
    return _Sums(n, {ck: column.weighed(weights) for ck, column in table.coincidences.items()})


def _nominal(sums: _Sums) -> float | None:
    """1 - D_o / D_e where verdicts are the same or not, or None where only one verdict was given."""
    total = sum(sums.n)
    expected = (total**2 - sum(map(mul, sums.n, sums.n))) // 2
    return 1 - (total - 1) * sum(sums.o.values()) / expected if expected else None


def _ordinal(sums: _Sums) -> float | None:
    """The same where verdicts lie as far apart as there are ratings between them on the scale."""
    total, places = sum(sums.n), _places(sums.n)
    # The sum of n_c n_k δ²_ck over all c < k, in whole numbers: exact, and in time linear in the scale.
    moments = list(map(mul, sums.n, places))
    expected = total * sum(map(mul, moments, places)) - sum(moments) ** 2
    observed = sum(met * (places[k] - places[c]) ** 2 for (c, k), met in sums.o.items())
    return 1 - (total - 1) * observed / expected if expected else None


def _places(n: Sequence[int]) -> list[int]:
    """Where each verdict lies on the ordinal scale: twice the rank of the middle one of its ratings."""
    return [2 * upto - own for own, upto in zip(n, accumulate(n), strict=True)]


def _no_interval(table: _Table, samples: int) -> str | None:
    if samples < 1:
        return NO_SAMPLES
    if _nominal(_sums(table, table.weights)) is None:
        return NO_VARIATION if table.weights else NO_PAIRS
    return ONE_ITEM if sum(table.weights) == 1 else None


def _draws(table: _Table, seed: int, samples: int) -> Iterator[list[int]]:
    """For each resample, how many items of each kind are in it."""
    random = Random(seed)  # noqa: S311 (statistics; the same seed must give the same draws)
    return (multinomial(random, table.weights) for _ in range(samples))


def _percentiles(values: Sequence[float | None]) -> Interval:
    found = sorted(value for value in values if value is not None)
    tail = (1 - LEVEL) / 2
    if len(found) < LEVEL * len(values):
        return Interval(None, None, LEVEL, len(found), FEW_SAMPLES)
    low, high = floor(tail * len(found)), ceil((1 - tail) * len(found)) - 1
    return Interval(found[low], found[high], LEVEL, len(found))
