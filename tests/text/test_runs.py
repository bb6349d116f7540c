"""What two sequences share: the heaviest runs in order, and only what nobody could match another way."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.text.runs import Region, Run, _heaviest, agreed, between, groups, in_order, joined, once_each


def pairs(runs: list[Run]) -> list[tuple[int, int]]:
    return [(run.old + n, run.new + n) for run in runs for n in range(run.length)]


def is_in_order(runs: list[Run]) -> bool:
    return all(run.length > 0 for run in runs) and all(
        one.old_end <= two.old and one.new_end <= two.new for one, two in pairwise(runs)
    )


def weight(runs: list[Run]) -> int:
    return sum(run.length for run in runs)


def heaviest(runs: list[Run]) -> int:
    """The weight of the heaviest choice in order, by trying all of them."""
    choices = (choice for size in range(len(runs) + 1) for choice in combinations(runs, size))
    return max(weight(list(choice)) for choice in choices if is_in_order(list(choice)))


@st.composite
def shuffled(draw: st.DrawFn) -> list[Run]:
    """Runs that share nothing on either side, as of a text whose pieces were put in another order."""
    lengths = draw(st.lists(st.integers(1, 5), max_size=8))
    places, at = {}, 0
    for n in draw(st.permutations(range(len(lengths)))):
        places[n], at = at, at + lengths[n]
    return [Run(sum(lengths[:n]), places[n], length) for n, length in enumerate(lengths)]


overlapping = st.lists(st.builds(Run, st.integers(0, 15), st.integers(0, 15), st.integers(1, 6)), max_size=8).map(
    sorted
)


@given(shuffled())
def test_of_pieces_in_another_order_the_heaviest_that_kept_theirs_stay(runs: list[Run]) -> None:
    kept = _heaviest(runs)
    assert is_in_order(kept)
    assert set(pairs(kept)) <= set(pairs(runs))
    assert weight(kept) == heaviest(runs)


def test_of_two_pieces_that_changed_places_neither_stays_unless_one_is_far_heavier() -> None:
    assert in_order([Run(0, 5, 4), Run(4, 0, 5)]) == []
    assert in_order([Run(0, 11, 4), Run(4, 0, 11)]) == [Run(4, 0, 11)]


@given(overlapping)
def test_runs_that_claim_the_same_are_cut_until_they_are_apart(runs: list[Run]) -> None:
    kept = in_order(runs)
    assert is_in_order(kept)
    assert set(pairs(kept)) <= set(pairs(runs))


def test_what_two_runs_claim_neither_gets() -> None:
    assert in_order([Run(0, 0, 4), Run(3, 5, 4)]) == [Run(0, 0, 3), Run(4, 6, 3)]
    assert in_order([Run(0, 0, 4), Run(5, 2, 6)]) == [Run(0, 0, 2), Run(7, 4, 4)]


@given(st.lists(st.integers(1, 4), max_size=6), st.integers(0, 5))
def test_runs_that_touch_with_the_same_shift_become_one(lengths: list[int], shift: int) -> None:
    runs = [Run(sum(lengths[:n]), sum(lengths[:n]) + shift, length) for n, length in enumerate(lengths)]
    assert joined(runs) == ([Run(0, shift, sum(lengths))] if lengths else [])


@given(shuffled(), st.integers(0, 3), st.integers(0, 3))
def test_runs_and_what_lies_between_them_make_up_the_region(runs: list[Run], old_more: int, new_more: int) -> None:
    kept = in_order(runs)
    region = Region(0, weight(runs) + old_more, 0, weight(runs) + new_more)
    gaps = list(between(kept, region))
    assert all(max(gap.sizes) > 0 for gap in gaps)
    old = [n for gap in gaps for n in range(*gap[:2])] + [i for i, _ in pairs(kept)]
    new = [n for gap in gaps for n in range(*gap[2:])] + [j for _, j in pairs(kept)]
    assert sorted(old) == list(range(region.old_end))
    assert sorted(new) == list(range(region.new_end))


def test_between_no_runs_lies_the_whole_region() -> None:
    assert list(between([], Region(2, 5, 3, 3))) == [Region(2, 5, 3, 3)]
    assert list(between([], Region(2, 2, 3, 3))) == []


@given(st.text("abc", max_size=12), st.text("abc", max_size=12), st.integers(1, 3))
def test_only_pieces_that_come_once_on_each_side_are_sure(old: str, new: str, size: int) -> None:
    found = list(once_each(groups(old, 0, len(old), size), groups(new, 0, len(new), size)))
    single = [at for at in range(len(old) - size + 1) if count(old, old[at : at + size]) == 1]
    assert found == [
        Run(at, new.index(old[at : at + size]), size) for at in single if count(new, old[at : at + size]) == 1
    ]


def count(text: str, piece: str) -> int:
    return sum(text.startswith(piece, at) for at in range(len(text)))


@given(st.text("ab ", max_size=14), st.text("ab ", max_size=14))
def test_what_is_agreed_on_is_equal_and_in_order(old: str, new: str) -> None:
    runs = agreed(old, new)
    assert is_in_order(runs)
    assert all(old[run.old : run.old_end] == new[run.new : run.new_end] for run in runs)


def common(old: str, new: str, without: tuple[int, int] | None = None) -> int:
    """The length of a longest common subsequence that does not use this pair."""
    row = [0] * (len(new) + 1)
    for i, letter in enumerate(old):
        above = row
        row = [0]
        for j, other in enumerate(new):
            match = above[j] + 1 if letter == other and (i, j) != without else 0
            row.append(max(match, row[j], above[j + 1]))
    return row[-1]


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_what_every_longest_match_needs_is_agreed_on(old: str, new: str) -> None:
    longest = common(old, new)
    needed = {
        (i, j)
        for i, letter in enumerate(old)
        for j, other in enumerate(new)
        if letter == other and common(old, new, without=(i, j)) < longest
    }
    assert needed <= set(pairs(agreed(old, new)))


@given(st.text("abc", min_size=1, max_size=4), st.integers(0, 6), st.integers(1, 4))
def test_nothing_is_agreed_on_where_one_of_equal_rows_went_or_came(row: str, left: int, gone: int) -> None:
    more, fewer = row * (left + gone), row * left
    assert agreed(more, fewer) == agreed(fewer, more) == []
    framed = agreed(f"x{more}y", f"x{fewer}y")
    assert pairs(framed) == [(0, 0), (len(more) + 1, len(fewer) + 1)]


def test_where_only_one_of_many_was_changed_the_others_are_agreed_on() -> None:
    assert agreed("abXab", "abYab") == [Run(0, 0, 2), Run(3, 3, 2)]


@given(st.text("ab", max_size=12))
def test_equal_sequences_agree_on_everything(text: str) -> None:
    assert weight(agreed(text, text)) == len(text)


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [(0, 9, Run(2, 5, 4)), (3, 9, Run(3, 6, 3)), (0, 3, Run(2, 5, 1)), (3, 5, Run(3, 6, 2))],
)
def test_a_run_is_cut_on_both_sides_alike(start: int, end: int, part: Run) -> None:
    assert Run(2, 5, 4).cut(start, end) == part
