"""A span follows its words, says so when they changed, and is orphaned rather than put on look-alike words."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from api.text.alignment import align
from api.text.anchoring import Anchored, anchor
from tests.text.test_alignment import pairs

WORDS = ["a", "b", "na", "the", "mayor", "said", "4,000", "trees", "甲乙", "(x)", "|", "🌳", "e\u0301"]
DELETED, INSERTED = ["gone", "deleted", "丙"], ["new", "inserted", "丁"]
"""Words that stand in one of two texts only."""
ARTICLE = """\
The mayor of Harlow said on Monday that the city had planted 4,000 trees since 2020. The trees stand in the north of \
the city, along the river, and in the park behind the old mill.

A spokesman for the opposition denied it. He said that the city had planted 400 trees, and that half of them were dead \
by the end of the year. “The mayor counts every bush in the park,” he said.

The parks office keeps a register of the trees. In the register, which anybody can see, 3,912 trees were planted \
since 2020: 1,200 in the north, 2,500 along the river and 212 in the park. The mayor did not answer questions \
about the register on Monday. In 2019 he had said that the city would plant 10,000 trees by the end of 2025."""
OTHER = """\
The council of the city met on Monday evening in the town hall. The mayor said that he was glad of the turnout, and \
that a report about the trees along the old road would be out by the end of the month. The opposition said it was \
late: the report had been planned for 2020, and 212 pages of it had been in the press since the summer."""


def found(old: str, new: str, words: str, nth: int = 0) -> Anchored:
    """What became of the nth place of the words."""
    start = -1
    for _ in range(nth + 1):
        start = old.index(words, start + 1)
    return anchor(align(old, new), start, start + len(words))


def shown(old: str, new: str, words: str, nth: int = 0) -> tuple[str, str | None]:
    """The outcome, and the words that the span is on now."""
    anchored = found(old, new, words, nth)
    return anchored.outcome, anchored.place and new[slice(*anchored.place)]


class Words:
    """Words and the white space behind each, so that a test knows where every one of them begins."""

    def __init__(self, words: list[tuple[str, str]]):
        self.words = words
        self.text = "".join(word + space for word, space in words)

    def span(self, first: int, last: int) -> tuple[int, int]:
        start, before = ("".join(map("".join, self.words[:n])) for n in (first, last))
        return len(start), len(before) + len(self.words[last][0])

    def with_edit(self, begin: int, end: int, more: list[tuple[str, str]]) -> "Words":
        return Words([*self.words[:begin], *more, *self.words[end:]])


def words(vocabulary: list[str], **size: int) -> st.SearchStrategy[list[tuple[str, str]]]:
    return st.lists(st.tuples(st.sampled_from(vocabulary), st.sampled_from([" ", " ", "\n", "\n\n"])), **size)


@st.composite
def one_edit(draw: st.DrawFn) -> tuple[Words, Words, int, int, int]:
    """Any words, with others in their midst that are deleted, replaced or inserted, and a span beside those.

    Words deleted and inserted stand nowhere else; the others may come as often as they like.
    """
    vocabulary = draw(st.lists(st.sampled_from(WORDS), min_size=1, unique=True))
    before, behind = draw(words(vocabulary, max_size=30)), draw(words(vocabulary, max_size=30))
    deleted, inserted = draw(words(DELETED, max_size=8)), draw(words(INSERTED, max_size=8))
    sides = [(0, len(before)), (len(before) + len(deleted), len(before) + len(deleted) + len(behind))]
    least, most = draw(st.sampled_from([side for side in sides if side[0] < side[1]] or [(0, 0)]))
    assume(least < most)
    first = draw(st.integers(least, most - 1))
    last = draw(st.integers(first, most - 1))
    shift = 0 if least == 0 and before else len(inserted) - len(deleted)
    return Words([*before, *deleted, *behind]), Words([*before, *inserted, *behind]), first, last, shift


@st.composite
def edited_article(draw: st.DrawFn) -> tuple[Words, Words, int, int, int]:
    """An article, a stretch of it deleted or replaced by one of another, and a span of four or more words beside it."""
    article, other = (Words(re.findall(r"(\S+)(\s*)", text)) for text in (ARTICLE, OTHER + " "))
    length = len(article.words)
    begin = draw(st.integers(0, length))
    end = draw(st.integers(begin, min(length, begin + 20)))
    at, more = draw(st.integers(0, len(other.words))), draw(st.integers(0, 20))
    new = article.with_edit(begin, end, other.words[at : at + more])
    sides = [(least, most) for least, most in ((0, begin), (end, length)) if most - least >= 4]
    least, most = draw(st.sampled_from(sides))
    first = draw(st.integers(least, most - 4))
    last = draw(st.integers(first + 3, most - 1))
    return article, new, first, last, 0 if most <= begin else len(new.words) - length


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, str, int, int]:
    """Two texts, and a span of the first."""
    old, new = draw(pairs)
    assume(old)
    start = draw(st.integers(0, len(old) - 1))
    return old, new, start, draw(st.integers(start + 1, len(old)))


@given(marked())
def test_what_is_kept_has_the_same_code_points_in_both_texts(given: tuple[str, str, int, int]) -> None:
    old, new, start, end = given
    anchored = anchor(align(old, new), start, end)
    assert 0.0 <= anchored.score <= 1.0
    if anchored.place is None:
        assert anchored.outcome == "orphaned"
    else:
        assert 0 <= anchored.place[0] < anchored.place[1] <= len(new)
        assert anchored.outcome == "changed" or old[start:end] == new[slice(*anchored.place)]


@given(one_edit())
def test_an_edit_outside_a_span_never_loses_it(edit: tuple[Words, Words, int, int, int]) -> None:
    old, new, first, last, shift = edit
    anchored = anchor(align(old.text, new.text), *old.span(first, last))
    assert anchored.place == new.span(first + shift, last + shift)


@given(edited_article())
def test_an_edit_with_words_of_its_own_kind_outside_a_span_of_an_article_never_loses_it(
    edit: tuple[Words, Words, int, int, int],
) -> None:
    old, new, first, last, shift = edit
    anchored = anchor(align(old.text, new.text), *old.span(first, last))
    assert anchored.place == new.span(first + shift, last + shift)


def in_common(one: list[Any], other: list[Any]) -> int:
    """How many things both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((n for n, (this, that) in pairs if this != that), min(len(one), len(other)))


def put_in(old: Words, new: Words) -> set[str]:
    """The words between what both begin and what both end with."""
    begin = in_common(old.words, new.words)
    end = in_common(old.words[begin:][::-1], new.words[begin:][::-1])
    return {word for word, _ in new.words[begin : len(new.words) - end]}


@given(one_edit() | edited_article())
def test_there_and_back_again_leads_to_where_it_began(edit: tuple[Words, Words, int, int, int]) -> None:
    """Unless its first or last word comes again in what was put in: then nobody can say which of the two goes."""
    old, new, first, last, _ = edit
    assume(not put_in(old, new) & {old.words[first][0], old.words[last][0]})
    there = anchor(align(old.text, new.text), *old.span(first, last))
    assert there.place
    back = anchor(align(new.text, old.text), *there.place)
    assert back.place == old.span(first, last)


@given(marked())
def test_a_changed_span_has_white_space_at_an_edge_only_if_it_had(given: tuple[str, str, int, int]) -> None:
    old, new, start, end = given
    anchored = anchor(align(old, new), start, end)
    if anchored.place:
        place = slice(*anchored.place)
        assert not new[place][0].isspace() or old[start].isspace()
        assert not new[place][-1].isspace() or old[end - 1].isspace()


@pytest.mark.parametrize(
    ("old", "new", "words", "left"),
    [
        ("He met many old friends here.", "He met many here.", "many old friends", None),
        ("He met many old friends here.", "He met many old here.", "many old friends", "many old"),
        ("He met many old friends here.", "He met old friends here.", "many old friends", "old friends"),
        ("He met many old friends here.", "He met many old here.", "d f", "d"),
        ("the mayor left town", "the  left town", "r l", "l"),
        ("the mayor left town", "the  left town", "r ", None),
        ("the mayor left town", "the  left town", " m", None),
    ],
)
def test_what_is_left_of_a_span_ends_with_its_words(old: str, new: str, words: str, left: str | None) -> None:
    assert shown(old, new, words)[1] == left


FRAME = "The mayor said that {} in the city last year. Nobody else spoke."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("61 people died", "63 people died"),
        ("4,000 trees", "14,000 trees"),
        ("4,000 trees", "4,000,000 trees"),
        ("3 degrees", "3.5 degrees"),
        ("fell by 3", "fell by 3.5"),
        ("rose by 3", "rose by 30"),
        ("rose by 3", "rose by 3/4"),
        ("rose by 3", "rose by 3–4"),
        ("rose by 3", "rose by 3%"),
        ("rose by 3", "rose by 3\u202f000"),
        ("5 degrees", "-5 degrees"),
        ("5 degrees", "−5 degrees"),
        ("5 per cent", "0.5 per cent"),
        (".5 per cent", "5 per cent"),
        ("5 per cent", ".5 per cent"),
        ("5 per cent", "4–5 per cent"),
        ("十人が死亡", "二十人が死亡"),
        ("死者は三", "死者は三百"),
        ("死者は3", "死者は3万"),
        ("๕ คน", "๑๕ คน"),
        ("guilty", "non-guilty"),
        ("guilty", "unguilty"),
        ("he can", "he can't"),
        ("he can", "he can’t"),
        ("he could", "he couldn't"),
        ("women won", "men won"),
        ("men won", "women won"),
        ("Anna Berg", "Anna Bergman"),
        ("Anna Berg won", "Anne Berg won"),
        ("it was found", "it was not found"),
        ("he is guilty", "he is not guilty"),
        ("有罪判决", "无罪判决"),
        ("the trees were planted", "the trees were never planted"),
        ("no one denied it", "one denied it"),
        ("he never denied it", "he ever denied it"),
        ("they won, he said", "they won he said"),
        ("“so”", '"so"'),
        ("two  spaces", "two spaces"),
        ("one\nline", "one line"),
        ("é", "e\u0301"),
    ],
)
def test_a_changed_number_name_or_negation_never_passes_as_kept(before: str, after: str) -> None:
    outcome, words = shown(FRAME.format(before), FRAME.format(after), before)
    assert (outcome, words) in [("changed", after), ("orphaned", None)]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("61 people died", "63 people died", "63 people died"),
        ("4,000 trees", "14,000 trees", "14,000 trees"),
        ("he is guilty", "he is not guilty", "he is not guilty"),
        ("guilty", "non-guilty", "non-guilty"),
        ("十人が死亡", "二十人が死亡", "二十人が死亡"),
        ("a tree was definately seen", "a tree was definitely seen", "a tree was definitely seen"),
        ("Anna Berg", "Anna Bergman", "Anna Bergman"),
        ("two\nlines here", "two lines here", "two lines here"),
        ("the trees were planted", "the big trees were planted there", "the big trees were planted"),
        ("all of it is true", "of it is true", "of it is true"),
        ("all of it is true", "every bit of it is true", "every bit of it is true"),
    ],
)
def test_an_edited_span_is_changed_and_stands_on_whole_words(before: str, after: str, words: str) -> None:
    assert shown(FRAME.format(before), FRAME.format(after), before) == ("changed", words)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("floating", "floating-point"),
        ("Ann", "Ann's"),
        ("found", "not found"),
        ("so", "“so”"),
        ("東", "東京"),
        ("5", "5 kg"),
    ],
)
def test_what_only_stands_beside_a_span_leaves_it_kept(before: str, after: str) -> None:
    assert shown(FRAME.format(before), FRAME.format(after), before) == ("kept", before)


def test_a_number_that_grows_in_one_place_is_not_found_in_another() -> None:
    old = "In Homs 61 people died. In Aleppo 63 people died."
    new = "In Homs 63 people died. In Aleppo 61 people died."
    for words, nth in [("61 people", 0), ("63 people", 0)]:
        outcome, _ = shown(old, new, words, nth)
        assert outcome != "kept"


def test_a_deleted_sentence_is_orphaned_although_its_words_stand_elsewhere() -> None:
    old = "The minister left. Later she said 61 people died there. He denied it. In Aleppo 61 people died too, he said."
    new = "The minister left. He denied it. In Aleppo 61 people died too, he said."
    assert shown(old, new, "Later she said 61 people died there.") == ("orphaned", None)
    assert shown(old, new, "61 people died", nth=0) == ("orphaned", None)
    assert found(old, new, "61 people died", nth=1).place == (new.index("61"), new.index("61") + 14)


def test_of_equal_sentences_the_one_that_stayed_is_kept_and_the_deleted_one_orphaned() -> None:
    said = "He said he was innocent."
    old = f"Intro words.\n\n{said} The court heard him.\n\nOther matters came up.\n\n{said} The jury disagreed."
    new = f"Intro words.\n\nOther matters came up.\n\n{said} The jury disagreed."
    assert shown(old, new, said, nth=0) == ("orphaned", None)
    assert shown(old, new, said, nth=1) == ("kept", said)


ROW = "| Aleppo | yes | 61 |\n"


@pytest.mark.parametrize("frame", ["{}", "Head of the table\n{}", "{}Foot of the table\n", "Head\n{}Foot\n"])
@pytest.mark.parametrize(("before", "after"), [(2, 1), (3, 2), (3, 1), (2, 3), (1, 2), (7, 4)])
def test_equal_rows_that_nobody_can_tell_apart_are_not_kept(frame: str, before: int, after: int) -> None:
    old, new = frame.format(ROW * before), frame.format(ROW * after)
    for nth in range(before):
        assert shown(old, new, ROW, nth) == ("orphaned", None)
        assert shown(old, new, "61", nth) == ("orphaned", None)


def test_equal_rows_beside_rows_that_stayed_are_told_apart() -> None:
    rows = [f"| Row {n} |\n{ROW}" for n in range(5)]
    old, new = "".join(rows), "".join([*rows[:2], *rows[3:]])
    starts = [at for at in range(len(new)) if new.startswith(ROW, at)]
    for nth, place in [(0, 0), (3, 2), (4, 3)]:
        assert found(old, new, ROW, nth).place == (starts[place], starts[place] + len(ROW))
    # Between the rows 1 and 3 only one is left. Either could be that.
    assert [shown(old, new, ROW, nth) for nth in (1, 2)] == [("orphaned", None)] * 2


PARAGRAPHS = [
    "Anna Berg, the mayor, opened the market hall on Monday and thanked the builders for their work.",
    "The river rose by three metres in the night, and forty families had to leave their homes.",
    "A court in the north found the former minister guilty of fraud; he said he would appeal.",
    "Schools stay closed until Friday because of the strike, the teachers’ union announced.",
]


@pytest.mark.parametrize("between", ["\n\n", "\n", " "])
@pytest.mark.parametrize("order", [(3, 0, 1, 2), (1, 2, 3, 0), (0, 2, 1, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0)])
def test_paragraphs_that_were_moved_or_swapped_are_found_again(between: str, order: tuple[int, ...]) -> None:
    old, new = between.join(PARAGRAPHS), between.join(PARAGRAPHS[n] for n in order)
    for paragraph in PARAGRAPHS:
        for words in (paragraph, paragraph[10:60]):
            place = (new.index(words), new.index(words) + len(words))
            assert found(old, new, words).place == place
            assert shown(old, new, words) == ("kept", words)


def test_two_sections_that_changed_places_are_both_kept() -> None:
    first, second = (f"# Section {n}\n\n" + "\n\n".join(PARAGRAPHS[2 * n : 2 * n + 2]) for n in (0, 1))
    old, new = f"Intro.\n\n{first}\n\n{second}\n\nEnd.", f"Intro.\n\n{second}\n\n{first}\n\nEnd."
    for section in (first, second):
        assert shown(old, new, section) == ("kept", section)


def test_a_moved_sentence_that_was_edited_is_changed_at_its_new_place() -> None:
    old, edited = " ".join(PARAGRAPHS), PARAGRAPHS[1].replace("forty", "fifty")
    new = " ".join([PARAGRAPHS[0], *PARAGRAPHS[2:], edited])
    assert shown(old, new, PARAGRAPHS[1]) == ("changed", edited)


@pytest.mark.parametrize(
    ("new", "place"),
    [
        ("One  two\n\nthree four", (8, 10)),
        ("Zero. One  two\n\nthree four", (14, 16)),
        ("One  two\n\nthree five four", (8, 10)),
        ("One  two three four", None),
        ("three four", None),
    ],
)
def test_white_space_goes_with_the_words_on_both_its_sides(new: str, place: tuple[int, int] | None) -> None:
    assert found("One  two\n\nthree four", new, "\n\n").place == place


def test_a_text_of_white_space_has_no_words_to_lose() -> None:
    assert anchor(align(" \n ", " \n "), 1, 2) == Anchored("kept", 1.0, (1, 2))
    assert anchor(align(" \n ", "\t"), 0, 3).outcome == "orphaned"


@pytest.mark.parametrize("words", ["First words", "Last words.", "First words here. Middle. Last words."])
def test_spans_at_the_ends_of_a_text_stay_where_text_is_added(words: str) -> None:
    old = "First words here. Middle. Last words."
    for new in (old, f"New start. {old}", f"{old} New end.", f"New start.\n\n{old}\n\nNew end."):
        assert shown(old, new, words) == ("kept", words)


def test_an_edit_inside_a_span_of_the_whole_text_changes_it() -> None:
    old = "First words here. Middle. Last words."
    new = "First words here. Muddle. Last words."
    assert shown(old, new, old) == ("changed", new)


@pytest.mark.parametrize("new", ["", " ", "x", "完全不同的文字"])
def test_of_a_text_that_is_gone_everything_is_orphaned(new: str) -> None:
    assert shown("First words here.", new, "First words") == ("orphaned", None)
    assert shown("First words here.", new, "First words here.") == ("orphaned", None)


def test_the_score_says_how_much_of_the_span_and_its_surroundings_is_there() -> None:
    text = "x" * 40 + " Before it. He said no. Behind it. " + "y" * 40
    assert found(text, text, "He said no.").score == 1.0
    assert found(text, text.replace("Before it.", "No more."), "He said no.").score < 1.0
    assert found(text, text.replace("He said no.", ""), "He said no.").score < 0.5


HILL = "Hill got 61 votes."


@pytest.mark.parametrize(
    ("old", "new", "words", "nth", "outcome", "before"),
    [
        ("Killed\n1,061\nHurt\n103\n", "Killed\n63\nHurt\n1,061\n", "1,061", 0, "changed", "Hurt\n"),
        ("A,10\nB,20\n", "A,20\nB,10\n", "20", 0, "orphaned", None),
        ("Smith beat Jones in May.", "Jones beat Smith in May.", "Jones", 0, "orphaned", None),
        (
            "Hill got 61 votes. Adams got 61 votes. Clark got 10.",
            "Hill got 61 votes. Clark got 10.",
            "61",
            0,
            "kept",
            "got ",
        ),
        (
            "Hill got 61 votes. Adams got 61 votes. Clark got 10.",
            "Hill got 61 votes. Clark got 10.",
            "61",
            1,
            "orphaned",
            None,
        ),
        (
            "He spoke. The city planted 4,000 trees. Nobody came.",
            "He spoke. The city planted 2,950 trees. We had said that the city planted 4,000 trees. Nobody came.",
            "4,000 trees",
            0,
            "changed",
            "city planted ",
        ),
        (
            "Homs:\n61 people died.\nAleppo:\n63 people died.\nIdlib:\n70 people died.\n",
            "Homs:\n63 people died.\nAleppo:\n64 people died.\nIdlib:\n70 people died.\n",
            "63 people died.",
            0,
            "changed",
            "Homs:\n",
        ),
    ],
)
def test_words_that_stand_beside_others_now_are_not_passed_off_as_kept(
    old: str, new: str, words: str, nth: int, outcome: str, before: str | None
) -> None:
    anchored = found(old, new, words, nth)
    assert anchored.outcome == outcome
    assert (anchored.place is None) == (before is None)
    assert before is None or new[: (anchored.place or (0, 0))[0]].endswith(before)


NAMES = ["Homs", "Aleppo", "Idlib", "Derna", "Sumy", "Goma", "Bamako", "Kherson", "Tripoli", "Bremen", "Sendai"]
ROWS = ["{name},{n}\n", "In {name} {n} people died. ", "- {name}: {n} dead\n"]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[int], list[int], str]:
    """The numbers of labelled rows, before and after some were exchanged, corrected or deleted (-1), and a row."""
    count = draw(st.integers(3, len(NAMES)))
    numbers = draw(st.lists(st.integers(2, 9_999), min_size=count, max_size=count))
    edited = list(numbers)
    for _ in range(draw(st.integers(1, 3))):
        one, two = draw(st.integers(0, count - 1)), draw(st.integers(0, count - 1))
        match draw(st.sampled_from(("exchange", "correct", "delete"))):
            case "exchange":
                edited[one], edited[two] = edited[two], edited[one]
            case "correct":
                edited[one] = draw(st.integers(2, 9_999))
            case _:
                edited[one] = -1
    return (
        numbers,
        edited,
        draw(st.sampled_from(ROWS)),
    )


@given(tables())
def test_a_number_is_never_kept_in_the_row_of_another(table: tuple[list[int], list[int], str]) -> None:
    numbers, edited, row = table
    lines = [row.format(name=name, n=n) for name, n in zip(NAMES, numbers, strict=False)]
    after = [row.format(name=name, n=n) if n >= 0 else "" for name, n in zip(NAMES, edited, strict=False)]
    alignment = align("".join(lines), "".join(after))
    for at, (line, n) in enumerate(zip(lines, numbers, strict=True)):
        start = len("".join(lines[:at])) + line.index(str(n), len(NAMES[at]))
        anchored = anchor(alignment, start, start + len(str(n)))
        own = range(len("".join(after[:at])), len("".join(after[: at + 1])))
        assert anchored.outcome != "kept" or (anchored.place or (0, 0))[0] in own


def overlap(one: tuple[int, int], two: tuple[int, int]) -> float:
    """Intersection over union."""
    common = min(one[1], two[1]) - max(one[0], two[0])
    return max(0, common) / (max(one[1], two[1]) - min(one[0], two[0]))


def is_right(span: dict[str, Any], anchored: Anchored) -> bool:
    if anchored.place is None or span["gold"] is None:
        return anchored.place is span["gold"]
    least = 1.0 if span["kind"] == "intact" else 0.5
    return overlap(anchored.place, span["gold"]) >= least


def test_marks_on_real_documents_are_found_again(shared_data: Path) -> None:
    right, total = Counter[str](), Counter[str]()
    with gzip.open(shared_data / "anchoring" / "letsencrypt.jsonl.gz", "rt", encoding="utf-8") as lines:
        for pair in map(json.loads, lines):
            old, new = pair["before"], pair["after"]
            alignment = align(old, new)
            for span in pair["spans"]:
                words = old[span["start"] : span["end"]]
                repeats = span["kind"] == "intact" and max(old.count(words), new.count(words)) > 1
                kind = "repeats" if repeats else span["kind"]
                anchored = anchor(alignment, span["start"], span["end"])
                total[kind] += 1
                right[kind] += is_right(span, anchored)
                if anchored.outcome == "kept":
                    assert anchored.place
                    assert new[slice(*anchored.place)] == words
                    assert is_right(span, anchored)
    assert total == {"intact": 1077, "repeats": 30, "edited": 290, "gone": 75, "moved": 3}
    least = {"intact": 1.0, "repeats": 0.98, "edited": 0.985, "gone": 0.93, "moved": 0.9}
    assert {kind: right[kind] / total[kind] for kind in total if right[kind] / total[kind] < least[kind]} == {}
