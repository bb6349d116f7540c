"""Re-anchoring: where the words of a span stand in the next text, if that can be said for certain."""

from dataclasses import dataclass
from typing import NamedTuple

from api.text.alignment import Alignment, Passage
from api.text.runs import Region, Run
from api.text.spans import CONTEXT
from api.text.surroundings import outcome_there
from api.text.words import head_of_word, rest_of_word, words

LEAST_KEPT = 0.5
"""Share of a span's letters that must still be there for its passage to be."""
LEAST_DENSE = 0.25
"""Share of the letters at the new place that must come from the old one."""
STRAY = 8
"""A first or last piece is not of the passage any more once this many times its length was put between."""
LONGEST_GAP = 500
"""Code points between aligned words that are looked through for what replaced a span's first or last words."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """What became of a span: `kept`, `changed` or `orphaned`, with its place in the new text unless orphaned.

    `score` is the share of the span and its surroundings (32 code points a side) that the new text has kept in order;
    of an orphaned one, of its letters.
    """

    outcome: str
    score: float
    place: tuple[int, int] | None


class _Place(NamedTuple):
    likeness: float
    start: int
    end: int


NOWHERE = _Place(0.0, 0, 0)


def anchor(alignment: Alignment, start: int, end: int) -> Anchored:
    """Where `[start, end)` of the old text stands in the new one.

    - `kept`: the same words, code point for code point, beside the same words;
    - `changed`: at least half of their letters are there, in one passage; or all, torn from what they stood beside;
    - `orphaned`: they are gone, or nobody can say which of several equal words they are.

    >>> from api.text.alignment import align
    >>> anchor(align("It said 61 died. More soon.", "Later it said 63 died. More soon."), 8, 15)
    Anchored(outcome='changed', score=0.741, place=(14, 21))
    """
    best, passage = NOWHERE, alignment.stayed
    for candidate in alignment.passages(start, end):
        found = _same_words(alignment, candidate, start, end) or _edited(alignment, candidate, start, end)
        if found.likeness >= best.likeness:
            best, passage = found, candidate
    if best.likeness < LEAST_KEPT:
        return Anchored("orphaned", round(best.likeness, 3), None)
    score = _score(alignment, passage, start, end)
    place = _with_whole_words(alignment, best, start, end)
    same = alignment.old[start:end] == alignment.new[slice(*place)]
    outcome = outcome_there(alignment, passage, (start, end), place) if same else "changed"
    return Anchored(outcome, score, place)


def _score(alignment: Alignment, passage: Passage, start: int, end: int) -> float:
    around = max(0, start - CONTEXT), min(len(alignment.old), end + CONTEXT)
    return round(passage.kept(*around) / (around[1] - around[0]), 3)


def _same_words(alignment: Alignment, passage: Passage, start: int, end: int) -> _Place | None:
    """All the words, unchanged, at the place that one part of them says, unless others stand there."""
    exact = alignment.old[start:end]
    for shift in dict.fromkeys(passage.runs[n].shift for n in passage.reach(start, end)):
        at = start + shift
        if at >= 0 and alignment.new.startswith(exact, at) and not alignment.is_claimed(at, at + len(exact), shift):
            return _Place(1.0, at, at + len(exact))
    return None


def _edited(alignment: Alignment, passage: Passage, start: int, end: int) -> _Place:
    """From the first of the kept words to the last, with what replaced lost ones at the edges."""
    old, new = alignment.old, alignment.new
    reach = passage.reach(start, end)
    pieces = [passage.runs[n].cut(start, end) for n in reach]
    core = _without_strays(pieces)
    first, last = core[0], core[-1]
    kept = sum(_letters(old[piece.old : piece.old_end]) for piece in core)
    if kept < LEAST_DENSE * _letters(new[first.new : last.new_end]):
        return NOWHERE
    place_start, place_end = first.new, last.new_end
    if first is pieces[0]:
        before = passage.runs[reach[0] - 1] if reach[0] else Run(0, 0, 0)
        gap = Region(before.old_end, first.old, before.new_end, first.new)
        place_start -= len(_replacement(alignment, gap, old[start : first.old])[0])
    if last is pieces[-1]:
        behind = passage.runs[reach[-1] + 1] if reach[-1] + 1 < len(passage.runs) else Run(len(old), len(new), 0)
        gap = Region(last.old_end, behind.old, last.new_end, behind.new)
        place_end += len(_replacement(alignment, gap, old[last.old_end : end])[1])
    place = _trimmed(new, place_start, place_end, like=old[start:end])
    return _Place(kept / _letters(old[start:end]), *place) if place[0] < place[1] else NOWHERE


def _trimmed(text: str, start: int, end: int, like: str) -> tuple[int, int]:
    """Without white space at an edge where there was none: it stood between kept words and lost ones."""
    words = text[start:end]
    if not like[0].isspace():
        start += len(words) - len(words.lstrip())
    if not like[-1].isspace():
        end -= len(words) - len(words.rstrip())
    return start, end


def _without_strays(pieces: list[Run]) -> list[Run]:
    """Without first or last pieces that a far longer insertion cut off from the others."""
    first, last = 0, len(pieces) - 1
    while first < last:
        head, tail = _inserted(*pieces[first : first + 2]), _inserted(*pieces[last - 1 : last + 1])
        if head > STRAY * pieces[first].length and head >= tail:
            first += 1
        elif tail > STRAY * pieces[last].length:
            last -= 1
        elif head > STRAY * pieces[first].length:
            first += 1
        else:
            break
    return pieces[first : last + 1]


def _inserted(piece: Run, following: Run) -> int:
    return following.shift - piece.shift


def _replacement(alignment: Alignment, gap: Region, lost: str) -> tuple[str, str]:
    """What stands in the gap of the new text for the words lost there, if they are its last, or its first.

    That is all of a gap where nothing else was lost, otherwise as many words as were.
    """
    here, there = alignment.old[gap.old_start : gap.old_end], alignment.new[gap.new_start : gap.new_end]
    if len(here) > LONGEST_GAP or len(there) > 2 * len(here) + 8:
        return "", ""
    found, missing = words(there), len(words(lost))
    if not found or not missing:
        return "", ""
    count = len(found) if missing == len(words(here)) else min(missing, len(found))
    return there[found[-count][0] :], there[: found[count - 1][1]]


def _with_whole_words(alignment: Alignment, place: _Place, start: int, end: int) -> tuple[int, int]:
    """The place, and the rest of a word or number that was whole before and has grown over its edge."""
    old, new = alignment.old, alignment.new
    head = "" if head_of_word(old, start) else head_of_word(new, place.start)
    tail = "" if rest_of_word(old, end) else rest_of_word(new, place.end)
    return place.start - len(head), place.end + len(tail)


def _letters(text: str) -> int:
    """How many characters the text has besides white space; at least one, so that it can be divided by."""
    return max(1, len("".join(text.split())))
