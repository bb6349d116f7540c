"""Alignment: which stretches of an old text stand where in a new one.

Sentences and lines that stand once in each text come first; between them the words are matched, and where only
the spelling of a word changed, its letters.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from operator import attrgetter

from rapidfuzz.distance import Indel

from api.text.matching import Gaps, matched
from api.text.runs import Region, Run, agreed, between, in_order, joined, once_each
from api.text.sliding import slid, trimmed
from api.text.words import LINES

LETTER = re.compile(r"\w")
MISSPELT, LETTERS = 0.8, 1_000
"""How alike, and at most how long, stretches are whose single letters are aligned."""


class Passage:
    """Characters that kept their order: runs, sorted, that overlap on neither side."""

    def __init__(self, runs: list[Run]):
        self.runs = runs
        self._starts = [run.old for run in runs]
        self._sums = [0, *accumulate(run.length for run in runs)]

    def reach(self, start: int, end: int) -> range:
        """Which of its runs have characters of `[start, end)` of the old text."""
        first = bisect_right(self._starts, start) - 1
        if first < 0 or self.runs[first].old_end <= start:
            first += 1
        return range(first, bisect_left(self._starts, end))

    def kept(self, start: int, end: int) -> int:
        """How many characters of `[start, end)` of the old text it has."""
        reach = self.reach(start, end)
        if not reach:
            return 0
        outside = max(0, start - self.runs[reach[0]].old) + max(0, self.runs[reach[-1]].old_end - end)
        return self._sums[reach[-1] + 1] - self._sums[reach[0]] - outside


@dataclass(frozen=True)
class Alignment:
    """What became of `old` in `new`: the passage that stayed in order, and those that were moved elsewhere."""

    old: str
    new: str
    stayed: Passage
    moved: list[Passage]

    def passages(self, start: int, end: int) -> list[Passage]:
        """Those that have characters of `[start, end)` of the old text."""
        first = bisect_right(self.moved, start, key=lambda passage: passage.runs[-1].old_end)
        behind = bisect_left(self.moved, end, key=lambda passage: passage.runs[0].old)
        return [passage for passage in (self.stayed, *self.moved[first:behind]) if passage.reach(start, end)]

    def is_claimed(self, start: int, end: int, shift: int) -> bool:
        """Whether `[start, end)` of the new text has letters that stood elsewhere than `shift` before in the old."""
        by_place = self._by_place
        first = bisect_right(by_place, start, key=lambda run: run.new_end)
        behind = bisect_left(by_place, end, key=lambda run: run.new)
        others = (run for run in by_place[first:behind] if run.shift != shift)
        return any(LETTER.search(self.new, max(start, run.new), min(end, run.new_end)) for run in others)

    @cached_property
    def _by_place(self) -> list[Run]:
        """All runs, by the new text."""
        passages = (self.stayed, *self.moved)
        return sorted((run for passage in passages for run in passage.runs), key=attrgetter("new"))

    def differences(self) -> list[Region]:
        """What differs, with what was moved among it."""
        whole = Region(0, len(self.old), 0, len(self.new))
        return [trimmed(self.old, self.new, region) for region in between(self.stayed.runs, whole)]


def align(old: str, new: str) -> Alignment:
    """Aligns two texts, in time that grows as n log n of their lengths.

    >>> align("One two. Three four.", "One two. Zero! Three four.").stayed.runs
    [Run(old=0, new=0, length=9), Run(old=9, new=15, length=11)]
    """
    sentences = in_order(list(once_each(_sentences(old), _sentences(new))))
    whole = Region(0, len(old), 0, len(new))
    gaps = Gaps(old, new, list(between(sentences, whole)))
    stayed, moved = matched(gaps)
    words = [sorted([*sentences, *gaps.in_letters(stayed)]), *(gaps.in_letters(runs) for runs in moved)]
    taken = bytearray(len(old)), bytearray(len(new))
    passages = [_free(_merged(old, new, runs), taken) for runs in words]
    regions = [whole, *(_extent(runs) for runs in passages[1:])]
    first, *rest = [
        joined(sorted([*runs, *_free(_misspelt(old, new, runs, region), taken)]))
        for runs, region in zip(passages, regions, strict=True)
    ]
    # Sliding may have taken from what was moved.
    taken = bytearray(len(old)), bytearray(len(new))
    stayed, *moved = [_free(runs, taken) for runs in (slid(old, new, first), *rest)]
    return Alignment(old, new, Passage(stayed), [Passage(runs) for runs in moved if runs])


def _sentences(text: str) -> Iterator[tuple[str, int]]:
    """The sentences of the text, each line of its own, with their places."""
    start = 0
    for end in chain((match.end() for match in LINES.finditer(text)), (len(text),)):
        sentence = text[start:end].strip()
        if sentence:
            yield sentence, text.index(sentence, start)
        start = end


def _free(runs: list[Run], taken: tuple[bytearray, bytearray]) -> list[Run]:
    """What the runs have of characters that nothing has taken yet; they then take it."""
    free: list[Run] = []
    for run in runs:
        if 1 in taken[0][run.old : run.old_end] or 1 in taken[1][run.new : run.new_end]:
            each = (Run(run.old + n, run.new + n, 1) for n in range(run.length))
            free += joined(one for one in each if not (taken[0][one.old] or taken[1][one.new]))
        else:
            free.append(run)
    for run in free:
        taken[0][run.old : run.old_end] = taken[1][run.new : run.new_end] = b"\1" * run.length
    return free


def _extent(runs: list[Run]) -> Region:
    return Region(runs[0].old, runs[-1].old_end, runs[0].new, runs[-1].new_end) if runs else Region(0, 0, 0, 0)


def _merged(old: str, new: str, runs: list[Run]) -> list[Run]:
    """The runs, those made one that have nothing but the same between them."""
    whole: list[Run] = []
    for run in runs:
        last = whole[-1] if whole else None
        if last and last.shift == run.shift and old[last.old_end : run.old] == new[last.new_end : run.new]:
            whole[-1] = Run(last.old, last.new, run.old_end - last.old)
        else:
            whole.append(run)
    return whole


def _misspelt(old: str, new: str, runs: list[Run], region: Region) -> list[Run]:
    """The letters kept between the runs, in words that were only spelt another way."""
    return [run for gap in between(runs, region) for run in _letters(old, new, gap)]


def _letters(old: str, new: str, gap: Region) -> list[Run]:
    before, after = old[gap.old_start : gap.old_end], new[gap.new_start : gap.new_end]
    if not 0 < max(gap.sizes) <= LETTERS or Indel.normalized_similarity(before, after, score_cutoff=MISSPELT) == 0:
        return []
    return [run.moved_by(gap.old_start, gap.new_start) for run in agreed(before, after)]
