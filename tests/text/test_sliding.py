"""What was taken out or put in begins where a line or sentence does, if by its letters it may."""

import pytest

from api.text.runs import Region, Run
from api.text.sliding import FURTHEST, slid, trimmed


def turned(runs: list[Run]) -> list[Run]:
    """The runs with the texts exchanged: what was taken out is then put in."""
    return [Run(run.new, run.old, run.length) for run in runs]


def found(old: str, new: str) -> set[str]:
    """What is slid out of the old text, from each place where as much can be taken out of it to make the new one."""
    more, slidden = len(old) - len(new), set()
    for at in range(1, len(new)):
        if old[:at] + old[at + more :] == new:
            runs = [Run(0, 0, at), Run(at + more, at, len(new) - at)]
            one, other = slid(old, new, runs)
            assert slid(new, old, turned(runs)) == turned([one, other])
            slidden.add(old[one.old_end : other.old])
    return slidden


@pytest.mark.parametrize(
    ("before", "more", "behind"),
    [
        # A sentence rather than words, also the first of a paragraph or one in quotation marks.
        ("Hill got 61 votes. ", "Adams got 61 votes. ", "Clark got 10."),
        ("He spoke. ", "Hill got 61 votes. ", "Hill won."),
        ("“No!” he said. ", "“No!” ", "He left."),
        ("甲乙。", "丙乙。", "丙丁。"),
        # A line or paragraph rather than a sentence.
        ("a. b\n", "c. b\n", "c. d\n"),
        ("One.\n\n", "Two.\n\n", "Three."),
        # A word rather than a part of one.
        ("so many ", "trees ", "tree houses"),
    ],
)
def test_a_line_a_sentence_or_a_word_was_taken_out_or_put_in(before: str, more: str, behind: str) -> None:
    assert found(before + more + behind, before + behind) == {more}


@pytest.mark.parametrize(("rows", "left_out"), [(2, "A\nA\n"), (4, "A\nA\nA\nA\n")])
def test_which_of_several_equal_lines_was_taken_out_is_left_open(rows: int, left_out: str) -> None:
    assert found("x\n" + "A\n" * rows + "y\n", "x\n" + "A\n" * (rows - 1) + "y\n") == {left_out}


def test_of_places_that_only_white_space_tells_apart_the_last_is_taken() -> None:
    assert found("One. \n\nTwo.\n\n \n\nThree.", "One. \n\nTwo.\n\nThree.") == {" \n\n"}


def test_what_both_sides_begin_with_has_stayed() -> None:
    old, new = "a b c b d", "a b d"
    assert slid(old, new, [Run(0, 0, 1), Run(7, 3, 2)]) == slid(old, new, [Run(0, 0, 3), Run(7, 3, 2)])


def test_what_was_replaced_stays_where_it_is() -> None:
    runs = [Run(0, 0, 4), Run(7, 8, 4)]
    assert slid("The cat sat", "The bird sat", runs) == runs


def test_runs_with_nothing_different_between_them_become_one() -> None:
    assert slid("ab cd", "ab cd", [Run(0, 0, 2), Run(3, 3, 2)]) == [Run(0, 0, 5)]
    assert slid("xx ab-cd", "ab-cd", [Run(3, 0, 2), Run(6, 3, 2)]) == [Run(3, 0, 5)]
    assert slid("ab", "ab", [Run(0, 0, 2)]) == [Run(0, 0, 2)]
    assert slid("ab", "cd", []) == []


def test_nothing_is_slid_further_than_the_limit() -> None:
    for length, slides in ((FURTHEST + 1, True), (FURTHEST + 2, False)):
        row, rest = "b" * length, "b" * (length - 1)
        old, new = f"\n{row}\n{rest}", f"\n{rest}"
        begins_a_line = slid(old, new, [Run(0, 0, length), Run(2 * length + 1, length, 0)])[0]
        assert (begins_a_line.length == 1) == slides


@pytest.mark.parametrize(
    ("old", "new", "between"),
    [
        (" cat ", " dog ", ("cat", "dog")),
        ("\n\ncat ", "\n\n ", ("cat", "")),
        (" cat", "\tdog", (" cat", "\tdog")),
        ("cat", "car", ("cat", "car")),
        (" ", " ", ("", "")),
        ("  ", " ", (" ", "")),
    ],
)
def test_white_space_that_both_sides_share_is_no_difference(old: str, new: str, between: tuple[str, str]) -> None:
    whole = Region(1, 1 + len(old), 2, 2 + len(new))
    region = trimmed(f"x{old}y", f"xx{new}y", whole)
    assert (f"x{old}y"[region.old_start : region.old_end], f"xx{new}y"[region.new_start : region.new_end]) == between
