"""Marks go from text to text, and remember the words that somebody confirmed."""

import pytest

from api.text.alignment import align
from api.text.marks import Mark, carried, marked, needs_attention, stands_on, worst_outcome
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


def test_a_lost_mark_is_found_again_from_the_text_it_last_stood_on() -> None:
    gone = FIRST.partition(". ")[2]
    mark = through(gone, "Restored: " + FIRST)
    assert (mark.outcome, mark.start, mark.from_revision) == ("kept", 20, 1)


def test_a_lost_mark_does_not_come_back_on_other_words() -> None:
    gone = FIRST.partition(". ")[2]
    assert through(gone, FIRST.replace("61", "63")).outcome == "orphaned"


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
