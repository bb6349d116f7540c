"""Words: how a text falls into the pieces that edits leave whole, and where a word ends.

Scripts written without spaces between words fall into single characters.
"""

import re
from unicodedata import category

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, kana, Han."""
_LETTER = rf"[^\W{_UNSPACED}]"
WORD = re.compile(rf"(?<!{_LETTER}){_LETTER}{{1,64}}+(?!{_LETTER})|\w|([^\w\s])\1*")
"""A word of at most 64 letters; of anything longer, and of unspaced scripts, one letter; or a run of one mark."""
UNSPACED = re.compile(f"[{_UNSPACED}]")
DENSE = re.compile(f"[{_UNSPACED}\uac00-\ud7a3]")
NUMERALS = frozenset("〇零一二三四五六七八九十百千万萬亿億兆两兩壹贰叁肆伍陆柒捌玖拾佰仟만억")
SKIN_TONES = frozenset("🏻🏼🏽🏾🏿")
_SENTENCE_END = r"[.!?…][\"'”’)\]]*(?=\s)|[。！？]|\n\s*\n"
ENDS = re.compile(_SENTENCE_END)
"""Ends of sentences and paragraphs."""
LINES = re.compile(rf"{_SENTENCE_END}|\n")
"""Those, and of lines."""
JOINERS = frozenset("\u200c\u200d\u2060")
HYPHENS = frozenset("-‐‑")
APOSTROPHES = frozenset("'’`´′＇")
NUMBER_MARKS = frozenset(".,:/’'٫٬-‐‑–\u00a0\u2009\u202f")
PERCENT = frozenset("%‰٪")
SIGNS = frozenset("+-−±~≈<>≤≥€$£¥")
LONGEST_WORD = 64


def words(text: str) -> list[tuple[int, int]]:
    """Start and end of each word, and of each run of one punctuation mark.

    >>> words("4,000 trees…")
    [(0, 1), (1, 2), (2, 5), (6, 11), (11, 12)]
    """
    return [match.span() for match in WORD.finditer(text)]


def weight(text: str) -> int:
    """How much a stretch says: a letter or mark counts 1, a character that writes a syllable or a word 3."""
    return len("".join(text.split())) + 2 * len(DENSE.findall(text))


def rest_of_word(text: str, at: int) -> str:
    """What follows at `at` of a word or number that began before it.

    >>> rest_of_word("can't stop", 3), rest_of_word("3.5 %", 1), rest_of_word("12 000", 1), rest_of_word("Yes. No", 3)
    ("'t", '.5', '2', '')
    """
    end = at
    while 0 < end < len(text) and end - at < LONGEST_WORD and (_one_word(text, end) or _goes_on(text, end)):
        end += 1
    return text[at:end]


def head_of_word(text: str, at: int) -> str:
    """What stands before `at` of a word or number that goes on behind it.

    >>> head_of_word("14,000", 1), head_of_word("-5", 1), head_of_word("non-guilty", 4), head_of_word("a b", 2)
    ('1', '-', 'non-', '')
    """
    start = at
    while 0 < start < len(text) and at - start < LONGEST_WORD and (_one_word(text, start) or _leads_on(text, start)):
        start -= 1
    return text[start:at]


def _one_word(text: str, at: int) -> bool:
    """Whether the characters on both sides of `at` are letters of one word, or parts of one number."""
    before, after = text[at - 1], text[at]
    if before in JOINERS or after in JOINERS or after in SKIN_TONES or category(after).startswith("M"):
        return not before.isspace()
    if _marks_number(text, at - 1) or _marks_number(text, at):
        return True
    if UNSPACED.match(before) or UNSPACED.match(after):
        return _is_numeral(before) and _is_numeral(after)
    return _is_letter(before) and _is_letter(after)


def _goes_on(text: str, at: int) -> bool:
    """5|% and can|'t, but not floating|-point."""
    if text[at] in PERCENT:
        return text[at - 1].isdigit()
    mark = at if text[at] in APOSTROPHES else at - 1
    return text[mark] in APOSTROPHES and text[mark + 1 : mark + 2] == "t" and not _is_letter(text[mark + 2 : mark + 3])


def _leads_on(text: str, at: int) -> bool:
    """-|5, .|5 and non-|guilty."""
    mark = at if text[at] in HYPHENS else at - 1
    before, after = text[max(0, mark - 1) : mark], text[mark + 1 : mark + 2]
    if text[mark] in HYPHENS and _is_letter(before):
        return _is_letter(after)
    signed = text[at - 1] in SIGNS or (text[at - 1] == "." and not text[max(0, at - 2) : at - 1].strip())
    return signed and text[at].isdigit()


def _marks_number(text: str, at: int) -> bool:
    return 0 < at < len(text) - 1 and text[at] in NUMBER_MARKS and text[at - 1].isdigit() and text[at + 1].isdigit()


def _is_numeral(char: str) -> bool:
    return char.isdigit() or char in NUMERALS


def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "_" or (char != "" and category(char).startswith("M"))
