"""Spans are exactly where they were put, or refused with the reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Invalid, QuoteAmbiguous
from api.text.spans import CONTEXT, LONGEST, MOST_PLACES, Position, Quote, cut, in_unit, place
from api.text.units import CODE_POINT, UNITS, Rulers

TEXT = "The sky 🌌 is green. The sky is wide."
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=300)

units = st.sampled_from(UNITS)
WIDTHS = {"codepoint": ("utf-32-le", 4), "utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1)}


def counted(text: str, at: int, unit: str) -> int:
    """An offset in code points, counted in the unit by Python's own encoder."""
    encoding, width = WIDTHS[unit]
    return len(text[:at].encode(encoding)) // width


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(texts)
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(marked())
def test_a_position_cuts_its_words_and_their_surroundings(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    span = place(Rulers(text), Position(start, end))
    assert span.exact == text[start:end]
    assert text[:start].endswith(span.prefix)
    assert text[end:].startswith(span.suffix)
    assert len(span.prefix) == min(start, CONTEXT)
    assert len(span.suffix) == min(len(text) - end, CONTEXT)


@given(marked())
def test_a_quote_with_all_its_surroundings_finds_the_place_it_was_cut_from(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    assert place(Rulers(text), Quote(text[start:end], text[:start], text[end:])) == cut(text, start, end)


@given(marked())
def test_a_quote_finds_its_place_or_lists_it_among_the_candidates(marked: tuple[str, int, int]) -> None:
    text, start, end = marked
    try:
        assert place(Rulers(text), Quote(text[start:end])) == cut(text, start, end)
    except QuoteAmbiguous as error:
        places = [candidate["start"] for candidate in error.faults[0].candidates]
        assert start in places or len(places) == MOST_PLACES


def test_exact_is_checked_against_the_text() -> None:
    with pytest.raises(Invalid) as refused:
        place(Rulers(TEXT), Position(4, 7, "sea"), "/spans/0")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/spans/0/exact", "exact_mismatch")
    assert "“sky” stands at [4, 7)" in fault.detail


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (7, 4), (0, len(TEXT) + 1), (10**12, 10**12 + 1)])
def test_a_position_outside_the_text_is_refused(start: int, end: int) -> None:
    with pytest.raises(Invalid) as refused:
        place(Rulers(TEXT), Position(start, end))
    assert refused.value.faults[0].code == "span_outside_text"
    assert f"≤ {len(TEXT)}" in refused.value.detail


def test_a_quote_that_stands_twice_is_told_apart_by_prefix_or_suffix() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers(TEXT), Quote("The sky"))
    assert [candidate["start"] for candidate in refused.value.faults[0].candidates] == [0, 20]
    assert place(Rulers(TEXT), Quote("The sky", prefix="green. ")).start == 20
    assert place(Rulers(TEXT), Quote("The sky", suffix=" 🌌")).start == 0


def test_places_of_a_quote_may_overlap() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers("aaaa"), Quote("aa"))
    assert [candidate["start"] for candidate in refused.value.faults[0].candidates] == [0, 1, 2]


def test_of_very_many_places_an_error_lists_the_first() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers("a" * 5000), Quote("a"))
    assert len(refused.value.faults[0].candidates) == MOST_PLACES
    assert f"more than {MOST_PLACES} places" in refused.value.detail


def test_a_very_long_span_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        place(Rulers("a" * (LONGEST + 1)), Position(0, LONGEST + 1))
    assert refused.value.faults[0].code == "span_too_long"


@given(marked(), units)
def test_a_position_means_the_same_span_in_every_unit(marked: tuple[str, int, int], unit: str) -> None:
    text, start, end = marked
    there = Position(counted(text, start, unit), counted(text, end, unit), text[start:end], unit)
    assert place(Rulers(text), there) == cut(text, start, end)


@given(marked(), units)
def test_a_span_goes_out_in_the_unit_it_came_in(marked: tuple[str, int, int], unit: str) -> None:
    text, start, end = marked
    shown = in_unit(Rulers(text), cut(text, start, end), unit)
    assert place(Rulers(text), Position(shown["start"], shown["end"], shown["exact"], shown["unit"])).start == start
    assert (shown["start"], shown["end"]) == (counted(text, start, unit), counted(text, end, unit))
    assert (shown["prefix"], shown["suffix"]) == (text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT])


@pytest.mark.parametrize(("said", "meant"), [(a, b) for a in UNITS for b in UNITS if a != b])
def test_offsets_counted_in_another_unit_are_named_so(said: str, meant: str) -> None:
    text = "🌌é The sky is green."
    start, end = (counted(text, at, meant) for at in (7, 10))
    with pytest.raises(Invalid) as refused:
        place(Rulers(text), Position(start, end, "sky", said), "/spans/1")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == ("/spans/1/unit", "wrong_unit")
    assert fault.detail == f"“sky” stands at [{start}, {end}) counted in {meant}, not in {said}."


def test_offsets_that_no_unit_explains_are_judged_in_the_one_that_was_said() -> None:
    with pytest.raises(Invalid) as refused:
        place(Rulers(TEXT), Position(4, 7, "sea", "utf16"), "/spans/1")
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/spans/1/exact", "exact_mismatch")]


def test_offsets_without_the_words_are_taken_at_their_word() -> None:
    assert place(Rulers(TEXT), Position(13, 15, unit="utf16")).exact == " g"
    assert place(Rulers(TEXT), Position(13, 15)).exact == "gr"


@pytest.mark.parametrize(
    ("unit", "start", "end", "pointer", "offset"),
    [
        ("utf16", 9, 12, "/spans/0/start", 9),
        ("utf16", 4, 9, "/spans/0/end", 9),
        ("utf8", 9, 15, "/spans/0/start", 9),
        ("utf8", 11, 15, "/spans/0/start", 11),
        ("utf8", 4, 10, "/spans/0/end", 10),
        ("utf8", 9, 11, "/spans/0/start", 9),
    ],
)
def test_a_boundary_inside_a_character_is_refused(unit: str, start: int, end: int, pointer: str, offset: int) -> None:
    with pytest.raises(Invalid) as refused:
        place(Rulers(TEXT), Position(start, end, unit=unit), "/spans/0")
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.code) == (pointer, "inside_character")
    assert f"{offset} ({unit}) lies inside one" in fault.detail


@pytest.mark.parametrize("unit", UNITS)
def test_what_lies_outside_or_is_reversed_or_empty_is_refused_in_every_unit(unit: str) -> None:
    length = counted(TEXT, len(TEXT), unit)
    assert place(Rulers(TEXT), Position(0, length, unit=unit)).exact == TEXT
    for start, end in [(-1, 3), (3, 3), (7, 4), (0, length + 1), (length, length), (length, length + 1)]:
        with pytest.raises(Invalid) as refused:
            place(Rulers(TEXT), Position(start, end, unit=unit), "/spans/0")
        (fault,) = refused.value.faults
        assert (fault.pointer, fault.code) == ("/spans/0", "span_outside_text")
        assert f"start < end ≤ {length} ({unit}), found start {start} and end {end}" in fault.detail


@pytest.mark.parametrize("unit", UNITS)
def test_candidates_come_in_the_unit_of_the_quote(unit: str) -> None:
    with pytest.raises(QuoteAmbiguous) as ambiguous:
        place(Rulers(TEXT), Quote("is", unit=unit))
    with pytest.raises(Invalid) as absent:
        place(Rulers(TEXT), Quote("sky is wild", unit=unit))
    with pytest.raises(Invalid) as elsewhere:
        place(Rulers(TEXT), Quote("is", prefix="sea ", unit=unit))
    candidates = ambiguous.value.faults[0].candidates
    assert [at(candidate, "is") for candidate in candidates] == [(10, 12, unit), (28, 30, unit)]
    assert [at(each, "sky is wide.") for each in absent.value.faults[0].candidates[:1]] == [(24, 36, unit)]
    assert [at(each, "is") for each in elsewhere.value.faults[0].candidates] == [(10, 12, unit), (28, 30, unit)]


def at(candidate: dict[str, Any], words: str) -> tuple[int, int, str]:
    """Where a candidate stands, back in code points; its words must be those."""
    assert candidate["exact"] == words
    places = {counted(TEXT, n, candidate["unit"]): n for n in range(len(TEXT) + 1)}
    return places[candidate["start"]], places[candidate["end"]], candidate["unit"]


def test_code_points_are_counted_where_nothing_else_is_said() -> None:
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers(TEXT), Quote("is"))
    assert [(each["start"], each["unit"]) for each in refused.value.faults[0].candidates] == [
        (10, CODE_POINT),
        (28, CODE_POINT),
    ]


def refusal(text: str, selector: Position | Quote, *pointer: str) -> tuple[str, str, str]:
    with pytest.raises(Invalid) as refused:
        place(Rulers(text), selector, *pointer)
    (fault,) = refused.value.faults
    return fault.pointer, fault.code, fault.detail


def test_refusals_say_where_the_selector_stands_in_what_was_sent() -> None:
    assert refusal(TEXT, Position(3, 3))[0] == ""
    assert refusal(TEXT, Quote("sea"))[0] == "/exact"
    assert refusal(TEXT, Quote("sea"), "/spans/2")[0] == "/spans/2/exact"
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers(TEXT), Quote("The sky"), "/spans/2")
    assert refused.value.faults[0].pointer == "/spans/2"


def test_a_span_may_be_as_long_as_the_limit_wherever_it_stands() -> None:
    text = "a" * (3 * LONGEST)
    assert place(Rulers(text), Position(LONGEST, 2 * LONGEST)).start == LONGEST
    pointer, _, detail = refusal(text, Position(LONGEST, 2 * LONGEST + 1), "/spans/0")
    assert (pointer, detail) == ("/spans/0", f"A span has at most {LONGEST} code points, found {LONGEST + 1}.")


def test_a_mismatch_says_what_was_expected_and_what_stands_there() -> None:
    assert refusal(TEXT, Position(4, 7, "sea"))[2] == "Expected “sea”, but “sky” stands at [4, 7)."
    assert refusal(TEXT, Position(4, 7, ""))[2] == "Expected “”, but “sky” stands at [4, 7)."


def test_long_words_are_shortened_in_refusals() -> None:
    for length, shown in ((80, "x" * 80), (81, "x" * 77 + "…")):
        assert refusal(TEXT, Quote("x" * length))[2] == f"“{shown}” does not stand in the text."


def test_words_that_fit_in_no_unit_are_not_blamed_on_the_unit() -> None:
    assert refusal(TEXT, Position(10**6, 10**6 + 3, "sky"))[1] == "span_outside_text"


def test_an_absent_quote_says_whether_its_surroundings_were_asked_for() -> None:
    end = "does not stand in the text between that prefix and suffix."
    assert refusal(TEXT, Quote("The sky", prefix="blue. "))[2] == f"“The sky” {end}"
    assert refusal(TEXT, Quote("The sky", suffix=" blue"))[2] == f"“The sky” {end}"


def test_an_ambiguous_quote_says_in_how_many_places_it_stands() -> None:
    for count, said in ((2, "2"), (MOST_PLACES, str(MOST_PLACES)), (MOST_PLACES + 1, f"more than {MOST_PLACES}")):
        with pytest.raises(QuoteAmbiguous) as refused:
            place(Rulers("a" * count), Quote("a"))
        assert refused.value.faults[0].detail == (
            f"“a” stands in {said} places. Tell them apart with prefix and suffix, or give start and end."
        )
        assert len(refused.value.faults[0].candidates) == min(count, MOST_PLACES)


def test_a_loose_quote_needs_its_surroundings_only_where_its_words_stand_twice() -> None:
    assert place(Rulers(TEXT), Quote("wide", prefix="was ", loose=True)).exact == "wide"
    assert place(Rulers(TEXT), Quote("The sky", prefix="green. ", loose=True)).start == 20
    with pytest.raises(QuoteAmbiguous):
        place(Rulers(TEXT), Quote("The sky", prefix="blue. ", loose=True))
    with pytest.raises(QuoteAmbiguous) as refused:
        place(Rulers("a" * (MOST_PLACES + 1)), Quote("a", prefix="b", loose=True))
    assert f"more than {MOST_PLACES} places" in refused.value.detail
