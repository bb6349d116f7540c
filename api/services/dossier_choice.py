"""Which dossiers of a project: by what their claims are like, and by when anything in them changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.models import articles, claimants, claims, events, revisions
from api.models.columns import among
from api.services.answers import Answer, Found, Reading
from api.services.claim_lists import FILTERS_SEEN
from api.services.claims import CLAIM
from api.services.history import UNBLINDED
from api.services.paging import Asked, conditions, in_use
from api.services.search import as_patterns

BATCH, BATCH_CODE_POINTS = 20, 1_000_000
"""Most articles gathered at once, and most code points of all their texts, if there are several. More at once take
longer, as they fit into no cache of the processor and Python's garbage collector goes through all of them."""

_in_project: Any = bindparam("project")
_size = select(func.sum(revisions.c.code_points)).where(
    revisions.c.project == articles.c.project, revisions.c.article == articles.c.id
)
_following = (
    select(articles.c.id, _size.scalar_subquery().label("size"))
    .where(articles.c.project == _in_project, articles.c.id > bindparam("last"))
    .order_by(articles.c.id)
    .limit(BATCH)
)
_claims = CLAIM.where(claims.c.project == _in_project, among(claims.c.article, "articles")).order_by(
    claims.c.article, claims.c.id
)
_claimant = sa.and_(claimants.c.project == claims.c.project, claimants.c.id == claims.c.claimant)
_has_claim = (
    sa.exists()
    .select_from(claims.outerjoin(claimants, _claimant))
    .where(claims.c.project == articles.c.project, claims.c.article == articles.c.id)
)
_has_changed = (
    sa.exists()
    .where(events.c.project == articles.c.project, events.c.article == articles.c.id)
    .where(events.c.at >= bindparam("since", type_=events.c.at.type))
    # Neither drafts nor who is to review a claim are in a dossier.
    .where(events.c.private_to.is_(None), events.c.resource != "assignment", UNBLINDED)
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Articles, and claims on them, with the values of the statements that read them."""

    following: Reading
    claims: Reading
    values: Answer
    takes_all: bool
    """Whether the articles come with all their claims."""

    def articles_behind(self, tx: sa.Connection, last: str) -> Sequence[str]:
        """The ids of the next articles to be gathered at once; none behind the last one."""
        found = self.following.rows(tx, last=last, **self.values)
        sizes = accumulate(row.size for row in found)
        fitting = [row.id for row, size in zip(found, sizes, strict=True) if size <= BATCH_CODE_POINTS]
        return fitting or [row.id for row in found[:1]]

    def claims_on(self, tx: sa.Connection, articles: Sequence[str]) -> list[Answer]:
        return self.claims.answers(tx, articles=articles, **self.values)


def chosen(thing: Found, query: Answer) -> Choice:
    """What the query chooses of the project that `thing` is in, as the caller, as whom it was found, may see it.

    Filters are those of the list of claims: of articles that have such claims, only these claims. `since` takes
    articles on which, or on whose claims, anything has happened since.
    """
    asked, values = in_use(FILTERS_SEEN, as_patterns(query))
    since = {name: query[name] for name in ("since",) if name in query}
    seen = {"blinded": thing.blinded, "caller": thing.blinded} if since or asked else {}
    return Choice(*_readings(asked, bool(since)), {**values, **since, **seen, "project": thing.project}, not asked)


@lru_cache(maxsize=256)
def _readings(asked: Asked, since: bool) -> tuple[Reading, Reading]:
    narrowed = conditions(FILTERS_SEEN, asked)
    following = _following.where(_has_claim.where(*narrowed)) if narrowed else _following
    return Reading(following.where(_has_changed) if since else following), Reading(_claims.where(*narrowed))
