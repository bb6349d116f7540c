"""Random draws that the standard library lacks: how many of each kind are in a resample.

Source: W. Hörmann (1993), "The generation of binomial random variates", Journal of Statistical Computation and
Simulation 46; its algorithm BTRS, whose constants stand here.
"""

from collections import Counter
from collections.abc import Sequence
from math import floor, lgamma, log, log1p, sqrt
from random import Random

FEW_EACH = 4
"""With fewer items of a kind than this, on average, drawing them one by one is faster."""
MANY = 10
"""From this mean on, counting one success after another takes longer than the transformed rejection."""


def multinomial(random: Random, counts: Sequence[int]) -> list[int]:
    """How often each kind comes, if as many items as there are get drawn with replacement, `counts` of each kind.

    The same distribution as drawing them one by one, in time that grows with the kinds instead of the items.

    >>> sum(multinomial(Random(1), [60_000, 30_000, 10_000]))
    100000
    """
    items = sum(counts)
    if items < FEW_EACH * len(counts):
        return _one_by_one(random, counts)
    drawn, left, among = [], items, items
    for count in counts:
        here = binomial(random, left, count / among) if left else 0
        drawn.append(here)
        left -= here
        among -= count
    return drawn


def _one_by_one(random: Random, counts: Sequence[int]) -> list[int]:
    items = [kind for kind, count in enumerate(counts) for _ in range(count)]
    drawn = Counter(random.choices(items, k=len(items)) if items else [])
    return [drawn[kind] for kind in range(len(counts))]


def binomial(random: Random, n: int, p: float) -> int:
    """How many of n independent trials succeed, each with the probability p."""
    if p > 0.5:
        return n - binomial(random, n, 1 - p)
    if n * p < MANY:
        return _few(random, n, p)
    return _many(random, n, p)


def _few(random: Random, n: int, p: float) -> int:
    """Leaps from success to success: the failures between them are geometrically distributed."""
    fails = log1p(-p)
    if not fails:
        return 0
    successes, trials = -1, 0
    while trials <= n:
        trials += floor(log(1 - random.random()) / fails) + 1
        successes += 1
    return successes


def _many(random: Random, n: int, p: float) -> int:
    spread = sqrt(n * p * (1 - p))
    b = 1.15 + 2.53 * spread
    a = -0.0873 + 0.0248 * b + 0.01 * p
    c = n * p + 0.5
    inside = 0.92 - 4.2 / b
    while True:
        u, v = random.random() - 0.5, 1 - random.random()
        us = 0.5 - abs(u)
        k = floor((2 * a / us + b) * u + c) if us else -1
        if not 0 <= k <= n:
            continue
        if us >= 0.07 and v <= inside:
            return k
        if log(v * (2.83 + 5.1 / b) * spread / (a / (us * us) + b)) <= _likelihood(n, p, k):
            return k


def _likelihood(n: int, p: float, k: int) -> float:
    """The logarithm of how much likelier the most frequent count is than k, below 0."""
    mode = floor((n + 1) * p)
    odds = (k - mode) * log(p / (1 - p))
    return odds + lgamma(mode + 1) + lgamma(n - mode + 1) - lgamma(k + 1) - lgamma(n - k + 1)
