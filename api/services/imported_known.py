"""What a project holds already of what some lines of an import are about, read for all of them at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.models import articles, assessments, claimants, claims, evidence, revisions, spans
from api.models.columns import among
from api.rules.imports import Sent
from api.services.answers import Found, Reading
from api.services.spans import ON_REVISION

CLAIMANT = ("name", "kind", "job_title", "same_as")
_in_project: Any = bindparam("project")
NAMED = Reading(select(articles).where(articles.c.project == _in_project, among(articles.c.external_id, "names")))
BY_TEXT = Reading(
    select(articles)
    .join(revisions, sa.and_(revisions.c.project == articles.c.project, revisions.c.article == articles.c.id))
    .where(revisions.c.project == _in_project, revisions.c.text_sha256 == bindparam("text"))
    .where(articles.c.external_id.is_(None), func.coalesce(articles.c.url, "") == bindparam("url"))
    .order_by(articles.c.id)
    .limit(1)
)
HASHES = Reading(
    select(revisions.c.article, revisions.c.text_sha256)
    .where(revisions.c.project == _in_project, among(revisions.c.article, "articles"))
    .order_by(revisions.c.article, revisions.c.n)
)
CLAIMS = Reading(
    select(
        claims, sa.null().label("blinded"), *(claimants.c[name].label(f"claimant_{name}") for name in CLAIMANT)
    )  # who may import is not blinded
    .outerjoin(claimants, sa.and_(claimants.c.project == claims.c.project, claimants.c.id == claims.c.claimant))
    .where(claims.c.project == _in_project, among(claims.c.article, "articles"))
    .order_by(claims.c.article, claims.c.id)
)
_current = sa.and_(articles.c.project == spans.c.project, articles.c.id == spans.c.article)
ON_CURRENT = Reading(
    select(spans.c.article, spans.c.revision, spans.c.claim, spans.c.start, spans.c.end)
    .join(articles, _current)
    .where(spans.c.project == _in_project, among(spans.c.article, "articles"))
    .where(spans.c.revision == articles.c.revision)
    .order_by(spans.c.article, spans.c.claim)
)
LINKS = Reading(select(evidence).where(evidence.c.project == _in_project, among(evidence.c.claim, "claims")))
GIVEN = Reading(select(assessments).where(assessments.c.project == _in_project, among(assessments.c.claim, "claims")))

Identity = tuple[str | None, ...]
Stretches = frozenset[tuple[int, int]]


def identity(sent: Sent) -> Identity:
    """What tells the article of a line from all others: its `external_id`, or else its address and text."""
    if sent.draft["external_id"] is not None:
        return (sent.draft["external_id"],)
    return sent.draft["url"], sha256(sent.draft["text"].encode()).hexdigest()


@dataclass(slots=True)
class Known:
    """What is there already: articles by what tells them apart; by the article's id the hashes of its texts, oldest
    first, and its claims; by article and revision where each claim stands; by claim and address the evidence, by claim
    and reviewer the assessments."""

    project: str
    articles: dict[Identity, Found] = field(default_factory=dict)
    hashes: Mapping[str, list[str]] = field(default_factory=dict)
    claims: Mapping[str, list[Found]] = field(default_factory=dict)
    standing: dict[tuple[str, int], dict[str, Stretches]] = field(default_factory=dict)
    links: dict[tuple[str, str], Found] = field(default_factory=dict)
    given: dict[tuple[str, str], Found] = field(default_factory=dict)

    def stretches(self, tx: sa.Connection, article: str, n: int) -> dict[str, Stretches]:
        """What the claims of the article stood on before the line, on revision `n`, by their ids."""
        if (article, n) not in self.standing:
            rows = ON_REVISION.rows(tx, project=self.project, article=article, revision=n)
            self.standing[article, n] = _by_claim(rows)
        return self.standing[article, n]


def known_of(tx: sa.Connection, project: str, lines: Sequence[Sent]) -> Known:
    """What is there of the articles of these lines. Lines without text look for themselves, as what they are about
    may be in a line just before."""
    found = _articles(tx, project, {identity(sent) for sent in lines if sent.text is not None})
    known = about(tx, project, [article.id for article in found.values()])
    known.articles = found
    return known


def about(tx: sa.Connection, project: str, articles: Sequence[str]) -> Known:
    """What is there of these articles."""
    known = Known(project)
    if not articles:
        return known
    within: Any = {"project": project, "articles": articles}
    hashes = groupby(HASHES.rows(tx, **within), key=attrgetter("article"))
    known.hashes = {article: [row.text_sha256 for row in rows] for article, rows in hashes}
    claims = CLAIMS.rows(tx, **within)
    known.claims = {article: list(rows) for article, rows in groupby(claims, key=attrgetter("article"))}
    standing = groupby(ON_CURRENT.rows(tx, **within), key=attrgetter("article", "revision"))
    known.standing = {where: _by_claim(rows) for where, rows in standing}
    if claims:
        on_claims: Any = {"project": project, "claims": [claim.id for claim in claims]}
        known.links = {(row.claim, row.url): row for row in LINKS.rows(tx, **on_claims)}
        known.given = {(row.claim, row.reviewer): row for row in GIVEN.rows(tx, **on_claims)}
    return known


def stretches(marks: Iterable[Any]) -> Stretches:
    return frozenset((mark.start, mark.end) for mark in marks)


def _articles(tx: sa.Connection, project: str, lines: Collection[Identity]) -> dict[Identity, Found]:
    names = [which[0] for which in lines if len(which) == 1]
    named = NAMED.rows(tx, project=project, names=names) if names else []
    found: dict[Identity, Found] = {(row.external_id,): row for row in named}
    for which in lines:
        if len(which) > 1:
            row = BY_TEXT.row_or_none(tx, project=project, text=which[1], url=which[0] or "")
            if row is not None:
                found[which] = row
    return found


def _by_claim(rows: Iterable[Any]) -> dict[str, Stretches]:
    return {claim: stretches(marks) for claim, marks in groupby(rows, key=attrgetter("claim"))}
