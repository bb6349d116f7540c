"""Surroundings: whether words that are still there still say what they said, by what they stand beside."""

from collections import Counter
from typing import NamedTuple

from api.text.alignment import Alignment, Passage
from api.text.words import ENDS, LINES, weight, words

SAYS_ENOUGH, SAYS_LITTLE = 32, 12
"""Words of this weight say by themselves what they belong to; lighter ones may be the number or name of any row."""
PUT_BETWEEN = 24
"""What may come between words and their neighbour, by weight, besides twice what was taken from there."""
RUNS, FAR = 20, 400
"""How many runs, and code points of each, are searched for a neighbour."""


class Gap(NamedTuple):
    """What lies between a span and the nearest word beside it that both texts have."""

    old: str
    new: str

    @property
    def is_alike(self) -> bool:
        """Whether no more came between than a few words, and no line or sentence."""
        as_many = len(LINES.findall(self.old)) == len(LINES.findall(self.new))
        return as_many and weight(self.new) <= 2 * weight(self.old) + PUT_BETWEEN


def outcome_there(alignment: Alignment, passage: Passage, span: tuple[int, int], place: tuple[int, int]) -> str:
    """`kept`, if the words of the span, which stand unchanged at the place, stand beside the same words there.

    Otherwise `changed`: words torn from the rest of their sentence, such as a number that only a correction notice
    still names, and few words that no neighbour followed, or that stand with the label of another row.
    """
    gaps = _before(alignment, passage, span[0], place[0]), _behind(alignment, passage, span[1], place[1])
    says = weight(alignment.old[slice(*span)])
    is_alone = says < SAYS_ENOUGH and not any(gap and gap.is_alike for gap in gaps)
    is_relabelled = says < SAYS_LITTLE and _has_label_from_elsewhere(alignment, span, place)
    return "changed" if is_alone or is_relabelled or _is_torn(alignment, passage, span, place) else "kept"


def _has_label_from_elsewhere(alignment: Alignment, span: tuple[int, int], place: tuple[int, int]) -> bool:
    """Whether the sentence at the place has a word that stood only in another sentence near by."""
    old, new = alignment.old, alignment.new
    own, there = old[slice(*_sentence(old, *span))], new[slice(*_sentence(new, *place))]
    near = Counter(_words(old[max(0, span[0] - FAR) : span[1] + FAR]))
    return any(near[word] == 1 for word in set(_words(there)) - set(_words(own)))


def _words(text: str) -> list[str]:
    return [text[start:end] for start, end in words(text) if text[start].isalnum()]


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the sentence, or the line, that `[start, end)` is of begins and ends; not further away than `FAR`."""
    earliest, latest = max(0, start - FAR), min(len(text), end + FAR)
    begins = max((found.end() for found in LINES.finditer(text, earliest, start)), default=earliest)
    behind = LINES.search(text, end, latest)
    return begins, behind.start() if behind else latest


def _is_torn(alignment: Alignment, passage: Passage, span: tuple[int, int], place: tuple[int, int]) -> bool:
    """Whether a sentence ends in the new text between the span and words that were of its sentence."""
    old, new = alignment.old, alignment.new
    earliest, latest = max(0, span[0] - FAR), min(len(old), span[1] + FAR)
    begins = max((end.end() for end in ENDS.finditer(old, earliest, span[0])), default=earliest)
    behind = ENDS.search(old, span[1], latest)
    ends = behind.start() if behind else latest
    head = [passage.runs[n].cut(begins, span[0]) for n in passage.reach(begins, span[0])[:1]]
    tail = [passage.runs[n].cut(span[1], ends) for n in passage.reach(span[1], ends)[-1:]]
    return any(ENDS.search(new, run.new, place[0]) for run in head) or any(
        ENDS.search(new, place[1], run.new_end) for run in tail
    )


def _before(alignment: Alignment, passage: Passage, start: int, at: int) -> Gap | None:
    """None: the nearest word of the passage is not before the place."""
    old, new = alignment.old, alignment.new
    for n in passage.reach(0, start)[: -RUNS - 1 : -1]:
        run = passage.runs[n].cut(0, start)
        for i in range(run.old_end - 1, max(run.old, run.old_end - FAR) - 1, -1):
            if old[i].isalnum():
                return Gap(old[i + 1 : start], new[i + 1 + run.shift : at]) if i + run.shift < at else None
    return Gap(old[:start], new[:at]) if passage is alignment.stayed and max(start, at) < FAR else None


def _behind(alignment: Alignment, passage: Passage, end: int, at: int) -> Gap | None:
    old, new = alignment.old, alignment.new
    for n in passage.reach(end, len(old))[:RUNS]:
        run = passage.runs[n].cut(end, len(old))
        for i in range(run.old, min(run.old_end, run.old + FAR)):
            if old[i].isalnum():
                return Gap(old[end:i], new[at : i + run.shift]) if i + run.shift >= at else None
    rest = max(len(old) - end, len(new) - at)
    return Gap(old[end:], new[at:]) if passage is alignment.stayed and rest < FAR else None
