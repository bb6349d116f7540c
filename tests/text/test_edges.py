"""Where an edited span begins and ends: with what replaced its own words, without those that went far from the rest."""

import pytest

from api.text.anchoring import LONGEST_GAP, STRAY
from tests.text.test_anchoring import found, shown

MORE = "and here come many other words that nobody had written before, "


@pytest.mark.parametrize(
    ("old", "new", "words", "now"),
    [
        ("Sixty trees were planted there", "Seventy trees were planted here", "Sixty trees", "Seventy trees"),
        ("Sixty trees were planted there", "Seventy trees were planted here", "planted there", "planted here"),
        ("All of it is true for all", "Every bit of it is true for us all", "All of it", "Every bit of it"),
        ("It is true for all", "It is true for every one", "true for all", "true for every one"),
        ("A tree grew here.", "My own tree grew here.", "A tree", "My own tree"),
        ("One tree grew here.", "A tree grew here.", "One tree", "A tree"),
    ],
)
def test_at_the_ends_of_a_text_too_a_span_takes_in_what_replaced_its_words(
    old: str, new: str, words: str, now: str
) -> None:
    assert shown(old, new, words) == ("changed", now)


def test_of_what_replaced_more_than_the_span_it_takes_in_as_many_words_as_it_lost() -> None:
    assert shown("He ate all of it and left. End.", "He ate all of that which came. End.", "He ate all of it") == (
        "changed",
        "He ate all of that",
    )
    old, new = "In May it rained a lot there. End.", "All June long nobody slept a lot there. End."
    assert shown(old, new, "it rained a lot there") == ("changed", "nobody slept a lot there")
    assert shown(old, new, "rained a lot there") == ("changed", "slept a lot there")


@pytest.mark.parametrize(("more", "is_taken_in"), [(13, True), (14, False)])
def test_what_is_far_longer_than_the_words_it_replaced_is_not_taken_in(more: int, is_taken_in: bool) -> None:
    """At most twice as long, and eight code points: here for “grew” and the space before it."""
    old, new = "He said that trees grew. End of it.", f"He said that trees {'w' * more}here. End of it."
    assert (len(" grew"), len(f" {'w' * more}here")) == (5, 2 * 5 + 8 + (0 if is_taken_in else 1))
    assert shown(old, new, "He said that trees grew") == (
        "changed",
        f"He said that trees {'w' * more}here" if is_taken_in else "He said that trees",
    )


@pytest.mark.parametrize(("length", "is_taken_in"), [(LONGEST_GAP, True), (LONGEST_GAP + 1, False)])
def test_very_long_stretches_are_not_looked_through_for_what_replaced_words(length: int, is_taken_in: bool) -> None:
    kept = " ".join(f"word{n}" for n in range(200))
    gone, come = (f" {letter * (length - 2)} " for letter in "zw")
    assert shown(f"{kept}{gone}End of it", f"{kept}{come}End of it", f"{kept}{gone}".strip()) == (
        "changed",
        f"{kept}{come}".strip() if is_taken_in else kept,
    )


@pytest.mark.parametrize(
    ("span", "edited", "now"),
    [
        ("He said that the mayor left.", "He {}said that the mayor left.", "said that the mayor left."),
        ("The mayor said that he left", "The mayor said that he {}left", "The mayor said that he"),
        ("So the mayor said that he left", "So {}the mayor said that he {}left", "the mayor said that he"),
        ("So it was the mayor who left", "So {}it was {}the mayor who left", "the mayor who left"),
        ("the mayor said he left it all", "the mayor said he left {}it {}all", "the mayor said he left"),
        ("the mayor said that he left", "the mayor said {}that he left", "the mayor said {}that he left"),
    ],
)
def test_a_first_or_last_word_is_no_part_of_a_passage_that_went_far_from_it(span: str, edited: str, now: str) -> None:
    anchored = shown(f"Start. {span}. End.", f"Start. {edited.replace('{}', MORE)}. End.", span)
    assert anchored == ("changed", now.replace("{}", MORE))


@pytest.mark.parametrize(("more", "is_part"), [(0, True), (1, False)])
def test_how_far_a_word_may_go_depends_on_how_long_it_is(more: int, is_part: bool) -> None:
    first, last = "z" * (STRAY * len("So ") + more - 1), "z" * (STRAY * len("left") + more - 1)
    begins, ends = f"So {first} the mayor had left", f"The mayor had {last} left"
    assert shown("Start. So the mayor had left. End.", f"Start. {begins}. End.", "So the mayor had left") == (
        "changed",
        begins if is_part else "the mayor had left",
    )
    assert shown("Start. The mayor had left. End.", f"Start. {ends}. End.", "The mayor had left") == (
        "changed",
        ends if is_part else "The mayor had",
    )


def test_a_word_far_from_the_rest_goes_though_more_was_put_between_longer_parts() -> None:
    far, farther = "z" * 29, "w" * 39
    old = "Start. So the mayor said that he left early. End."
    new = f"Start. So {far} the mayor said {farther} that he left early. End."
    now = f"the mayor said {farther} that he left early"
    assert shown(old, new, "So the mayor said that he left early") == ("changed", now)


def test_half_of_the_letters_are_enough_and_less_are_not() -> None:
    assert shown("He saw abcd efgh there.", "He saw abcd there.", "abcd efgh")[0] == "changed"
    assert shown("He saw abcd efghi there.", "He saw abcd there.", "abcd efghi") == ("orphaned", None)


@pytest.mark.parametrize(("more", "outcome"), [(99, "changed"), (100, "orphaned")])
def test_words_that_are_strewn_among_three_times_as_many_letters_are_no_passage(more: int, outcome: str) -> None:
    span, strewn = "The mayor of Harlow planted many trees.", f"The mayor of Harlow {'z' * more} planted many trees."
    assert len("".join(span.split())) == 33
    anchored = found(f"Start. {span} End.", f"Start. {strewn} End.", span)
    assert (anchored.outcome, anchored.place) == (outcome, (7, 7 + len(strewn)) if outcome == "changed" else None)


def test_scores_have_three_decimals() -> None:
    assert found("He saw abcd efghi there.", "He saw abcd there.", "abcd efghi").score == round(4 / 9, 3)
    assert found("It said 61 died. More soon.", "Later it said 63 died. More soon.", "61 died").score == 0.741


def test_half_a_span_does_not_take_the_words_before_it_from_another_sentence() -> None:
    """The council's sentence was deleted; what it said of leaving is not what the mayor's says."""
    old, new = "The mayor left. The council left. Goma,61\n", "The mayor left. Goma,61\n"
    assert shown(old, new, "left. Goma,61") == ("changed", "Goma,61")
    assert shown(old, new, "council left. Goma") == ("orphaned", None)
