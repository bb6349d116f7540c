"""Words are matched at most once, surely where they are single, and not at all where nobody can tell."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.text.matching import MOVED_GAP, MOVED_LEAST, Gaps, matched
from api.text.runs import Region, Run

NAMES = [f"{place}{n}" for n in range(6) for place in ("harbour", "market", "station", "church")]
words = st.lists(st.sampled_from([*NAMES, "the", "a", "甲", ","]), max_size=40)


@st.composite
def rearranged(draw: st.DrawFn) -> tuple[str, str]:
    """Words, and the same with stretches moved, and others in their place or between them."""
    old = draw(st.permutations(NAMES)) + draw(words)
    new = list(old)
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(new))), draw(st.integers(3, 16))
        moved, new = new[at : at + length], new[:at] + new[at + length :]
        inside = draw(st.integers(0, len(moved)))
        moved[inside : inside + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from(["the", "a", *NAMES]), max_size=2)
        )
        to = draw(st.integers(0, len(new)))
        new[to:to] = moved
    return " ".join(old), " ".join(new)


def gaps_of(old: str, new: str) -> Gaps:
    return Gaps(old, new, [Region(0, len(old), 0, len(new))])


@given(rearranged() | st.tuples(words, words).map(lambda pair: (" ".join(pair[0]), " ".join(pair[1]))))
def test_every_word_is_matched_at_most_once_and_with_its_like(pair: tuple[str, str]) -> None:
    gaps = gaps_of(*pair)
    stayed, moved = matched(gaps)
    for runs in (stayed, *moved):
        assert all(gaps.old[run.old : run.old_end] == gaps.new[run.new : run.new_end] for run in runs)
        assert all(one.old_end <= two.old and one.new_end <= two.new for one, two in pairwise(runs))
    everything = [run for runs in (stayed, *moved) for run in runs]
    for side in ("old", "new"):
        taken = [getattr(run, side) + n for run in everything for n in range(run.length)]
        assert len(taken) == len(set(taken))


def test_typography_does_not_make_another_word() -> None:
    gaps = gaps_of("“No” – he said", '"No" - he said')
    stayed, moved = matched(gaps)
    assert (stayed, moved) == ([Run(0, 0, 6)], [])
    assert gaps.in_letters(stayed) == [Run(1, 1, 2), Run(7, 7, 2), Run(10, 10, 4)]


MOVED = "every merchant ship had quickly left the crowded harbour before noon"


@pytest.mark.parametrize("edited", [MOVED, MOVED.replace("left", "really left"), MOVED.replace("left ", "")])
def test_a_moved_passage_stays_one_when_a_word_of_it_changes(edited: str) -> None:
    rest = " ".join(f"word{n}" for n in range(30))
    stayed, moved = matched(gaps_of(f"{MOVED} {rest}", f"{rest} {edited}"))
    assert stayed == [Run(11, 0, 30)]
    assert len(moved) == 1
    assert (moved[0][0].old, moved[0][-1].old_end) == (0, 11)


def test_a_few_short_words_that_went_elsewhere_are_no_moved_passage() -> None:
    rest = "one two three four five six seven eight nine ten"
    assert matched(gaps_of(f"to be or {rest}", f"{rest} to be or"))[1] == []


def test_no_run_of_words_reaches_from_one_gap_to_the_next() -> None:
    old, new = "a b c\nSame line.\nd e f", "a b c d e f\nSame line."
    gaps = Gaps(old, new, [Region(0, 6, 0, 12), Region(17, 22, 22, 22)])
    stayed, _ = matched(gaps)
    assert all(gaps.in_letters([run]) for run in stayed)
    assert sum(run.length for run in stayed) == 3


REST = " ".join(f"word{n}" for n in range(60))


@pytest.mark.parametrize(("before", "behind"), [("", ""), ("of the of the ", " of the of the"), ("the the ", " ,")])
def test_a_moved_passage_takes_in_the_repeated_words_at_its_ends(before: str, behind: str) -> None:
    passage = f"{before}{MOVED}{behind}"
    length = len(passage.split())
    moved_back, moved_forth = (
        gaps_of(f"{passage} {REST}", f"{REST} {passage}"),
        gaps_of(f"{REST} {passage}", f"{passage} {REST}"),
    )
    among_others = gaps_of(f"x {passage} y {REST}", f"{REST} z {passage} w")
    assert matched(moved_back) == ([Run(length, 0, 60)], [[Run(0, 60, length)]])
    assert matched(moved_forth) == ([Run(0, length, 60)], [[Run(60, 0, length)]])
    assert matched(among_others) == ([Run(length + 2, 0, 60)], [[Run(1, 61, length)]])


def test_of_two_moved_passages_one_has_the_full_stop_that_both_claim() -> None:
    one, two = "Alpha beta gamma delta", "Epsilon zeta eta theta"
    for old, new, passages in [
        (f"{one}. {two}. {REST}.", f"{REST}. {two}. {one}.", [Run(0, 66, 5), Run(5, 61, 5)]),
        (f"{REST}. {one}. {two}.", f"{two}. {one}. {REST}.", [Run(61, 5, 5), Run(66, 0, 5)]),
        (f"{REST}. {one}. {two}", f"{two}. {one}. {REST}.", [Run(61, 5, 5), Run(66, 0, 4)]),
        (f"{REST}. {one}, {two}.", f"{two}. {one} {REST}", [Run(60, 4, 5), Run(66, 0, 4)]),
    ]:
        assert matched(gaps_of(old, new))[1] == [[run] for run in passages]


@pytest.mark.parametrize(("words", "is_moved"), [("seven words here", False), ("seventy words here", True)])
def test_a_moved_passage_has_a_weight_of_its_own(words: str, is_moved: bool) -> None:
    assert len("seventywordshere") == MOVED_LEAST
    for old, new in [(f"{words} {REST}", f"{REST} {words}"), (f"{REST} {words}", f"{words} {REST}")]:
        assert bool(matched(gaps_of(old, new))[1]) == is_moved


def test_a_few_short_words_that_moved_do_not_hide_a_passage_behind_them() -> None:
    old, new = f"to be or {REST} {MOVED}", f"{MOVED} {REST} to be or"
    assert matched(gaps_of(old, new)) == ([Run(3, 11, 60)], [[Run(63, 0, 11)]])


@pytest.mark.parametrize(("between", "passages"), [(MOVED_GAP, 1), (MOVED_GAP + 1, 2)])
def test_parts_of_a_passage_are_one_if_few_words_came_between_them(between: int, passages: int) -> None:
    first, second = "every merchant ship had", "quickly left the crowded harbour"
    more = " ".join(f"more{n}" for n in range(between))
    longer, shorter = f"{first} {more} {second}", f"{first} {second}"
    for one, other in [(longer, shorter), (shorter, longer)]:
        assert len(matched(gaps_of(f"{one} {REST}", f"{REST} {other}"))[1]) == passages
