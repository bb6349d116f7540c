"""Agreement on spans is what a count over single code points gives, and what was published."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.figures import Figure
from api.rules.span_agreement import Marked, SpanAgreement, Stretch, span_agreement

stretches = st.lists(st.tuples(st.integers(-3, 25), st.integers(-3, 25)), max_size=4)
readings = st.dictionaries(st.sampled_from("wxyz"), stretches, max_size=4)
articles = st.lists(st.builds(Marked, st.integers(-1, 20), readings), max_size=4)


def marked(length: int, **given: list[Stretch]) -> SpanAgreement:
    return span_agreement([Marked(length, given)])


def shifted(given: Mapping[str, list[Stretch]], by: int) -> dict[str, list[Stretch]]:
    return {name: [(start + by, end + by) for start, end in own] for name, own in given.items()}


def test_three_observers_of_a_continuum_as_published() -> None:
    """Krippendorff (2019), "Content Analysis", 4th edition, figure 12.11: |uα = 0.413, from rounded parts."""
    found = marked(
        60,
        alex=[(0, 7), (7, 13), (30, 32), (32, 37), (37, 44), (44, 60)],
        paul=[(0, 7), (7, 13), (13, 21), (32, 44)],
        suzan=[(0, 7), (7, 13), (13, 21), (32, 37), (37, 41), (41, 44)],
    )
    assert found.alpha == Figure(pytest.approx(0.4136, abs=5e-5), items=1, ratings=3)


def test_two_who_half_agree() -> None:
    found = marked(10, ada=[(0, 4)], bob=[(2, 6)])
    assert found.f1 == Figure(0.5, items=1, ratings=2)
    # 8 of 20 code points marked, 4 meetings of marked and unmarked; 400 - (2 * 16 + 12) pairs that chance may make.
    assert found.alpha.value == pytest.approx(1 - 4 * (400 - 44) / (20 * 8 * 12))
    assert found.pairs[0].annotators == ("ada", "bob")
    assert (found.pairs[0].f1.value, found.pairs[0].alpha.value) == (0.5, found.alpha.value)


def test_the_mean_is_over_pairs_that_have_a_value() -> None:
    found = marked(10, ada=[(0, 4)], bob=[(0, 4)], cy=[(0, 2), (1, 2)], dee=[])
    assert found.f1.value == pytest.approx((1 + 2 / 3 + 2 / 3 + 0 + 0 + 0) / 6)
    idle = span_agreement([Marked(10, {"ada": [], "bob": []}), Marked(10, {"ada": [(0, 1)], "cy": [(0, 1)]})])
    assert idle.f1 == Figure(1, items=2, ratings=4)
    assert [pair.f1.reason for pair in idle.pairs] == [
        "Neither marked anything in the articles that both read.",
        None,
        "The two read no article in common.",
    ]


@given(articles)
def test_f1_is_what_sets_of_code_points_give(articles: list[Marked]) -> None:
    for pair in span_agreement(articles).pairs:
        one, other = (
            {
                (number, at)
                for number, article in enumerate(articles)
                if set(pair.annotators) <= set(article.stretches)
                for start, end in article.stretches[name]
                for at in range(max(start, 0), min(end, article.length))
            }
            for name in pair.annotators
        )
        if one or other:
            assert pair.f1.value == pytest.approx(2 * len(one & other) / (len(one) + len(other)))
        else:
            assert pair.f1.value is None


@given(articles)
def test_whatever_comes_in_there_is_a_value_or_a_reason(articles: list[Marked]) -> None:
    found = span_agreement(articles)
    for figure in (found.f1, found.alpha, *(figure for pair in found.pairs for figure in (pair.f1, pair.alpha))):
        assert (figure.value is None) == (figure.reason is not None)
        assert figure.value is None or figure.value <= 1


@given(st.lists(st.tuples(st.integers(1, 20), stretches), max_size=4))
def test_annotators_who_mark_the_same_have_one_wherever_there_is_a_value(
    articles: list[tuple[int, list[Stretch]]],
) -> None:
    found = span_agreement(Marked(length, {"w": own, "x": own[::-1] + own, "y": own}) for length, own in articles)
    assert {found.f1.value, found.alpha.value} <= {1, None}
    assert (found.f1.value is None) <= (found.alpha.value is None)


@given(articles)
def test_who_is_who_and_which_article_is_first_does_not_matter(articles: list[Marked]) -> None:
    names = {"w": "z", "x": "y", "y": "x", "z": "w"}
    swapped = [Marked(a.length, {names[name]: own for name, own in a.stretches.items()}) for a in articles[::-1]]
    one, other = span_agreement(articles), span_agreement(swapped)
    assert one.alpha == other.alpha
    assert (one.f1.value is None) == (other.f1.value is None)
    assert one.f1.value is None or one.f1.value == pytest.approx(other.f1.value)


@given(st.integers(1, 20), st.integers(1, 20), *[st.fixed_dictionaries({"w": stretches, "x": stretches})] * 2)
def test_articles_with_the_same_readers_are_one_article_laid_end_to_end(
    first: int, second: int, here: dict[str, list[Stretch]], there: dict[str, list[Stretch]]
) -> None:
    def inside(given: dict[str, list[Stretch]], length: int) -> dict[str, list[Stretch]]:
        return {name: [(max(s, 0), min(e, length)) for s, e in own] for name, own in given.items()}

    moved = shifted(inside(there, second), first)
    joined = {name: own + moved[name] for name, own in inside(here, first).items()}
    apart, together = span_agreement([Marked(first, here), Marked(second, there)]), marked(first + second, **joined)
    assert (apart.f1.value, apart.alpha.value) == (together.f1.value, together.alpha.value)


@given(st.integers(2, 20), st.data())
def test_marking_more_of_what_another_marked_raises_f1(length: int, data: st.DataObject) -> None:
    end = data.draw(st.integers(2, length))
    values = [marked(length, ada=[(0, end)], bob=[(0, upto)]).f1.value for upto in range(1, end + 1)]
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_articles_read_by_one_count_for_nothing() -> None:
    nobody = Figure(None, 0, 0, "No article was marked by two annotators.")
    assert marked(9, ada=[(0, 3)]) == SpanAgreement(nobody, nobody, ())


@pytest.mark.parametrize("own", [[], [(0, 9)], [(-5, 4), (4, 99)]])
def test_all_or_nothing_marked_can_not_be_told_from_chance(own: list[Stretch]) -> None:
    found = marked(9, ada=own, bob=own, cy=own)
    assert found.alpha.reason == "All text or none was marked, so agreement can't be told from chance."
    assert len(found.pairs) == len(list(combinations("abc", 2)))
    assert found.f1.value == (1 if own else None)
