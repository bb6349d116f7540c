"""Offsets in UTF-16 and UTF-8 are the encodings' own, and none ever falls into a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.text.units import CODE_POINT, STEP, UNITS, InsideCharacter, Ruler, Rulers

ENCODINGS = {"utf16": ("utf-16-le", 2), "utf8": ("utf-8", 1)}
characters = st.characters(exclude_categories=["Cs"]) | st.sampled_from("aé€🌳\u0301\u200d\U0010ffff\0")
texts = st.text(characters, max_size=60)
long_texts = st.builds(
    lambda head, pattern, times: head + pattern * times,
    st.text(characters, max_size=STEP + 1),
    st.text(characters, min_size=1, max_size=7),
    st.integers(1, STEP),
)
units = st.sampled_from(UNITS)
encoded_units = st.sampled_from(list(ENCODINGS))


def encoded_length(text: str, unit: str) -> int:
    encoding, width = ENCODINGS.get(unit, ("utf-32-le", 4))
    return len(text.encode(encoding)) // width


@given(texts | long_texts, units)
def test_a_text_is_as_long_as_its_encoding(text: str, unit: str) -> None:
    assert Ruler(text, unit).length == encoded_length(text, unit)


@given(texts, units)
def test_every_offset_is_the_length_of_what_stands_before_it(text: str, unit: str) -> None:
    ruler = Ruler(text, unit)
    offsets = [ruler.in_unit(at) for at in range(len(text) + 1)]
    assert offsets == [encoded_length(text[:at], unit) for at in range(len(text) + 1)]


@given(texts, units)
def test_every_offset_comes_back_from_its_unit(text: str, unit: str) -> None:
    ruler = Ruler(text, unit)
    assert [ruler.in_code_points(ruler.in_unit(at)) for at in range(len(text) + 1)] == list(range(len(text) + 1))


@given(texts, encoded_units)
def test_every_offset_inside_a_character_is_refused_and_no_other(text: str, unit: str) -> None:
    ruler = Ruler(text, unit)
    between = {encoded_length(text[:at], unit): at for at in range(len(text) + 1)}
    for offset in range(ruler.length + 1):
        if offset in between:
            assert ruler.in_code_points(offset) == between[offset]
        else:
            with pytest.raises(InsideCharacter):
                ruler.in_code_points(offset)


@pytest.mark.parametrize(("unit", "inside"), [("utf16", [4]), ("utf8", [2, 4, 5, 7, 8, 9, 11])])
def test_the_halves_of_a_pair_and_the_bytes_of_a_sequence_are_inside(unit: str, inside: list[int]) -> None:
    ruler = Ruler("aé€🌳\u0301", unit)
    for offset in inside:
        with pytest.raises(InsideCharacter):
            ruler.in_code_points(offset)


@given(long_texts, encoded_units, st.data())
def test_offsets_are_right_on_both_sides_of_the_marks_of_a_long_text(text: str, unit: str, data: st.DataObject) -> None:
    ruler = Ruler(text, unit)
    marks = [at + step for at in range(0, len(text) + 1, STEP) for step in (-1, 0, 1) if 0 <= at + step <= len(text)]
    anywhere = data.draw(st.integers(0, len(text)))
    for at in [*marks, anywhere, len(text)]:
        offset = ruler.in_unit(at)
        assert offset == encoded_length(text[:at], unit)
        assert ruler.in_code_points(offset) == at


@pytest.mark.parametrize(("character", "unit"), [("🌳", "utf16"), ("é", "utf8"), ("€", "utf8"), ("🌳", "utf8")])
@pytest.mark.parametrize("before", [STEP - 1, STEP, 2 * STEP - 1, 2 * STEP])
def test_a_character_at_a_mark_has_an_inside(character: str, unit: str, before: int) -> None:
    ruler = Ruler("a" * before + character + "a" * STEP, unit)
    for inside in range(before + 1, before + encoded_length(character, unit)):
        with pytest.raises(InsideCharacter):
            ruler.in_code_points(inside)
    assert ruler.in_code_points(before + encoded_length(character, unit)) == before + 1


def test_code_points_count_as_python_counts() -> None:
    ruler = Ruler("a🌳\u0301", CODE_POINT)
    assert (ruler.length, ruler.in_unit(2), ruler.in_code_points(2)) == (3, 2, 2)


def test_a_texts_rulers_are_made_when_they_are_asked_for_and_then_kept() -> None:
    rulers = Rulers("🌳")
    assert rulers == {}
    assert [rulers[unit].length for unit in UNITS] == [1, 2, 4]
    assert rulers["utf8"] is rulers["utf8"]
