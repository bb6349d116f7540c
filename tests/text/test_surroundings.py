"""Words that are still there are kept where they say what they said: beside their word, in their sentence and row."""

import pytest

from api.text.surroundings import FAR, PUT_BETWEEN, SAYS_LITTLE
from api.text.words import weight
from tests.text.test_anchoring import shown

OTHER = "wholly other words, which nobody had written there before that day,"
GONE = "Long opening words that nobody needs any more. " * 12


@pytest.mark.parametrize(("before", "after"), [("", ""), ("", GONE), (GONE, "")])
def test_a_number_is_kept_if_one_word_beside_it_is(before: str, after: str) -> None:
    """However much was put in or taken out before."""
    old = f"{before}Start. Hill got 61 votes. End."
    for new, outcome in [
        (f"Start. Hill got 61 {OTHER}. End.", "kept"),
        (f"Start. {OTHER} 61 votes. End.", "kept"),
        (f"Start. {OTHER} 61 {OTHER}. End.", "changed"),
    ]:
        assert shown(old, after + new, "61") == (outcome, "61")


@pytest.mark.parametrize("unit", ["kg", "万"])
def test_a_unit_that_follows_at_once_is_a_word_beside_a_number(unit: str) -> None:
    assert shown(f"Start. Hill got 61{unit}. End.", f"Start. {OTHER} 61{unit}. End.", "61") == ("kept", "61")


@pytest.mark.parametrize(("more", "outcome"), [(0, "kept"), (1, "changed")])
def test_only_a_few_words_may_come_between_a_number_and_the_word_beside_it(more: int, outcome: str) -> None:
    """Besides twice what was there before."""
    between = "z" * (PUT_BETWEEN + more)
    old, twice_the = "Start. Hill got 61 votes. End.", "z" * len("thethe")
    assert shown(old, f"Start. Hill got {between} 61 {OTHER}. End.", "61") == (outcome, "61")
    assert shown(old, f"Start. {OTHER} 61 {between} votes. End.", "61") == (outcome, "61")
    old = "Start. Hill got the 61 the votes. End."
    assert shown(old, f"Start. Hill got {between}{twice_the} 61 {OTHER}. End.", "61") == (outcome, "61")
    assert shown(old, f"Start. {OTHER} 61 {between}{twice_the} votes. End.", "61") == (outcome, "61")


@pytest.mark.parametrize("between", ["So. ", "\n", "So.\n\n"])
def test_no_line_or_sentence_may_come_between_them(between: str) -> None:
    outcome, _ = shown("Start. Hill got 61 votes. End.", f"Start. Hill got {between}61 {OTHER}. End.", "61")
    assert outcome == "changed"
    outcome, _ = shown("Start. Hill got 61 votes. End.", f"Start. {OTHER} 61 {between}votes. End.", "61")
    assert outcome == "changed"


@pytest.mark.parametrize(("before", "after"), [("", ""), (GONE, ""), ("", GONE)])
def test_the_ends_of_a_text_are_something_to_stand_beside(before: str, after: str) -> None:
    assert shown(f"61 votes. End.{before}", f"61 {OTHER}. End.{after}", "61") == ("kept", "61")
    assert shown(f"{before}Start. Hill got 61", f"{after}Start. {OTHER} 61", "61") == ("kept", "61")


@pytest.mark.parametrize(("length", "outcome"), [(FAR - 1, "kept"), (FAR, "changed")])
def test_far_from_the_ends_of_a_text_nothing_stands_beside_them(length: int, outcome: str) -> None:
    gone, come = "x" * (length - 1), "z" * (length - 1)
    assert shown(f"{gone} 61 votes. End.", f"{come} 61 {OTHER}. End.", "61") == (outcome, "61")
    assert shown(f"Start. Hill got 61 {gone}", f"Start. {OTHER} 61 {come}", "61") == (outcome, "61")


@pytest.mark.parametrize(("words", "outcome"), [("opened a shop", "changed"), ("opened a store", "kept")])
def test_few_words_that_stand_with_the_label_of_another_row_are_changed(words: str, outcome: str) -> None:
    assert (weight(words) < SAYS_LITTLE) == (outcome == "changed")
    assert shown(f"Homs {words} 17\nHill closed 28\n", f"Homs {words} 28\n", words) == (outcome, words)


def test_the_label_of_another_row_is_seen_where_a_text_begins_too() -> None:
    assert shown("Homs 17 died\nHill 28 fell\nEnd\n", "Homs 28 fell\nEnd\n", "28") == ("changed", "28")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Adams said that\n61 people died.", "Adams said that\n\n61 people died.", "61 people died"),
        ("It was 61 people, said the mayor.", "It was 61 people. So said the mayor.", "61 people"),
        ("It was 61 people, said the mayor.", "It was so. 61 people, said the mayor.", "61 people"),
        ("Adams said that 61 died. He wept.", "Adams said that. 61 died. He wept.", "61 died. He wept"),
        ("He wept. 61 died, said Adams.", "He wept. 61 died. So said Adams.", "He wept. 61 died"),
    ],
)
def test_words_that_a_full_stop_or_paragraph_parts_from_their_sentence_are_changed(
    old: str, new: str, words: str
) -> None:
    assert shown(old, new, words) == ("changed", words)


@pytest.mark.parametrize("new", ["She said so. Idlib planted 76 women.", "He said so. Idlib planted 77 women, or 76."])
def test_the_full_stop_within_a_span_parts_it_from_nothing(new: str) -> None:
    words = "so. Idlib planted"
    assert shown("He said so. Idlib planted 76 women.", new, words) == ("kept", words)
