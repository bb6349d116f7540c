"""Where a word or a number ends: what grows over a span's edge is seen, what only stands beside it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.text.words import LONGEST_WORD, UNSPACED, head_of_word, rest_of_word, weight, words

GROWN_BEHIND = [
    "6|1",
    "4|,000",
    "4,|000",
    "3|.5",
    "12|:30",
    "3|/4",
    "5|'000",
    "5|’000",
    "5|\u202f000",
    "5|\u00a0000",
    "5|-6",
    "2020|–21",
    "1٬|000",
    "5|%",
    "5|‰",
    "5|k",
    "5|th",
    "tree|s",
    "x|_y",
    "can|'t",
    "can|’t",
    "can|´t",
    "can'|t",
    "cafe|\u0301",
    "na\u0308|ive",
    "می\u200c|خواهم",
    "👩|\u200d👩",
    "☺|\ufe0f",
    "三|百万",
    "5|万",
    "3.5|億",
    "๑|๕",
    "၁|၅",
    "๑|,๕๐๐",
    "한|국",
]
NOT_GROWN_BEHIND = [
    "Yes|. No",
    "5|. May",
    "5|, 6",
    "5|, and",
    "floating|-point",
    "covid|-19",
    "12| 000",
    "100|",
    "|100",
    "can| 't",
    "can|'tis",
    "Ann|'s",
    "dogs|' tails",
    "two|\nthree",
    "東|京",
    "十|人",
    "5|人",
    "ประเทศ|ไทย",
    "sad|%",
]
GROWN_BEFORE = [
    "1|4,000",
    "14|,000",
    "-|5",
    "−|5",
    "+|5",
    "±|5",
    ".|5",
    "0.|5",
    "2-|3",
    "2–|3",
    "non-|guilty",
    "non|-guilty",
    "non‑|guilty",
    "il|legal",
    "wo|men",
    "e|\u0301",
    "👩\u200d|👩",
    "二|十",
    "二|十人",
    "1|5万",
    "๑|๕",
]
NOT_GROWN_BEFORE = [
    "a |b",
    "a - |b",
    "- |5",
    "list:\n-|item",
    "end.|5",
    "..|.5",
    "(|5",
    "not |guilty",
    "|100",
    "100|",
    "大|阪",
    "\n|\u0301",
]


def cut(marked: str) -> tuple[str, int]:
    return marked.replace("|", ""), marked.index("|")


@pytest.mark.parametrize("marked", GROWN_BEHIND)
def test_a_word_that_goes_on_behind_a_place_has_a_rest(marked: str) -> None:
    text, at = cut(marked)
    assert rest_of_word(text + " more", at) == text[at:]


@pytest.mark.parametrize("marked", NOT_GROWN_BEHIND)
def test_what_only_follows_is_no_rest(marked: str) -> None:
    assert rest_of_word(*cut(marked)) == ""


@pytest.mark.parametrize("marked", GROWN_BEFORE)
def test_a_word_that_began_before_a_place_has_a_head(marked: str) -> None:
    text, at = cut(marked)
    assert head_of_word("More " + text, at + 5) == text[:at]


@pytest.mark.parametrize("marked", NOT_GROWN_BEFORE)
def test_what_only_stands_before_is_no_head(marked: str) -> None:
    assert head_of_word(*cut(marked)) == ""


@given(st.text(max_size=20) | st.text("a1 -.,'t%\u0301十ก\u200d", max_size=20))
def test_heads_and_rests_touch_their_place_and_stay_in_the_text(text: str) -> None:
    assert head_of_word(text, 0) == rest_of_word(text, 0) == ""
    assert head_of_word(text, len(text)) == rest_of_word(text, len(text)) == ""
    for at in range(len(text) + 1):
        assert text[:at].endswith(head_of_word(text, at))
        assert text[at:].startswith(rest_of_word(text, at))


def test_of_an_endless_word_only_so_much_is_looked_at() -> None:
    text = "a" * 10_000
    assert rest_of_word(text, 5_000) == head_of_word(text, 5_000) == "a" * LONGEST_WORD


@given(st.text(max_size=80) | st.text("ab 1.,十\n…", max_size=80))
def test_words_hold_all_that_is_not_white_space(text: str) -> None:
    found = words(text)
    assert [n for start, end in found for n in range(start, end)] == [n for n, c in enumerate(text) if not c.isspace()]


def test_scripts_without_spaces_and_endless_words_fall_into_single_letters() -> None:
    assert words("東京 tower") == [(0, 1), (1, 2), (3, 8)]
    assert len(words("ไทย")) == 3
    assert len(words("a" * LONGEST_WORD)) == 1
    assert len(words("a" * (LONGEST_WORD + 1))) == LONGEST_WORD + 1


@given(st.text("ab é🌳\n"), st.text("ab é🌳\n"))
def test_weights_add_up_and_white_space_weighs_nothing(text: str, more: str) -> None:
    assert weight(text) + weight(more) == weight(text + more)
    assert weight(" \n\t") == 0


def test_a_character_that_writes_a_syllable_weighs_as_much_as_three_letters() -> None:
    assert (weight("Tokyo"), weight("東京"), weight("서울"), weight("3 %")) == (5, 6, 6, 2)
    assert UNSPACED.match("東")
    assert not UNSPACED.match("서")
