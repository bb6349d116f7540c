"""The coefficients give what their authors published, and keep what was proved of them."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from math import isclose
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.rules.agreement import Agreement, Rating, agreement
from api.rules.alpha import DRAWS
from api.rules.figures import Figure, Interval

SCALE = ["true", "mostly", "half", "false", "absurd"]
ratings = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("wxyz"), st.sampled_from(SCALE)),
    unique_by=lambda rating: rating[:2],
    max_size=32,
)


def rows(*observers: str) -> list[Rating]:
    """One string an observer, one letter an item; a dot is an item the observer skipped."""
    given = ((str(at), str(who), verdict) for who, row in enumerate(observers) for at, verdict in enumerate(row))
    return [rating for rating in given if rating[2] != "."]


def crossed(table: Iterable[Sequence[int]]) -> list[Rating]:
    """How many items got verdict i from one rater and j from the other."""
    twos = [(i, j) for i, row in enumerate(table) for j, count in enumerate(row) for _ in range(count)]
    return rows("".join(str(i) for i, _ in twos), "".join(str(j) for _, j in twos))


def spread(counts: Iterable[Sequence[int]]) -> list[Rating]:
    """How many raters gave each verdict to each item."""
    items = [[str(v) for v, count in enumerate(row) for _ in range(count)] for row in counts]
    return [(str(item), str(rater), v) for item, given in enumerate(items) for rater, v in enumerate(given)]


def point(ratings: Iterable[Rating], scale: Sequence[str] = SCALE) -> Agreement:
    return agreement(ratings, scale, samples=0)


def values(found: Agreement) -> list[float | None]:
    overall = [found.observed, found.fleiss, found.alpha_nominal, found.alpha_ordinal]
    pairs = [[pair.observed, pair.kappa, pair.alpha_nominal, pair.alpha_ordinal] for pair in found.pairs]
    return [figure.value for figure in sum(pairs, overall)]


def alike(one: float | None, other: float | None) -> bool:
    return one == other if one is None or other is None else isclose(one, other, abs_tol=1e-9)


# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", examples A to D.


def test_two_observers_of_binary_data_as_published() -> None:
    found = point(rows("0100000010", "1110010000"), "01")
    assert found.alpha_nominal == Figure(pytest.approx(0.0952, abs=5e-5), items=10, ratings=20)
    assert found.observed.value == 0.6


def test_two_observers_of_nominal_data_as_published() -> None:
    found = point(rows("aabbdcccedda", "babbbccceddd"), "abcde")
    assert found.alpha_nominal == Figure(pytest.approx(0.6920, abs=5e-5), items=12, ratings=24)
    assert found.pairs[0].alpha_nominal == found.alpha_nominal


def test_four_observers_who_skipped_items_as_published() -> None:
    found = point(rows("123321412...", "1233224125.3", ".3332342251.", "12332441251."), "12345")
    assert found.alpha_nominal == Figure(pytest.approx(0.7434, abs=5e-5), items=11, ratings=40)
    assert found.alpha_ordinal == Figure(pytest.approx(0.8154, abs=5e-5), items=11, ratings=40)
    assert found.ratings == 41
    assert found.fleiss.reason == "Items have from 2 to 4 ratings, and Fleiss' kappa needs the same number for each."


def test_six_psychiatrists_as_published_by_fleiss_in_1971() -> None:
    counts = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
                00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""
    found = point(spread([list(map(int, row)) for row in counts.split()]), "01234")
    assert found.fleiss == Figure(pytest.approx(0.4302, abs=5e-5), items=30, ratings=180)
    assert found.observed.value == pytest.approx(0.5556, abs=5e-5)


def test_two_clinicians_as_published_by_cohen_in_1960() -> None:
    found = point(crossed([[88, 14, 18], [10, 40, 10], [2, 6, 12]]), "012")
    assert found.pairs[0].observed.value == 0.7
    assert found.pairs[0].kappa == Figure(pytest.approx(0.4915, abs=5e-5), items=200, ratings=400)


# What was proved.


@given(ratings)
def test_raters_who_agree_on_everything_have_one_wherever_there_is_a_value(given: list[Rating]) -> None:
    verdicts = {item: verdict for item, _, verdict in given}
    found = point((item, rater, verdicts[item]) for item, rater, _ in given)
    assert {value for value in values(found) if value is not None} <= {1}


@given(ratings, st.randoms())
def test_the_order_of_the_ratings_does_not_matter(given: list[Rating], random: Random) -> None:
    shuffled = random.sample(given, len(given))
    assert agreement(shuffled, SCALE, samples=20) == agreement(given, SCALE, samples=20)


@given(ratings)
def test_who_is_who_does_not_matter(given: list[Rating]) -> None:
    swapped = point((item, {"w": "z", "z": "w"}.get(rater, rater), verdict) for item, rater, verdict in given)
    before = {frozenset(pair.raters): pair for pair in point(given).pairs}
    for pair in swapped.pairs:
        same = before[frozenset({"w": "z", "z": "w"}.get(rater, rater) for rater in pair.raters)]
        assert (pair.kappa, pair.alpha_ordinal, pair.observed) == (same.kappa, same.alpha_ordinal, same.observed)


@given(ratings, st.permutations(SCALE))
def test_all_but_the_ordinal_alpha_ignore_the_names_of_the_verdicts(given: list[Rating], names: list[str]) -> None:
    renamed = dict(zip(SCALE, names, strict=True))
    one, other = point(given), point((item, rater, renamed[verdict]) for item, rater, verdict in given)
    assert alike(one.alpha_nominal.value, other.alpha_nominal.value)
    assert (one.observed, one.fleiss) == (other.observed, other.fleiss)
    assert [pair.kappa for pair in one.pairs] == [pair.kappa for pair in other.pairs]


@given(ratings)
def test_a_scale_read_backwards_gives_the_same_ordinal_alpha(given: list[Rating]) -> None:
    assert alike(point(given).alpha_ordinal.value, point(given, SCALE[::-1]).alpha_ordinal.value)


@given(ratings)
def test_between_two_verdicts_ordinal_is_nominal(given: list[Rating]) -> None:
    found = point([rating for rating in given if rating[2] in SCALE[:2]])
    assert alike(found.alpha_nominal.value, found.alpha_ordinal.value)


@given(ratings, st.permutations(SCALE))
def test_agreeing_more_with_the_same_verdicts_raises_every_figure(given: list[Rating], names: list[str]) -> None:
    """Two raters who disagree crosswise on two items come to agree: chance stays, what was observed rises."""
    one, other, *_ = names
    two = [(item, rater, verdict) for item, rater, verdict in given if rater in "wx"]
    apart = [("i", "w", one), ("i", "x", other), ("j", "w", other), ("j", "x", one)]
    close = [("i", "w", one), ("i", "x", one), ("j", "w", other), ("j", "x", other)]
    for less, more in zip(values(point(two + apart)), values(point(two + close)), strict=True):
        assert less is None or (more is not None and less < more)


@given(st.lists(st.lists(st.sampled_from(SCALE), min_size=3, max_size=3), min_size=1, max_size=12))
def test_with_equal_numbers_of_ratings_alpha_is_fleiss_kappa_for_a_small_sample(items: list[list[str]]) -> None:
    """1 - alpha = (1 - kappa) (n - 1) / n, as both have the same disagreement over chance with and without return."""
    found = point((str(i), str(r), verdict) for i, item in enumerate(items) for r, verdict in enumerate(item))
    kappa, alpha, n = found.fleiss.value, found.alpha_nominal.value, found.ratings
    assert (kappa is None) == (alpha is None)
    assert kappa is None or alpha is None or isclose(1 - alpha, (1 - kappa) * (n - 1) / n, abs_tol=1e-9)


@given(ratings)
def test_items_rated_once_count_for_nothing(given: list[Rating]) -> None:
    lonely = [("lonely", "w", "absurd")]
    one, other = agreement(given, SCALE, samples=9), agreement(given + lonely, SCALE, samples=9)
    assert (other.items, other.ratings) == (one.items + 1, one.ratings + 1)
    assert (one.alpha_ordinal, one.fleiss, one.interval_nominal) == (
        other.alpha_ordinal,
        other.fleiss,
        other.interval_nominal,
    )


@given(st.lists(st.tuples(*[st.text(max_size=1)] * 3)), st.lists(st.text(max_size=1)), st.integers(), st.integers(0, 9))
def test_whatever_comes_in_there_is_a_value_or_a_reason(
    given: list[Rating], scale: list[str], seed: int, samples: int
) -> None:
    found = agreement(given, scale, seed=seed, samples=samples)
    for part in (found, *found.pairs):
        for figure in (getattr(part, field.name) for field in fields(part)):
            if isinstance(figure, Figure):
                assert (figure.value is None) == (figure.reason is not None)
                assert figure.value is None or -1 <= figure.value <= 1
            if isinstance(figure, Interval):
                assert (figure.low is None) == (figure.high is None) == (figure.reason is not None)


# Where there is no value.


def test_no_ratings_at_all_is_said_so() -> None:
    found = agreement([], SCALE)
    assert (found.items, found.raters, found.ratings, found.pairs) == (0, 0, 0, ())
    assert found.alpha_nominal == found.fleiss == Figure(None, 0, 0, "No item was rated by two raters.")
    assert found.interval_nominal.reason == "No item was rated by two raters."


def test_one_verdict_throughout_agrees_but_not_beyond_chance() -> None:
    found = agreement(rows("aaa", "aaa"), "ab")
    assert found.observed.value == 1
    reason = "Only one verdict was ever given, so agreement can't be told from chance."
    assert {found.alpha_nominal.reason, found.fleiss.reason, found.pairs[0].kappa.reason} == {reason}
    assert found.interval_ordinal.reason == reason


def test_raters_who_share_no_item_are_a_pair_without_figures() -> None:
    pairs = {pair.raters: pair for pair in point(rows("ab.", "aba", "..b"), "ab").pairs}
    assert pairs["0", "2"].kappa == Figure(None, 0, 0, "The two rated no item in common.")
    assert pairs["0", "1"].kappa == Figure(1, 2, 4)


def test_verdicts_off_the_scale_are_left_out_and_counted() -> None:
    found = point([*rows("ab", "ab"), ("9", "0", "gone")], "ab")
    assert (found.left_out, found.ratings, found.raters, found.items) == (1, 4, 2, 2)


def test_of_two_ratings_by_one_rater_the_last_counts() -> None:
    assert point([("i", "w", "true"), *rows("ab", "aa"), ("1", "1", "b")], "ab").pairs[0].observed.value == 1


# The interval.


def test_an_interval_depends_on_its_seed_alone() -> None:
    given = rows("aabbdcccedda" * 9, "babbbccceddd" * 9)
    one, same, other = (agreement(given, "abcde", seed=seed).interval_nominal for seed in (1, 1, 2))
    assert one == same != other


def test_more_items_narrow_the_interval_around_the_value() -> None:
    few, many = (agreement(rows("aabbcc" * times, "aabcca" * times), "abc") for times in (5, 80))
    widths = []
    for found in (few, many):
        low, high, value = found.interval_nominal.low, found.interval_nominal.high, found.alpha_nominal.value
        assert low is not None
        assert high is not None
        assert value is not None
        assert low < value < high
        widths.append(high - low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.2)


def test_an_interval_is_that_of_draws_of_single_items() -> None:
    """The same as drawing items one by one and working alpha out anew each time, but for chance."""
    given = rows("aabbcc" * 10, "aabcca" * 10)
    items = [given[at :: len(given) // 2] for at in range(len(given) // 2)]
    random = Random(3)
    found = []
    for _ in range(1000):
        drawn = enumerate(random.choices(items, k=len(items)))
        value = point(((str(at), rater, v) for at, item in drawn for _, rater, v in item), "abc").alpha_nominal.value
        found.append(value or 0)
    found.sort()
    interval = agreement(given, "abc", seed=1).interval_nominal
    assert interval.low == pytest.approx(found[25], abs=0.03)
    assert interval.high == pytest.approx(found[974], abs=0.03)


def test_items_of_very_many_kinds_get_fewer_resamples_and_say_so() -> None:
    random = Random(1)
    scale = [str(verdict) for verdict in range(50)]
    given = [(str(item), str(rater), random.choice(scale)) for item in range(2_000) for rater in range(4)]
    kinds = len({tuple(sorted(verdict for _, _, verdict in given[at : at + 4])) for at in range(0, len(given), 4)})
    found = agreement(given, scale)
    assert found.interval_nominal.samples == DRAWS // kinds < 1000
    assert found.interval_nominal.low is not None


def test_an_interval_is_refused_where_resamples_too_often_hold_one_verdict() -> None:
    found = agreement(rows("ab", "ab"), "ab")
    assert found.alpha_nominal.value == 1
    assert found.interval_nominal.reason == "Too many resamples hold only one verdict, so their alpha is undefined."
    assert agreement(rows("a", "b"), "ab").interval_nominal.reason is not None


# Others' programs.


@given(ratings)
def test_alpha_is_what_the_package_krippendorff_gives(given: list[Rating]) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    patterns = [[sum(r[0] == item and r[2] == v for r in given) for v in SCALE] for item in "abcdefgh"]
    pairable = [row for row in patterns if sum(row) > 1]
    assume(len([column for column in zip(*pairable, strict=True) if any(column)]) > 1)
    found = point(given)
    for level, figure in (("nominal", found.alpha_nominal), ("ordinal", found.alpha_ordinal)):
        theirs = krippendorff.alpha(
            value_counts=pairable, value_domain=list(range(len(SCALE))), level_of_measurement=level
        )
        assert figure.value == pytest.approx(float(theirs), abs=1e-9)
