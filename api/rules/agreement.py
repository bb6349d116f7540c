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

from api.rules.alpha import NO_PAIRS, NO_VARIATION, Pattern, alpha, intervals
from api.rules.figures import Figure, Interval

Rating = tuple[str, str, str]
"""The item, the rater, the verdict."""
Sheet = Mapping[str, Mapping[str, int]]
"""Item → rater → the verdict's place on the scale, from 0."""
Crossing = Mapping[tuple[int, int], int]
"""How many items got each two verdicts from two raters, the first rater's verdict first."""

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
    given = {(item, rater): verdict for item, rater, verdict in ratings}
    sheet: dict[str, dict[str, int]] = {}
    for (item, rater), verdict in given.items():
        if verdict in places:
            sheet.setdefault(item, {})[rater] = places[verdict]
    counted = sum(map(len, sheet.values()))
    patterns = Counter(_pattern(row.values(), len(places)) for row in sheet.values() if len(row) > 1)
    nominal, ordinal = intervals(patterns, seed, samples)
    return Agreement(
        items=len(sheet),
        raters=len({rater for row in sheet.values() for rater in row}),
        ratings=counted,
        left_out=len(given) - counted,
        observed=observed(patterns),
        fleiss=fleiss_kappa(patterns),
        alpha_nominal=alpha(patterns, "nominal"),
        alpha_ordinal=alpha(patterns, "ordinal"),
        interval_nominal=nominal,
        interval_ordinal=ordinal,
        pairs=_pairs(sheet, len(places)),
    )


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
    first, second = Counter[int](), Counter[int]()
    for (one, other), count in crossing.items():
        first[one] += count
        second[other] += count
    agreed = items * sum(count for (one, other), count in crossing.items() if one == other)
    by_chance = sum(count * second[verdict] for verdict, count in first.items())
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
    crossings: dict[tuple[str, str], Counter[tuple[int, int]]] = {two: Counter() for two in combinations(raters, 2)}
    for row in sheet.values():
        for one, other in combinations(sorted(row), 2):
            crossings[one, other][row[one], row[other]] += 1
    return tuple(_pair(two, crossing, verdicts) for two, crossing in crossings.items())


def _pair(raters: tuple[str, str], crossing: Crossing, verdicts: int) -> Pair:
    if not crossing:
        none = Figure(None, 0, 0, NONE_SHARED)
        return Pair(raters, none, none, none, none)
    patterns = Counter[Pattern]()
    for two, count in crossing.items():
        patterns[_pattern(two, verdicts)] += count
    nominal, ordinal = alpha(patterns, "nominal"), alpha(patterns, "ordinal")
    return Pair(raters, observed(patterns), cohen_kappa(crossing), nominal, ordinal)


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
