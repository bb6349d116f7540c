"""A quote that stands nowhere is refused with the passages that may have been meant, and none of them is taken."""

from typing import Any

import pytest

from api.errors import Invalid
from api.text.spans import CONTEXT, LONGEST, NEAREST, Quote, place
from api.text.units import Rulers


def candidates(text: str, quote: Quote) -> list[dict[str, Any]]:
    """What the refusal of a quote that does not stand in the text offers."""
    with pytest.raises(Invalid) as refused:
        place(Rulers(text), quote)
    (fault,) = refused.value.faults
    assert fault.code == "quote_not_found"
    found: list[dict[str, Any]] = refused.value.faults[0].candidates
    assert all(text[each["start"] : each["end"]] == each["exact"] for each in found)
    return found


def offered(text: str, words: str) -> list[str]:
    return [each["exact"] for each in candidates(text, Quote(words))]


def test_an_absent_quote_names_the_nearest_passage_and_how_alike_it_is() -> None:
    (candidate,) = candidates("He said that 4,000 trees were planted in May.", Quote("5,000 trees"))
    assert (candidate["exact"], candidate["score"]) == ("4,000 trees", 90.9)


def test_the_nearest_passages_are_found_wherever_they_stand_the_likest_first() -> None:
    text = (
        "First 4,100 trees were planted. Later, after a long debate, the council found 5,000 treez, "
        "and by the end of the year 4,200 trees."
    )
    found = candidates(text, Quote("5,000 trees"))
    assert [each["exact"] for each in found] == ["5,000 treez,", "4,100 trees", "4,200 trees."]
    assert [each["score"] for each in found] == [90.9, 81.8, 81.8]


def test_of_passages_that_are_equally_alike_the_first_in_the_text_comes_first() -> None:
    text = "In May 4,000 trees, in June 6,000 trees, in July 7,000 trees."
    assert offered(text, "5,000 trees") == ["4,000 trees,", "6,000 trees,", "7,000 trees."]


def test_no_more_than_the_nearest_few_passages_are_named() -> None:
    text = "; ".join(f"{n},000 trees" for n in range(1, 9))
    assert len(offered(text, "9,000 trees")) == NEAREST


def test_a_whole_text_can_be_the_nearest_passage() -> None:
    assert offered("4,000 trees", "5,000 trees") == ["4,000 trees"]


def test_a_passage_shorter_than_the_quote_is_no_candidate() -> None:
    assert offered("short", "much longer than the text") == []
    assert offered("In May they planted treez. trees", "planted trees") == ["planted treez."]


def test_a_candidate_is_made_of_whole_words() -> None:
    assert offered("unplanted treezy", "planted trees") == ["unplanted treezy"]


def test_a_candidate_is_not_widened_without_end() -> None:
    text = "y" * 50 + "planted-trees" + "z" * 50
    (found,) = offered(text, "planted trees")
    assert found == "y" * CONTEXT + "planted-trees" + "z" * CONTEXT


def test_white_space_is_no_candidate() -> None:
    assert offered("The end.\n\n", "\n\n\n") == []


def test_the_same_words_in_other_surroundings_are_candidates_and_never_taken() -> None:
    """They are offered as they stand, in the order of the text, though they be part of a word."""
    text = "Replanted. They plant trees. Planting, planted, unplanted."
    found = candidates(text, Quote("plant", prefix="to "))
    assert [(each["start"], each["exact"], each["score"]) for each in found] == [
        (2, "plant", 100.0),
        (16, "plant", 100.0),
        (39, "plant", 100.0),
    ]


def test_nearest_passages_of_a_huge_text_are_found_in_bounded_work() -> None:
    assert candidates("lorem ipsum " * 50_000, Quote("x" * LONGEST)) == []
