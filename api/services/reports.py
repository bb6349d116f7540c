"""Reports: what became of claims from one revision to another, and what changed between the texts."""

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

from api.services.answers import Answer
from api.services.spans import Marks, Texts
from api.text.marks import OUTCOMES, Mark, worst_outcome
from api.text.runs import Region, Run
from api.text.units import Rulers


class Places:
    """Stretches of an article's texts, said in one unit."""

    def __init__(self, tx: sa.Connection, texts: Texts, unit: str):
        self._tx, self._texts, self._unit = tx, texts, unit
        self._rulers: dict[int, Rulers] = {}

    def at(self, n: int, start: int, end: int) -> Answer:
        """`[start, end)` of revision `n`, given in code points."""
        if n not in self._rulers:
            self._rulers[n] = Rulers(self._texts.text(self._tx, n))
        text = self._rulers[n].text
        ruler = self._rulers[n][self._unit]
        return {
            "revision": n,
            "start": ruler.in_unit(start),
            "end": ruler.in_unit(end),
            "unit": self._unit,
            "exact": text[start:end],
        }


def of_carrying(standing: Mapping[str, Marks], places: Places) -> Answer:
    """What became of the claims that were carried to a revision, in the order of the text they came from."""
    carried = {claim: [mark for mark in marks if mark.outcome != "marked"] for claim, marks in standing.items()}
    claims = [
        {
            "claim": claim,
            "outcome": worst_outcome(marks),
            "spans": [_carried(mark, places) for mark in marks],
        }
        for claim, marks in sorted(carried.items(), key=_from_start)
        if marks
    ]
    counts = Counter(claim["outcome"] for claim in claims)
    return {outcome: counts[outcome] for outcome in OUTCOMES[1:]} | {"claims": claims}


def of_differences(texts_differ: list[Region], moved: list[Run], since: int, n: int, places: Places) -> Answer:
    """The changed stretches, in the order of the text, and those that were only moved."""
    return {
        "changes": [
            {
                "kind": _kind(region),
                "from": places.at(since, region.old_start, region.old_end),
                "to": places.at(n, region.new_start, region.new_end),
            }
            for region in texts_differ
        ],
        "moved": [
            {"from": places.at(since, run.old, run.old_end), "to": places.at(n, run.new, run.new_end)} for run in moved
        ],
    }


def _carried(mark: Mark, places: Places) -> Answer:
    return {
        "outcome": mark.outcome,
        "score": mark.score,
        "from": places.at(mark.from_revision, mark.from_start, mark.from_end),
        "to": None if mark.outcome == "orphaned" else places.at(mark.revision, mark.start, mark.end),
    }


def _from_start(carried: tuple[str, Marks]) -> tuple[int, str]:
    claim, marks = carried
    return min((mark.from_start for mark in marks), default=0), claim


def _kind(region: Region) -> str:
    removed, added = region.sizes
    if removed and added:
        return "replaced"
    return "deleted" if removed else "inserted"
