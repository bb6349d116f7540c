"""An alignment says of no two different characters that they are the same, and of none twice."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.text.alignment import LETTER, Alignment, Passage, align
from api.text.matching import WINDOW
from api.text.runs import Run

ALPHABETS = [
    "ab \n",
    "a b.,",
    "甲乙丙。\n",
    "한국 어",
    "🌳🌌e\u0301 ",
    "ก\u0e48า น",
    "1-., 't%\u200d",
    "‘’'“”\"–-\u00a0 ",
]
ROWS = ["| yes | no |\n", "| no | yes |\n", "\n", "a b c d e\n", "甲乙\n", "x "]
WORDS = ["the", "mayor", "said", "that", "4,000", "trees", "were", "planted", "not", "city", "“so”", "in"]
arbitrary = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
small = st.sampled_from(ALPHABETS).flatmap(lambda alphabet: st.text(alphabet, max_size=120))
rows = st.lists(st.sampled_from(ROWS), max_size=30).map("".join)
worded = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)
texts = arbitrary | small | rows | worded


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and the same with some stretches deleted, inserted, replaced and moved."""
    old = new = draw(texts)
    for _ in range(draw(st.integers(1, 6))):
        at, length = draw(st.integers(0, len(new))), draw(st.integers(0, 40))
        cut, rest = new[at : at + length], new[:at] + new[at + length :]
        to = draw(st.integers(0, len(rest)))
        new = draw(
            st.sampled_from([rest, rest[:to] + cut + rest[to:], new[:at] + cut + new[at:]])
            | texts.map(lambda more, rest=rest, at=at: rest[:at] + more + rest[at:])
        )
    return old, new


pairs = edited() | st.tuples(texts, texts)


def passages(alignment: Alignment) -> list[Passage]:
    return [alignment.stayed, *alignment.moved]


def assert_is_sound(alignment: Alignment) -> None:
    """What any alignment of any two texts owes."""
    old, new = alignment.old, alignment.new
    for passage in passages(alignment):
        for run in passage.runs:
            assert run.length > 0
            assert 0 <= run.old < run.old_end <= len(old)
            assert 0 <= run.new < run.new_end <= len(new)
            assert old[run.old : run.old_end] == new[run.new : run.new_end]
        for one, two in pairwise(passage.runs):
            assert one.old_end <= two.old
            assert one.new_end <= two.new
    runs = [run for passage in passages(alignment) for run in passage.runs]
    assert_disjoint([(run.old, run.old_end) for run in runs])
    assert_disjoint([(run.new, run.new_end) for run in runs])
    assert all(passage.runs for passage in alignment.moved)
    assert_disjoint([(passage.runs[0].old, passage.runs[-1].old_end) for passage in alignment.moved])


def assert_disjoint(stretches: list[tuple[int, int]]) -> None:
    for (_, end), (start, _) in pairwise(sorted(stretches)):
        assert end <= start


@given(pairs)
def test_any_two_texts_are_aligned_soundly(pair: tuple[str, str]) -> None:
    assert_is_sound(align(*pair))


@given(texts)
def test_a_text_aligned_with_itself_is_one_run(text: str) -> None:
    alignment = align(text, text)
    assert alignment.stayed.runs == ([Run(0, 0, len(text))] if text else [])
    assert alignment.moved == []


@given(texts)
def test_nothing_of_a_text_stands_in_an_empty_one(text: str) -> None:
    assert passages(align(text, ""))[0].runs == passages(align("", text))[0].runs == []


@st.composite
def long_repeated(draw: st.DrawFn) -> tuple[str, str]:
    """More equal words than are compared at once, and the same with a few edits."""
    word = draw(st.sampled_from(["a ", "yes no ", "甲", "| 1 | 1 |\n", "na na ba "]))
    old = new = word * (WINDOW + draw(st.integers(1, WINDOW)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(new)))
        new = new[:at] + draw(st.sampled_from(["", "X ", word, word * 50])) + new[at + draw(st.integers(0, 60)) :]
    return old, new


@settings(deadline=None, max_examples=40)
@given(long_repeated())
def test_more_equal_words_than_fit_a_window_are_aligned_soundly(pair: tuple[str, str]) -> None:
    alignment = align(*pair)
    assert_is_sound(alignment)


def test_marks_among_more_equal_words_than_fit_a_window_are_found_again() -> None:
    old = "".join(("yes " * 300) + f"mark {n}. " for n in range(12))
    new = old.replace("mark 5.", "mark 5, changed.")
    alignment = align(old, new)
    assert_is_sound(alignment)
    at = old.index("mark 5.") + len("mark 5")
    assert alignment.stayed.runs == [Run(0, 0, at), Run(at, at + len(", changed"), len(old) - at)]


def test_more_different_words_than_there_are_characters_of_a_plane_are_told_apart() -> None:
    old = " ".join(f"w{n}" for n in range(70_000))
    new = old.replace("w69000 ", "other ").replace("w500 ", "")
    alignment = align(old, new)
    assert_is_sound(alignment)
    assert [run.shift for run in alignment.stayed.runs] == [0, -5, -6]


PARAGRAPHS = [
    f"The {animal} was seen near the {place} on {day} by {number} people who had come to look for it."
    for animal, place, day, number in [
        ("fox", "harbour", "Monday", 12),
        ("wolf", "old mill", "Tuesday", 30),
        ("heron", "town hall", "Wednesday", 7),
        ("otter", "railway bridge", "Thursday", 45),
    ]
]


@pytest.mark.parametrize("between", ["\n\n", " "])
@pytest.mark.parametrize("order", [(3, 0, 1, 2), (1, 2, 3, 0), (1, 0, 2, 3), (2, 3, 0, 1)])
def test_a_passage_that_was_moved_is_found_beside_what_stayed(between: str, order: tuple[int, ...]) -> None:
    old, new = between.join(PARAGRAPHS), between.join(PARAGRAPHS[n] for n in order)
    alignment = align(old, new)
    assert_is_sound(alignment)
    assert alignment.moved
    for paragraph in PARAGRAPHS:
        start, shift = old.index(paragraph), new.index(paragraph) - old.index(paragraph)
        found = alignment.passages(start, start + len(paragraph))
        assert shift in {
            passage.runs[n].shift for passage in found for n in passage.reach(start, start + len(paragraph))
        }


def test_a_passage_whose_every_mark_only_typography_exchanged_is_no_passage() -> None:
    old, new = (
        "““““““““ –––––––– ‚‚‚‚‚‚‚‚ One two three four.",
        "One two three four. \"\"\"\"\"\"\"\" -------- ''''''''",
    )
    alignment = align(old, new)
    assert_is_sound(alignment)
    assert not any(passage.reach(0, old.index("One")) for passage in alignment.passages(0, len(old)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # A row that stands alone among what is left over, yet where it was.
        ("乙|a|b|a b c d e|a|b|a b c d e|a|b|\n| ", "乙|a b c d e|a|b|a b c d e|a b|\n|"),
        # Between two parts of a moved passage, words that something else claims too.
        (
            " ".join([*"pqrstuvw", "Alpha beta gamma delta", "shared", "epsilon zeta eta theta", *"ijklmn", "shared"]),
            " ".join(["Alpha beta gamma delta", "shared", "epsilon zeta eta theta", *"pqrstuvw", "shared", *"ijklmn"]),
        ),
    ],
)
def test_no_character_is_both_moved_and_stayed(old: str, new: str) -> None:
    assert_is_sound(align(old, new))
    assert_is_sound(align(new, old))


def test_of_a_misspelt_word_the_letters_are_aligned_and_of_another_word_not_even_the_spaces_beside_it() -> None:
    old = "It was definately him. The cat sat."
    misspelt, another = align(old, old.replace("definately", "definitely")), align(old, old.replace("cat", "dog"))
    assert [(run.old, run.old_end) for run in misspelt.stayed.runs] == [(0, 12), (13, len(old))]
    assert [(run.old, run.old_end) for run in another.stayed.runs] == [(0, 26), (31, len(old))]


def test_typography_keeps_a_words_place_but_not_its_characters() -> None:
    alignment = align('He said "no" – twice', "He said “no” - twice")
    assert [(run.old, run.old_end) for run in alignment.stayed.runs] == [(0, 7), (9, 11), (15, 20)]


@given(pairs, st.integers(0, 60), st.integers(1, 60))
def test_a_passage_counts_what_it_keeps_of_a_stretch(pair: tuple[str, str], start: int, length: int) -> None:
    for passage in passages(align(*pair)):
        kept = {run.old + n for run in passage.runs for n in range(run.length)}
        stretch = range(start, start + length)
        assert passage.kept(start, start + length) == len(kept.intersection(stretch))
        reached = [run for run in passage.runs if run.old < start + length and run.old_end > start]
        assert [passage.runs[n] for n in passage.reach(start, start + length)] == reached


@given(pairs, st.integers(0, 60), st.integers(1, 60))
def test_the_passages_of_a_stretch_are_those_that_have_characters_of_it(
    pair: tuple[str, str], start: int, length: int
) -> None:
    alignment = align(*pair)
    having = [each for each in passages(alignment) if each.kept(start, start + length)]
    assert alignment.passages(start, start + length) == having


def test_what_was_slid_and_what_was_moved_claim_nothing_together() -> None:
    old = "Hill got 61 votes. Turnout was low. Adams got 61 votes. Hill got 61 votes."
    new = "Hill got 61 votes. Hill got 61 votes. Turnout was low."
    assert_is_sound(align(old, new))


@given(pairs)
def test_the_differences_make_the_new_text_of_the_old(pair: tuple[str, str]) -> None:
    """None of them begins or ends with white space that stands on both its sides."""
    old, new = pair
    made, at = "", 0
    for old_start, old_end, new_start, new_end in align(old, new).differences():
        gone, come = old[old_start:old_end], new[new_start:new_end]
        assert not (gone and come) or not any(gone[n] == come[n] and gone[n].isspace() for n in (0, -1))
        made += old[at:old_start] + come
        at = old_end
    assert made + old[at:] == new


@pytest.mark.parametrize(
    ("new", "differences"),
    [
        ("The cat sat. It slept.", []),
        ("The dog sat. It slept.", [("cat", "dog")]),
        ("The cat sat. It was late. It slept.", [("", "It was late. ")]),
        ("It slept.", [("The cat sat. ", "")]),
        ("The cat sat. It slept. More.", [("", " More.")]),
    ],
)
def test_a_difference_is_what_went_and_what_came_in_its_place(new: str, differences: list[tuple[str, str]]) -> None:
    old = "The cat sat. It slept."
    assert [(old[a:b], new[c:d]) for a, b, c, d in align(old, new).differences()] == differences


@given(pairs, st.integers(0, 60), st.integers(1, 60), st.integers(-20, 20))
def test_a_place_is_claimed_by_letters_that_stood_elsewhere(
    pair: tuple[str, str], start: int, length: int, shift: int
) -> None:
    alignment = align(*pair)
    runs = [run for passage in passages(alignment) for run in passage.runs if run.shift != shift]
    others = {at for run in runs for at in range(run.new, run.new_end) if LETTER.match(pair[1][at])}
    assert alignment.is_claimed(start, start + length, shift) == bool(others.intersection(range(start, start + length)))
