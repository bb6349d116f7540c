"""Claims listed: those on an article's text, and those of a project, filtered and searched."""

import sqlalchemy as sa
from sqlalchemy import bindparam

from api.errors import Fault, Invalid
from api.models import articles, claimants, claims, spans
from api.models.columns import has_element
from api.services.answers import Answer, Found
from api.services.blinding import STATUS_SEEN, UPDATED_SEEN, VERDICT_SEEN
from api.services.claims import CLAIM, whole
from api.services.paging import Filters, Listing
from api.services.search import as_patterns, contains

_first = spans.alias("first")
ON_ARTICLE = Listing(
    CLAIM.add_columns(_first.c.start.label("at"))
    .join(_first, sa.and_(_first.c.project == claims.c.project, _first.c.claim == claims.c.id))
    .where(
        _first.c.project == bindparam("project"),
        _first.c.article == bindparam("article"),
        _first.c.revision == bindparam("revision"),
        _first.c.ordinal == 0,
    ),
    orders={"text": {"at": _first.c.start, "id": _first.c.claim}},
)
_marked_words = (
    sa.exists()
    .where(
        spans.c.project == claims.c.project,
        spans.c.claim == claims.c.id,
        contains(spans.c.exact),
    )
    .where(articles.c.project == spans.c.project, articles.c.id == spans.c.article)
    .where(articles.c.revision == spans.c.revision)
)
FILTERS: Filters = {
    "external_id": claims.c.external_id == bindparam("external_id"),
    "needs_attention": claims.c.needs_attention,
    "status": claims.c.status,
    "verdict": claims.c.verdict,
    "claimant": claims.c.claimant == bindparam("claimant"),
    "claimant_name": claimants.c.name == bindparam("claimant_name"),
    "tag": has_element(claims.c.tags, bindparam("tag", type_=sa.Text)),
    "type": has_element(claims.c.types, bindparam("type", type_=sa.Text)),
    "language": claims.c.language == bindparam("language"),
    "created_by": claims.c.created_by == bindparam("created_by"),
    "claimed_after": claims.c.claimed_at >= bindparam("claimed_after"),
    "claimed_before": sa.and_(claims.c.claimed_at < bindparam("claimed_before"), claims.c.claimed_at > ""),
    "created_after": claims.c.created_at >= bindparam("created_after"),
    "created_before": claims.c.created_at < bindparam("created_before"),
    "q": sa.or_(contains(claims.c.text), _marked_words),
}
FILTERS_SEEN: Filters = {**FILTERS, "status": STATUS_SEEN, "verdict": VERDICT_SEEN}
"""The same as the reviewer bound as `blinded`, if anybody is, may see the claims."""
_orders = {
    name: {name: claims.c[name], "id": claims.c.id} for name in ("created_at", "updated_at", "claimed_at", "priority")
}
_in_project = CLAIM.where(claims.c.project == bindparam("project"))
IN_PROJECT = Listing(_in_project, _orders, FILTERS)
_as_seen = _in_project.with_only_columns(
    *(UPDATED_SEEN if column.key == "updated_at" else column for column in _in_project.selected_columns)
)
IN_PROJECT_BLIND = Listing(
    _as_seen,
    {**_orders, "updated_at": {"updated_at": UPDATED_SEEN.element, "id": claims.c.id}},
    FILTERS_SEEN,
)
"""As the reviewer bound as `blinded` may see the claims."""


def list_on(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """The claims that stand on a revision of the article, in the order of its text; all pages are of that one.

    Raises:
        Invalid: there is no such revision.
    """
    n = query.get("revision", article.revision)
    if not 1 <= n <= article.revision:
        raise Invalid(Fault("/revision", "unknown_revision", f"Expected 1 to {article.revision}, found {n}."))
    listed = ON_ARTICLE.page(tx, query, project=article.project, article=article.id, revision=n)
    items = whole(tx, article, listed["items"], n, query["unit"])
    for claim in items:
        del claim["at"]
    return {**listed, "items": items, "pinned": {"revision": n}}


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """The project's claims that pass the filters, sorted."""
    listing, seen = (IN_PROJECT, {}) if project.blinded is None else (IN_PROJECT_BLIND, {"blinded": project.blinded})
    listed = listing.page(tx, as_patterns(query), project=project.slug, **seen)
    return {**listed, "items": whole(tx, project, listed["items"], unit=query["unit"])}
