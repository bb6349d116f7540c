"""Spans are exactly where they were put, or refused with the reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Invalid, QuoteAmbiguous
from api.text.spans import CONTEXT, LONGEST, MOST_PLACES, Position, Quote, cut, place

TEXT = "The sky 🌌 is green. The sky is wide."
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(marked())
def test_a_position_cuts_its_words_and_their_surroundings(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    span = place(text, Position(start, end))
    assert span.exact == text[start:end]
    assert text[:start].endswith(span.prefix)
    assert text[end:].startswith(span.suffix)
    assert len(span.prefix) == min(start, CONTEXT)
    assert len(span.suffix) == min(len(text) - end, CONTEXT)


@given(marked())
def test_a_quote_with_all_its_surroundings_finds_the_place_it_was_cut_from(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    assert place(text, Quote(text[start:end], text[:start], text[end:])) == cut(text, start, end)


@given(marked())
def test_a_quote_finds_its_place_or_lists_it_among_the_candidates(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    try:
        assert place(text, Quote(text[start:end])) == cut(text, start, end)
    except QuoteAmbiguous as error:
        places = [candidate["start"] for candidate in error.facts["candidates"]]
        assert start in places or len(places) == MOST_PLACES


def test_exact_is_checked_against_the_text() -> None:
    with pytest.raises(Invalid) as refused:
        place(TEXT, Position(4, 7, "sea"), "/spans/0")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/spans/0/exact", "exact_mismatch")
    assert "“sky” stands at [4, 7)" in fault.detail


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (7, 4), (0, len(TEXT) + 1), (10**12, 10**12 + 1)])
def test_a_position_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(Invalid) as refused:
        place(TEXT, Position(start, end))
    assert refused.value.faults[0].code == "span_outside_text"
    assert f"≤ {len(TEXT)}" in refused.value.detail


def test_a_quote_that_stands_twice_is_told_apart_by_prefix_or_suffix() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place(TEXT, Quote("The sky"))
    assert [candidate["start"] for candidate in refused.value.facts["candidates"]] == [0, 20]
    assert place(TEXT, Quote("The sky", prefix="green. ")).start == 20
    assert place(TEXT, Quote("The sky", suffix=" 🌌")).start == 0


def test_places_of_a_quote_may_overlap() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place("aaaa", Quote("aa"))
    assert [candidate["start"] for candidate in refused.value.facts["candidates"]] == [0, 1, 2]


def test_of_very_many_places_an_error_lists_the_first() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place("a" * 5000, Quote("a"))
    assert len(refused.value.facts["candidates"]) == MOST_PLACES
    assert f"more than {MOST_PLACES} places" in refused.value.detail


def test_an_absent_quote_names_the_nearest_passages() -> None:
    with pytest.raises(Invalid) as refused:
        place("He said that 4,000 trees were planted in May.", Quote("5,000 trees"))
    (candidate,) = refused.value.facts["candidates"]
    assert candidate["exact"] == "4,000 trees"
    assert candidate["score"] > 80


def test_the_same_words_in_other_surroundings_are_candidates_and_never_taken() -> None:
    with pytest.raises(Invalid) as refused:
        place(TEXT, Quote("The sky", prefix="blue. "))
    assert [candidate["start"] for candidate in refused.value.facts["candidates"]] == [0, 20]


def test_a_quote_longer_than_the_text_has_no_candidates() -> None:
    with pytest.raises(Invalid) as refused:
        place("short", Quote("much longer than the text"))
    assert refused.value.facts["candidates"] == []


def test_a_very_long_span_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        place("a" * (LONGEST + 1), Position(0, LONGEST + 1))
    assert refused.value.faults[0].code == "span_too_long"


def test_nearest_passages_of_a_huge_text_are_found_in_bounded_work() -> None:
    with pytest.raises(Invalid):
        place("lorem ipsum " * 50_000, Quote("x" * LONGEST))
