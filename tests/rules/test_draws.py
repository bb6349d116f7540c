"""Draws follow the distributions they are named after."""

from collections import Counter
from math import comb, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.draws import binomial, multinomial

DRAWN = 20_000


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (5, 0.5), (12, 0.9), (40, 0.1), (40, 0.26), (60, 0.5), (200, 0.06), (30, 0.97)]
)
def test_every_count_comes_as_often_as_its_probability(n: int, p: float) -> None:
    random = Random(7)
    found = Counter(binomial(random, n, p) for _ in range(DRAWN))
    assert found.keys() <= set(range(n + 1))
    expected = [DRAWN * comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    frequent = [k for k in range(n + 1) if expected[k] >= 5]
    distance = sum((found[k] - expected[k]) ** 2 / expected[k] for k in frequent)
    # Chi squared with so many degrees of freedom lies below this in all but one of about ten thousand cases.
    assert distance < len(frequent) + 4 * sqrt(2 * len(frequent)) + 4


@pytest.mark.parametrize(("n", "p"), [(100_000, 1e-5), (100_000, 0.02), (1_000_000, 0.5), (100_000, 0.9999)])
def test_large_counts_have_the_right_mean_and_spread(n: int, p: float) -> None:
    random = Random(11)
    drawn = [binomial(random, n, p) for _ in range(DRAWN)]
    mean = sum(drawn) / DRAWN
    variance = sum((each - mean) ** 2 for each in drawn) / DRAWN
    assert mean == pytest.approx(n * p, abs=4 * sqrt(n * p * (1 - p) / DRAWN))
    assert variance == pytest.approx(n * p * (1 - p), rel=0.06)


@pytest.mark.parametrize(("n", "p", "only"), [(0, 0.5, 0), (9, 0.0, 0), (9, 1.0, 9), (9, 1e-300, 0)])
def test_what_is_certain_comes_every_time(n: int, p: float, only: int) -> None:
    random = Random(3)
    assert {binomial(random, n, p) for _ in range(50)} == {only}


@given(st.lists(st.integers(0, 300), max_size=8), st.integers())
def test_a_resample_has_as_many_items_as_there_are_of_kinds_there_are(counts: list[int], seed: int) -> None:
    drawn = multinomial(Random(seed), counts)
    assert sum(drawn) == sum(counts)
    assert all(count or not here for count, here in zip(counts, drawn, strict=True))


@pytest.mark.parametrize("times", [1, 10])
def test_kinds_vary_together_as_in_draws_of_single_items(times: int) -> None:
    """Few items are drawn one by one, many by kinds: the covariance of two kinds is -n p q either way."""
    counts, random = [5 * times, 3 * times, 2 * times], Random(5)
    drawn = [multinomial(random, counts) for _ in range(DRAWN)]
    together = sum((first - 5 * times) * (second - 3 * times) for first, second, _ in drawn) / DRAWN
    assert together == pytest.approx(-10 * times * 0.5 * 0.3, rel=0.05)
    spread = sum((third - 2 * times) ** 2 for *_, third in drawn) / DRAWN
    assert spread == pytest.approx(10 * times * 0.2 * 0.8, rel=0.05)
