"""Runs: stretches that two sequences share, and which of them can hold at the same time.

A sequence is a string; what its characters stand for (letters, words) is the caller's matter.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz.distance import Indel

NEARLY = 2
"""How many times as heavy as a run that crosses it a choice must be to be beyond doubt."""


class Run(NamedTuple):
    """`length` characters that stand at `old` in one sequence and at `new` in the other."""

    old: int
    new: int
    length: int

    @property
    def old_end(self) -> int:
        return self.old + self.length

    @property
    def new_end(self) -> int:
        return self.new + self.length

    @property
    def shift(self) -> int:
        return self.new - self.old

    def cut(self, start: int, end: int) -> "Run":
        """What it has of `[start, end)` of the old sequence, which it must reach into."""
        skipped = max(0, start - self.old)
        return Run(self.old + skipped, self.new + skipped, min(self.old_end, end) - self.old - skipped)

    def moved_by(self, old: int, new: int) -> "Run":
        return Run(self.old + old, self.new + new, self.length)


class Region(NamedTuple):
    """`[old_start, old_end)` of one sequence and `[new_start, new_end)` of the other."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int

    @property
    def sizes(self) -> tuple[int, int]:
        return self.old_end - self.old_start, self.new_end - self.new_start


def between(runs: Iterable[Run], region: Region) -> Iterator[Region]:
    """What lies before, between and behind runs that keep their order, where either side has anything."""
    old, new = region.old_start, region.new_start
    for run in [*runs, Run(region.old_end, region.new_end, 0)]:
        if old < run.old or new < run.new:
            yield Region(old, run.old, new, run.new)
        old, new = run.old_end, run.new_end


def once_each(old: Iterable[tuple[str, int]], new: Iterable[tuple[str, int]]) -> Iterator[Run]:
    """The pieces that come once on each side, in the order of the old; a piece is its letters and its place."""
    there = _single(new)
    for piece, at in _single(old).items():
        if at >= 0 and there.get(piece, -1) >= 0:
            yield Run(at, there[piece], len(piece))


def _single(pieces: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Where each piece stands, or -1 if it stands more than once."""
    places: dict[str, int] = {}
    for piece, at in pieces:
        places[piece] = -1 if piece in places else at
    return places


def groups(sequence: str, start: int, end: int, size: int) -> Iterator[tuple[str, int]]:
    """All stretches of `size` characters, with their places."""
    return ((sequence[at : at + size], at) for at in range(start, end - size + 1))


def joined(runs: Iterable[Run]) -> list[Run]:
    """The runs, those that touch or overlap with the same shift made one."""
    whole: list[Run] = []
    for run in runs:
        if whole and run.shift == whole[-1].shift and run.old <= whole[-1].old_end:
            last = whole.pop()
            run = Run(last.old, last.new, max(last.old_end, run.old_end) - last.old)
        whole.append(run)
    return whole


def in_order(runs: list[Run]) -> list[Run]:
    """The heaviest choice of runs (sorted by `old`) that come in the same order in both sequences.

    Not those that could nearly as well give way to one that crosses them, as the values of two
    rows that were exchanged: which of them stayed, nobody can say. Where two chosen runs claim
    the same characters, neither gets them.
    """
    return _disjoint(_undoubted(_heaviest(runs), runs))


def _undoubted(chain: list[Run], runs: list[Run]) -> list[Run]:
    """The chain, without what a run outside of it outweighs or nearly: all that this run crosses together."""
    olds, news = [run.old for run in chain], [run.new for run in chain]
    sums = [0, *accumulate(run.length for run in chain)]
    doubts = [0] * (len(chain) + 1)
    chosen = set(chain)
    for run in runs:
        if run in chosen:
            continue
        first, behind = sorted((bisect_left(olds, run.old), bisect_left(news, run.new)))
        if 0 < sums[behind] - sums[first] <= run.length * NEARLY:
            doubts[first] += 1
            doubts[behind] -= 1
    return [run for run, doubted in zip(chain, accumulate(doubts), strict=False) if not doubted]


def _heaviest(runs: list[Run]) -> list[Run]:
    # Ends and weights of the best chains, both rising; each chain remembers the one it continues.
    starts: list[int] = []
    weights: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for n, run in enumerate(runs):
        at = bisect_left(starts, run.new)
        weight = run.length + (weights[at - 1] if at else 0)
        before.append(last[at - 1] if at else -1)
        beaten = at
        while beaten < len(starts) and weights[beaten] <= weight:
            beaten += 1
        if beaten == at and at < len(starts) and starts[at] == run.new:
            continue
        starts[at:beaten], weights[at:beaten], last[at:beaten] = [run.new], [weight], [n]
    chain: list[Run] = []
    n = last[-1] if last else -1
    while n >= 0:
        chain.append(runs[n])
        n = before[n]
    return chain[::-1]


def _disjoint(chain: list[Run]) -> list[Run]:
    """Without what neighbours both claim; a run that would lose all of itself goes."""
    apart: list[Run] = []
    for run in chain:
        while apart:
            last = apart[-1]
            both = max(last.old_end - run.old, last.new_end - run.new)
            if both <= 0:
                break
            if last.shift == run.shift:
                apart.pop()
                run = Run(last.old, last.new, max(last.old_end, run.old_end) - last.old)
            elif both < min(last.length, run.length):
                apart[-1] = Run(last.old, last.new, last.length - both)
                run = Run(run.old + both, run.new + both, run.length - both)
                break
            elif last.length < run.length:
                apart.pop()
            else:
                break
        if not apart or (apart[-1].old_end <= run.old and apart[-1].new_end <= run.new):
            apart.append(run)
    return apart


def agreed(old: str, new: str) -> list[Run]:
    """What longest common subsequences found from the front and from the back have in common.

    >>> agreed("abXcd", "abcd")
    [Run(old=0, new=0, length=2), Run(old=3, new=2, length=2)]
    >>> agreed("na na na", "na na")  # which of the three went?
    []
    """
    if old and old == new:
        return [Run(0, 0, len(old))]
    front = dict(_pairs(old, new))
    back = ((len(old) - 1 - i, len(new) - 1 - j) for i, j in _pairs(old[::-1], new[::-1]))
    return joined(Run(i, j, 1) for i, j in sorted(back) if front.get(i) == j)


def _pairs(old: str, new: str) -> Iterator[tuple[int, int]]:
    for block in Indel.editops(old, new).as_matching_blocks():
        yield from zip(range(block.a, block.a + block.size), range(block.b, block.b + block.size), strict=True)
