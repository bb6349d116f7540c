"""Matching: which words of two texts are the same ones.

Sure things first: groups of words that stand once on each side, in the same order. What is left
over is searched for passages that were moved. Of the rest, only that is matched on which longest
common subsequences found from the front and from the back agree; where they do not, as when one
of two equal rows was deleted, nobody can say which it was.
"""

from collections.abc import Iterator

from api.text.runs import Region, Run, agreed, between, groups, in_order, joined, once_each
from api.text.words import weight, words

GROUPS = (6, 3)
"""Sizes, in words, of the groups looked for once on each side, one after the other."""
WINDOW = 1_000
"""Words a side that are compared one by one; longer stretches, which only repeat themselves, window by window."""
MOVED_GROUP, MOVED_LEAST = 3, 16
"""Words that must stand once among what is left over, and the weight of the passage around them."""
MOVED_GAP = 16
"""Most words between two parts of one moved passage."""
SAME = str.maketrans(
    dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟«»", '"') | dict.fromkeys("–—‐‑", "-") | {"\u00a0": " "}
)
"""Variants that typography exchanges."""


class Gaps:
    """The words of the regions that the lines leave open, each written as one character."""

    def __init__(self, old: str, new: str, regions: list[Region]):
        self._texts = old, new
        self._bounds: tuple[list[tuple[int, int]], ...] = [], []
        self._known = {"": "\0", " ": "\1"}  # Codes that stand for no word, for `_without`.
        codes: tuple[list[str], ...] = [], []
        self.regions = []
        for region in regions:
            ends = []
            for side, (start, end) in enumerate((region[:2], region[2:])):
                ends += [len(codes[side])]
                codes[side].extend(self._coded(side, start, end))
                ends += [len(codes[side])]
                # What stands on one side only: no group of words reaches from region to region.
                codes[side].append(self._code(f"\0{side}"))
                self._bounds[side].append((end, end))
            self.regions.append(Region(*ends))
        self.old, self.new = "".join(codes[0]), "".join(codes[1])

    def _coded(self, side: int, start: int, end: int) -> Iterator[str]:
        part = self._texts[side][start:end].translate(SAME)
        for first, behind in words(part):
            self._bounds[side].append((start + first, start + behind))
            yield self._code(part[first:behind])

    def _code(self, word: str) -> str:
        # Should there be more different words than characters, some share one; `in_letters` compares the words.
        return self._known.setdefault(word, chr(len(self._known) % 0x110000))

    def weight(self, run: Run) -> int:
        bounds = self._bounds[0]
        return weight(self._texts[0][bounds[run.old][0] : bounds[run.old_end - 1][1]])

    def in_letters(self, runs: list[Run]) -> list[Run]:
        """Runs of words as runs of characters, a run a word; without words that only typography made different."""
        pairs = ((run.old + n, run.new + n) for run in runs for n in range(run.length))
        return [
            Run(self._bounds[0][i][0], self._bounds[1][j][0], len(self._word(0, i)))
            for i, j in pairs
            if self._word(0, i) == self._word(1, j)
        ]

    def _word(self, side: int, n: int) -> str:
        return self._texts[side][slice(*self._bounds[side][n])]


def matched(gaps: Gaps) -> tuple[list[Run], list[list[Run]]]:
    """Runs of words that stayed in order, and those that were moved, a list a passage; sorted by the old text."""
    sure: list[Run] = []
    unsure: list[Region] = []
    for region in gaps.regions:
        found = _grouped(gaps.old, gaps.new, region, GROUPS)
        sure += found
        unsure += between(found, region)
    moved, old, new = _moved(gaps, unsure)
    rest = (run for region in unsure for run in _compared(old, new, region))
    return sorted([*sure, *rest]), moved


def _grouped(old: str, new: str, region: Region, sizes: tuple[int, ...]) -> list[Run]:
    """Runs of groups of words that stand once on each side of the region, the largest groups first."""
    size, *smaller = sizes
    found = in_order(joined(once_each(groups(old, *region[:2], size), groups(new, *region[2:], size))))
    if not smaller:
        return found
    rest = [run for gap in between(found, region) for run in _grouped(old, new, gap, tuple(smaller))]
    return sorted([*found, *rest])


def _compared(old: str, new: str, region: Region) -> list[Run]:
    """Runs of single words: those that stand once on each side of the region, and what is agreed on between them."""
    found = _grouped(old, new, region, (1,))
    rest = []
    for gap in between(found, region):
        here, there = old[gap.old_start : gap.old_end], new[gap.new_start : gap.new_end]
        compare = agreed if len(here) * len(there) <= WINDOW**2 else _window_by_window
        rest += [run.moved_by(gap.old_start, gap.new_start) for run in compare(here, there)]
    return sorted([*found, *rest])


def _window_by_window(old: str, new: str) -> list[Run]:
    """As `agreed`, for long stretches; of each window, the half that does not depend on where it was cut."""
    found: list[Run] = []
    i = j = 0
    while i < len(old) and j < len(new):
        here = [
            run.moved_by(i, j)
            for run in agreed(old[i : i + WINDOW], new[j : j + WINDOW])
            if max(run.old, run.new) < WINDOW // 2
        ]
        found += here
        i, j = (here[-1].old_end, here[-1].new_end) if here else (i + WINDOW // 2, j + WINDOW // 2)
    return found


def _moved(gaps: Gaps, free: list[Region]) -> tuple[list[list[Run]], str, str]:
    """Runs of words that went from one free region to another, a list a passage; and both texts without them."""
    old, new = gaps.old, gaps.new
    taken = bytearray(b"\1" * len(old)), bytearray(b"\1" * len(new))
    for region in free:
        taken[0][slice(*region[:2])] = bytes(region.sizes[0])
        taken[1][slice(*region[2:])] = bytes(region.sizes[1])
    here = (group for region in free for group in groups(old, *region[:2], MOVED_GROUP))
    there = (group for region in free for group in groups(new, *region[2:], MOVED_GROUP))
    passages: list[list[Run]] = []
    for seed in joined(once_each(here, there)):
        run = _grown(old, new, seed, taken)
        if run is None or gaps.weight(run) < MOVED_LEAST:
            continue
        gap = _gap(passages[-1][-1], run, taken) if passages else None
        more = [*_compared(old, new, gap), run] if gap else [run]
        for part in more:
            taken[0][part.old : part.old_end] = taken[1][part.new : part.new_end] = b"\1" * part.length
        if gap:
            passages[-1] += more
        else:
            passages.append(more)
    return passages, _without(old, taken[0], "\0"), _without(new, taken[1], "\1")


def _without(sequence: str, taken: bytearray, instead: str) -> str:
    return "".join([instead if is_taken else word for word, is_taken in zip(sequence, taken, strict=True)])


def _grown(old: str, new: str, run: Run, taken: tuple[bytearray, bytearray]) -> Run | None:
    """The run, as far as both texts go on alike and nothing of it is taken."""
    i, j, length = run
    # A passage before it may have taken the full stop that both begin or end with.
    while length and (taken[0][i] or taken[1][j]):
        i, j, length = i + 1, j + 1, length - 1
    while length and (taken[0][i + length - 1] or taken[1][j + length - 1]):
        length -= 1
    if not length or any(taken[0][i : i + length]) or any(taken[1][j : j + length]):
        return None
    while i and j and old[i - 1] == new[j - 1] and not (taken[0][i - 1] or taken[1][j - 1]):
        i, j, length = i - 1, j - 1, length + 1
    while i + length < len(old) and j + length < len(new) and old[i + length] == new[j + length]:
        if taken[0][i + length] or taken[1][j + length]:
            break
        length += 1
    return Run(i, j, length)


def _gap(last: Run, run: Run, taken: tuple[bytearray, bytearray]) -> Region | None:
    """What lies between two runs of one moved passage; None if they are not of one."""
    gap = Region(last.old_end, run.old, last.new_end, run.new)
    near = all(0 <= size <= MOVED_GAP for size in gap.sizes)
    return gap if near and not any(taken[0][slice(*gap[:2])]) and not any(taken[1][slice(*gap[2:])]) else None
