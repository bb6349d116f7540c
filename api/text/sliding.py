"""Sliding: where exactly something was taken out, or put in, when its end is like what stands before it.

From “Hill got 61 votes. Adams got 61 votes.” one sentence was deleted. By its letters that may be
“ got 61 votes. Adams” as well; people delete lines and sentences.
"""

from api.text.runs import Region, Run
from api.text.words import ENDS

FURTHEST = 2_000
"""Code points that a stretch is slid at most, either way."""


def slid(old: str, new: str, runs: list[Run]) -> list[Run]:
    """The runs, with every deletion and insertion between them moved to where a line or sentence begins.

    Where it could as well be at several such places, what lies between these is left out.
    """
    moved: list[Run] = []
    for run in runs:
        pair = _slid(old, new, moved.pop(), run) if moved else (run,)
        moved += [each for each in pair if each.length > 0]
    return moved


def trimmed(old: str, new: str, region: Region) -> Region:
    """The region without the white space that begins, or ends, both its sides."""
    i, old_end, j, new_end = region
    while i < old_end and j < new_end and old[i] == new[j] and old[i].isspace():
        i, j = i + 1, j + 1
    while i < old_end and j < new_end and old[old_end - 1] == new[new_end - 1] and old[old_end - 1].isspace():
        old_end, new_end = old_end - 1, new_end - 1
    return Region(i, old_end, j, new_end)


def _slid(old: str, new: str, before: Run, behind: Run) -> tuple[Run, Run]:
    region = trimmed(old, new, Region(before.old_end, behind.old, before.new_end, behind.new))
    here, there = old[region.old_start : region.old_end], new[region.new_start : region.new_end]
    same = min(here, there, key=len)
    if not (here or there):
        return _joined(before, behind)
    if not (here.startswith(same) and there.startswith(same)):
        return before, behind
    # What both sides begin with belongs to the runs: white space, and words that may as well stand at the end.
    region = Region(region.old_start + len(same), region.old_end, region.new_start + len(same), region.new_end)
    before = Run(before.old, before.new, region.old_start - before.old)
    behind = Run(region.old_end, region.new_end, behind.old_end - region.old_end)
    if not any(region.sizes):
        return _joined(before, behind)
    text, start, end = (old, *region[:2]) if region.sizes[0] else (new, *region[2:])
    back, forth = _alike(text, start, end, before.length, behind.length)
    places = range(start - back, start + forth + 1)
    best = max(_beginning(text, place) for place in places)
    first, *_, last = (found := [place for place in places if _beginning(text, place) == best]) + found[-1:]
    if not text[first:last].strip():
        first = last
    return (
        Run(before.old, before.new, before.length + first - start),
        Run(behind.old + last - start, behind.new + last - start, behind.length + start - last),
    )


def _joined(before: Run, behind: Run) -> tuple[Run, Run]:
    """Runs between which the texts are the same, as one and an empty one."""
    whole = Run(before.old, before.new, behind.old_end - before.old)
    return whole, Run(whole.old_end, whole.new_end, 0)


def _alike(text: str, start: int, end: int, most_back: int, most_forth: int) -> tuple[int, int]:
    """How far `[start, end)` can be moved back and forth and leave the same text when it is taken out."""
    back = forth = 0
    while back < min(most_back, FURTHEST) and text[start - back - 1] == text[end - back - 1]:
        back += 1
    while forth < min(most_forth, FURTHEST) and text[start + forth] == text[end + forth]:
        forth += 1
    return back, forth


def _beginning(text: str, at: int) -> int:
    """How much of a beginning the place is: of a line, a sentence, a word, or of nothing."""
    if at == 0 or text[at - 1] == "\n":
        return 3
    if text[at - 1].isspace() or ENDS.match(text, at - 1):
        head = text[max(0, at - 8) : at].rstrip()
        return 2 if ENDS.search(head + " ", max(0, len(head) - 2)) else 1
    return 0
