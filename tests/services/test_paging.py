"""Lists: what is kept of the ways in which they were asked for."""

import gc
from itertools import combinations

from api.db import Database
from api.services.answers import Reading
from api.services.claim_lists import FILTERS, IN_PROJECT
from api.services.paging import KEPT

SINGLE = [name for name in FILTERS if name not in ("needs_attention", "status", "verdict", "q")]


def readings() -> int:
    gc.collect()
    return sum(isinstance(each, Reading) for each in gc.get_objects())


def test_statements_are_not_kept_for_every_way_in_which_anybody_ever_asked(database: Database) -> None:
    before = readings()
    ways = [dict.fromkeys(names) for few in (1, 2, 3, 4) for names in combinations(SINGLE, few)]
    assert len(ways) > 2 * KEPT
    with database.snapshot() as tx:
        for way in ways[: 2 * KEPT]:
            assert IN_PROJECT.page(tx, {**way, "cursor": None, "limit": 1}, project="default")["items"] == []
    assert readings() - before <= KEPT
