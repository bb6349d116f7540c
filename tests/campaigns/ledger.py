"""What a client was told is kept, held against what is stored.

Every write carries a mark, a word that no other write has, in some member that people fill in. So a database can be
asked which writes it holds: those that were acknowledged must be there, those in doubt may be, no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from api.db import Database
from api.models import articles, assessments, claims, evidence, projects, resolutions, revisions
from api.settings import Settings


class Key(NamedTuple):
    """A thing: its table, and its id there; of a revision `article/n`, of a resolution its claim."""

    table: str
    id: str


Stored = dict[Key, str]
"""The mark that each thing bears."""
_n = sa.cast(revisions.c.n, sa.String)
MARKED: dict[str, tuple[Any, Any]] = {
    "projects": (projects.c.slug, projects.c.description),
    "articles": (articles.c.id, articles.c.title),
    "revisions": (sa.cast(revisions.c.article, sa.String) + "/" + _n, revisions.c.note),
    "claims": (claims.c.id, claims.c.text),
    "evidence": (evidence.c.id, evidence.c.note),
    "assessments": (assessments.c.id, assessments.c.rationale),
    "resolutions": (resolutions.c.claim, resolutions.c.rationale),
}


def stored(url: str) -> Stored:
    """The marks that the database holds."""
    database = Database(Settings(database_url=url))
    found: Stored = {}
    with database.snapshot() as tx:
        for table, (id, mark) in MARKED.items():
            rows = tx.execute(sa.select(id, mark).where(mark.is_not(None)))
            found |= {Key(table, str(row[0])): row[1] for row in rows}
    database.close()
    return found


@dataclass
class Doubt:
    """A write that was not answered: the mark that it would leave, on which things, and which it would remove."""

    mark: str | None
    on: Key | None = None
    """None: something new."""
    below: Key | None = None
    removes: frozenset[Key] = frozenset()


@dataclass
class Ledger:
    """What one client was told of its own things, which nobody else touches."""

    kept: Stored = field(default_factory=dict)
    below: dict[Key, Key] = field(default_factory=dict)
    """What each thing hangs on."""
    doubts: list[Doubt] = field(default_factory=list)
    acknowledged: int = 0

    def keep(self, key: Key, mark: str, on: Key | None = None) -> None:
        """A write was acknowledged."""
        self.kept[key] = mark
        self.acknowledged += 1
        self.doubts = [doubt for doubt in self.doubts if doubt.on != key]  # it is now written over
        if on:
            self.below[key] = on

    def drop(self, key: Key) -> None:
        """A removal was acknowledged."""
        for each in self.with_all_below(key):
            self.kept.pop(each, None)
        self.acknowledged += 1

    def with_all_below(self, key: Key) -> frozenset[Key]:
        return frozenset(each for each in {*self.kept, key} if key in self._above(each))

    def _above(self, key: Key) -> Iterator[Key]:
        """The thing and all that it hangs on."""
        above: Key | None = key
        while above:
            yield above
            above = self.below.get(above)

    def faults(self, found: Stored) -> list[str]:
        """Acknowledged writes that are not there."""
        return [
            f"{key.table} {key.id}: {mark} was acknowledged, found {found.get(key)}"
            for key, mark in self.kept.items()
            if found.get(key) not in self._allowed(key, mark)
        ]

    def _allowed(self, key: Key, mark: str) -> set[str | None]:
        doubted = {doubt.mark for doubt in self.doubts if doubt.on == key}
        removed = {None for doubt in self.doubts if key in doubt.removes}
        return {mark} | doubted | removed

    def settle(self, found: Stored) -> int:
        """Takes what is there of the doubtful writes for told; gives how many of them were done."""
        keys = {mark: key for key, mark in found.items()}
        done = 0
        for doubt in self.doubts:
            if doubt.removes:
                gone = {key for key in doubt.removes if key not in found}
                self.kept = {key: mark for key, mark in self.kept.items() if key not in gone}
                done += bool(gone)
            elif doubt.mark in keys:
                self._adopt(keys[doubt.mark], doubt)
                done += 1
        self.doubts = []
        return done

    def _adopt(self, key: Key, doubt: Doubt) -> None:
        self.kept[key] = str(doubt.mark)
        if doubt.below:
            self.below[key] = doubt.below


def lost_or_unexplained(ledgers: list[Ledger], found: Stored) -> list[str]:
    """Acknowledged writes that are not there, and marks of which nobody was told and nobody is in doubt."""
    faults = [fault for ledger in ledgers for fault in ledger.faults(found)]
    known = {key for ledger in ledgers for key in ledger.kept}
    doubted = {doubt.mark for ledger in ledgers for doubt in ledger.doubts}
    for key, mark in found.items():
        if key not in known and mark not in doubted:
            faults.append(f"{key.table} {key.id}: {mark} is there, but nobody was told of it")
    twice = len(found) - len(set(found.values()))
    return faults + ([f"{twice} marks are there twice"] if twice else [])
