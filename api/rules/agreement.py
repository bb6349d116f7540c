"""How far raters agree on verdicts: all together, and each two of them.

Sources: J. Cohen (1960), "A coefficient of agreement for nominal scales", Educational and Psychological Measurement
20(1); J. L. Fleiss (1971), "Measuring nominal scale agreement among many raters", Psychological Bulletin 76(5);
Krippendorff's alpha: see api/rules/alpha.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import cast

from api.rules.alpha import NO_PAIRS, NO_VARIATION, Crossing, Pattern, alphas, alphas_of_two, intervals
from api.rules.figures import Figure, Interval

Rating = tuple[str, str, str]
"""The item, the rater, the verdict."""
Sheet = Mapping[str, Mapping[str, int]]
"""Item → rater → the verdict's place on the scale, from 0."""

NONE_SHARED = "The two rated no item in common."
UNEQUAL = "Items have from {} to {} ratings, and Fleiss' kappa needs the same number for each."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two raters, in the order of their names, over the items that both rated."""

    raters: tuple[str, str]
    observed: Figure
    kappa: Figure
    alpha_nominal: Figure
    alpha_ordinal: Figure


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the ratings amount to, over the items that at least two raters rated.

    `items`, `raters` and `ratings` count what was given; `left_out` the ratings whose verdict is not on the scale.
    """

    items: int
    raters: int
    ratings: int
    left_out: int
    observed: Figure
    fleiss: Figure
    alpha_nominal: Figure
    alpha_ordinal: Figure
    interval_nominal: Interval
    interval_ordinal: Interval
    pairs: tuple[Pair, ...]


def agreement(ratings: Iterable[Rating], scale: Sequence[str], *, seed: int = 0, samples: int = 1000) -> Agreement:
    """All figures for the ratings, on the scale's verdicts in their order.

    Of several ratings of one item by one rater the last counts. `seed` and `samples` are for the intervals of alpha;
    0 samples leave them out. The ordinal alpha means something only where the scale is an order.

    >>> found = agreement([("c1", "ada", "true"), ("c1", "bob", "false")], ["true", "false"])
    >>> found.alpha_nominal.value, found.pairs[0].observed
    (0.0, Figure(value=0.0, items=1, ratings=2, reason=None))
    """
    places = {verdict: place for place, verdict in enumerate(dict.fromkeys(scale))}
    sheet, left_out = _sheet(ratings, places)
    patterns = _patterns(sheet, len(places))
    nominal, ordinal = alphas(patterns)
    interval_nominal, interval_ordinal = intervals(patterns, seed, samples)
    return Agreement(
        items=len(sheet),
        raters=len({rater for row in sheet.values() for rater in row}),
        ratings=sum(map(len, sheet.values())),
        left_out=left_out,
        observed=observed(patterns),
        fleiss=fleiss_kappa(patterns),
        alpha_nominal=nominal,
        alpha_ordinal=ordinal,
        interval_nominal=interval_nominal,
        interval_ordinal=interval_ordinal,
        pairs=_pairs(sheet, len(places)),
    )


def _sheet(ratings: Iterable[Rating], places: Mapping[str, int]) -> tuple[Sheet, int]:
    """The ratings on the scale, and how many are not on it."""
    given: dict[str, dict[str, int | None]] = {}
    for item, rater, verdict in ratings:
        given.setdefault(item, {})[rater] = places.get(verdict)
    off = [(item, rater) for item, row in given.items() if None in row.values() for rater in row if row[rater] is None]
    for item, rater in off:
        del given[item][rater]
    return {item: cast(dict[str, int], row) for item, row in given.items() if row}, len(off)


def _patterns(sheet: Sheet, verdicts: int) -> dict[Pattern, int]:
    """How many of the items that at least two raters rated have each pattern."""
    kinds = Counter(tuple(sorted(row.values())) for row in sheet.values() if len(row) > 1)
    return {_pattern(given, verdicts): count for given, count in kinds.items()}


def observed(patterns: Mapping[Pattern, int]) -> Figure:
    """Percent agreement, from 0 to 1: the share of an item's pairs of raters that agree, on average over items."""
    rated = {pattern: count for pattern, count in patterns.items() if sum(pattern) > 1}
    items, ratings = sum(rated.values()), _ratings(rated)
    if not items:
        return Figure(None, 0, 0, NO_PAIRS)
    share = sum(count * Fraction(_agreeing(kind), _both(sum(kind))) for kind, count in rated.items())
    return Figure(float(share / items), items, ratings)


def cohen_kappa(crossing: Crossing) -> Figure:
    """Cohen's kappa of two raters: each one's chance of a verdict is their own share of it."""
    items = sum(crossing.values())
    if not items:
        return Figure(None, 0, 0, NONE_SHARED)
    first, second = dict[int, int](), dict[int, int]()
    agreed = 0
    for (one, other), count in crossing.items():
        first[one] = first.get(one, 0) + count
        second[other] = second.get(other, 0) + count
        agreed += count * items if one == other else 0
    by_chance = sum(count * second.get(verdict, 0) for verdict, count in first.items())
    if by_chance == items**2:
        return Figure(None, items, 2 * items, NO_VARIATION)
    return Figure((agreed - by_chance) / (items**2 - by_chance), items, 2 * items)


def fleiss_kappa(patterns: Mapping[Pattern, int]) -> Figure:
    """Fleiss' kappa over the items that at least two raters rated; all must have the same number of ratings."""
    rated = {pattern: count for pattern, count in patterns.items() if sum(pattern) > 1}
    items, ratings = sum(rated.values()), _ratings(rated)
    if not items:
        return Figure(None, 0, 0, NO_PAIRS)
    fewest, most = min(map(sum, rated)), max(map(sum, rated))
    if fewest != most:
        return Figure(None, items, ratings, UNEQUAL.format(fewest, most))
    given = [sum(kind[place] * count for kind, count in rated.items()) for place in range(len(next(iter(rated))))]
    agreed = Fraction(sum(count * _agreeing(kind) for kind, count in rated.items()), items * _both(most))
    by_chance = Fraction(sum(own**2 for own in given), ratings**2)
    if by_chance == 1:
        return Figure(None, items, ratings, NO_VARIATION)
    return Figure(float((agreed - by_chance) / (1 - by_chance)), items, ratings)


def _pairs(sheet: Sheet, verdicts: int) -> tuple[Pair, ...]:
    raters = sorted({rater for row in sheet.values() for rater in row})
    crossings: dict[tuple[str, str], dict[tuple[int, int], int]] = {two: {} for two in combinations(raters, 2)}
    for row in sheet.values():
        for (one, first), (other, second) in combinations(sorted(row.items()), 2):
            crossing = crossings[one, other]
            crossing[first, second] = crossing.get((first, second), 0) + 1
    return tuple(_pair(two, crossing, verdicts) for two, crossing in crossings.items())


def _pair(raters: tuple[str, str], crossing: Crossing, verdicts: int) -> Pair:
    if not crossing:
        none = Figure(None, 0, 0, NONE_SHARED)
        return Pair(raters, none, none, none, none)
    items = sum(crossing.values())
    agreed = sum(count for (one, other), count in crossing.items() if one == other)
    nominal, ordinal = alphas_of_two(crossing, verdicts)
    return Pair(raters, Figure(agreed / items, items, 2 * items), cohen_kappa(crossing), nominal, ordinal)


def _pattern(given: Iterable[int], verdicts: int) -> Pattern:
    counts = [0] * verdicts
    for place in given:
        counts[place] += 1
    return tuple(counts)


def _ratings(patterns: Mapping[Pattern, int]) -> int:
    return sum(count * sum(pattern) for pattern, count in patterns.items())


def _agreeing(pattern: Pattern) -> int:
    """How many ordered pairs of an item's raters agree."""
    return sum(_both(count) for count in pattern)


def _both(raters: int) -> int:
    """How many ordered pairs so many raters make."""
    return raters * (raters - 1)
