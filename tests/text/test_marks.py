"""Marks go from text to text, and remember the words that somebody confirmed."""

from dataclasses import replace

import pytest

from api.text.alignment import Alignment, align
from api.text.marks import Mark, carried, in_text_order, marked, needs_attention, stands_on, worst_outcome
from api.text.spans import cut

FIRST = "On Monday 61 people were killed in the city. The mayor spoke on Tuesday."
WORDS = "61 people were killed"


def mark_of(words: str = WORDS, text: str = FIRST) -> Mark:
    start = text.index(words)
    return marked(cut(text, start, start + len(words)), 1)


def through(*texts: str, mark: Mark | None = None) -> Mark:
    """The mark, carried from the first text through the others as a revision each."""
    known = [FIRST, *texts]
    mark = mark or mark_of()
    for n, text in enumerate(texts, 2):
        mark = carried(mark, n, text, lambda old, text=text: align(known[old - 1], text))
    return mark


def test_a_mark_stands_where_a_reviewer_put_it_for_certain() -> None:
    mark = mark_of()
    assert (mark.revision, mark.start, mark.end, mark.exact) == (1, 10, 31, WORDS)
    assert (mark.outcome, mark.score, mark.confirmed) == ("marked", 1.0, None)
    assert (mark.from_revision, mark.from_start, mark.from_end) == (1, 10, 31)


def test_a_kept_mark_says_where_it_came_from() -> None:
    mark = through("Update. " + FIRST)
    assert (mark.outcome, mark.revision, mark.exact, mark.confirmed) == ("kept", 2, WORDS, None)
    assert (mark.from_revision, mark.from_start, mark.from_end) == (1, 10, 31)
    assert (mark.start, mark.prefix) == (18, "Update. On Monday ")


def test_a_changed_mark_remembers_the_words_it_was_made_on_through_later_changes() -> None:
    mark = through(FIRST.replace("61", "63"), FIRST.replace("61", "64"))
    assert (mark.outcome, mark.exact, mark.confirmed) == ("changed", "64 people were killed", WORDS)


def test_words_that_are_changed_back_are_the_confirmed_ones_again() -> None:
    mark = through(FIRST.replace("61", "63"), FIRST)
    assert (mark.outcome, mark.exact, mark.confirmed) == ("changed", WORDS, None)


def test_a_lost_mark_keeps_its_last_words_and_the_text_it_stood_on() -> None:
    gone = FIRST.partition(". ")[2]
    mark = through(gone, gone + " More.")
    assert (mark.outcome, mark.exact, mark.start, mark.revision) == ("orphaned", WORDS, 10, 3)
    assert stands_on(mark) == mark.from_revision == 1


def test_a_lost_mark_says_where_its_words_last_stood() -> None:
    gone = FIRST.partition(". ")[2]
    mark = through("Update. " + FIRST, gone)
    assert (mark.outcome, mark.revision, mark.exact) == ("orphaned", 3, WORDS)
    assert (mark.from_revision, mark.from_start, mark.from_end) == (2, 18, 39)


def test_the_score_of_a_mark_says_how_much_of_it_the_last_text_has_left() -> None:
    """Here all but “ 61 ” of it and its surroundings; of a lost one, of its letters those of “were”."""
    kept, changed = through("Update. " + FIRST), through(FIRST.replace("61", "63"))
    lost = through(FIRST.replace("61 people were killed", "some were hurt"))
    lost_twice = through(FIRST.partition(". ")[2], "Nothing.")
    assert (kept.score, changed.score) == (1.0, round(59 / 63, 3))
    assert (lost.outcome, lost.score) == ("orphaned", round(4 / 18, 3))
    assert (lost_twice.outcome, lost_twice.score) == ("orphaned", 0.0)


def test_a_lost_mark_is_not_looked_for_before_the_text_has_its_very_words() -> None:
    def aligned_with(revision: int) -> Alignment:
        raise AssertionError(f"Nothing of revision {revision} can be found.")

    lost = through(FIRST.partition(". ")[2])
    again = carried(lost, 3, FIRST.replace("61", "63"), aligned_with)
    assert (again.outcome, again.revision, again.score) == ("orphaned", 3, 0.0)


def test_a_lost_mark_is_found_again_from_the_text_it_last_stood_on() -> None:
    gone = FIRST.partition(". ")[2]
    mark = through(gone, "Restored: " + FIRST)
    assert (mark.outcome, mark.start, mark.from_revision) == ("kept", 20, 1)


def test_a_lost_mark_does_not_come_back_on_other_words() -> None:
    gone = FIRST.partition(". ")[2]
    assert through(gone, FIRST.replace("61", "63")).outcome == "orphaned"


def test_a_lost_mark_does_not_come_back_in_the_row_of_another() -> None:
    table = "Killed\n1,061\nHurt\n103\n"
    lost = replace(mark_of("1,061", table), outcome="orphaned")
    mark = carried(lost, 3, "Killed\n63\nHurt\n1,061\n", lambda _: align(table, "Killed\n63\nHurt\n1,061\n"))
    assert (mark.outcome, mark.exact, mark.start) == ("orphaned", "1,061", table.index("1,061"))


@pytest.mark.parametrize(
    ("texts", "need"),
    [
        (["Update. " + FIRST], None),
        ([FIRST.replace("61", "63")], "text_changed"),
        ([FIRST.partition(". ")[2]], "orphaned"),
    ],
)
def test_attention_is_needed_where_words_are_not_those_that_somebody_confirmed(
    texts: list[str], need: str | None
) -> None:
    kept = through(*["Update. " + FIRST] * len(texts), mark=mark_of("The mayor spoke"))
    assert needs_attention([kept, through(*texts)]) == need
    assert needs_attention([through(*texts), kept]) == need


def test_a_claim_is_as_well_off_as_its_worst_span() -> None:
    marks = [mark_of(), through("Update. " + FIRST), through(FIRST.replace("61", "63"))]
    assert [worst_outcome(marks[:n]) for n in (1, 2, 3)] == ["marked", "kept", "changed"]
    assert worst_outcome([through(FIRST.partition(". ")[2]), *marks]) == "orphaned"


def test_marks_stand_in_the_order_of_the_text_the_shorter_first() -> None:
    words = ["The mayor", "On Monday", "61 people were killed", "On", "61 people"]
    in_order = ["On", "On Monday", "61 people", "61 people were killed", "The mayor"]
    assert [mark.exact for mark in in_text_order(map(mark_of, words))] == in_order
