"""Dossiers: articles with everything known about them, gathered a batch at a time."""

from collections.abc import Iterator, Sequence, Set
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.exports.dossier import Dossier, Grouped, Source, assemble, with_parts
from api.models import articles, assessments, evidence, revisions, spans
from api.models.columns import among
from api.services import comments, relations, reports
from api.services.answers import Answer, Found, Reading
from api.services.articles import ARTICLE
from api.services.assessments import ASSESSMENT
from api.services.blinding import unseen
from api.services.citations import with_citations
from api.services.claims import whole
from api.services.dossier_choice import Choice, chosen
from api.services.evidence import EVIDENCE
from api.services.projects import read as read_project
from api.services.reports import Places
from api.services.revisions import SUMMARY
from api.services.spans import MARK, Marks, Texts
from api.text.marks import Mark
from api.text.units import CODE_POINT

FIRST = "00000000-0000-0000-0000-000000000000"

_in_project: Any = bindparam("project")
ARTICLES = Reading(
    ARTICLE.where(articles.c.project == _in_project, among(articles.c.id, "articles")).order_by(articles.c.id)
)
REVISIONS = Reading(
    SUMMARY.add_columns(sa.case((revisions.c.n < articles.c.revision, revisions.c.text)).label("text"))
    .join(articles, sa.and_(articles.c.project == revisions.c.project, articles.c.id == revisions.c.article))
    .where(revisions.c.project == _in_project, among(revisions.c.article, "articles"))
    .order_by(revisions.c.article, revisions.c.n)
)
CARRIED = Reading(
    select(spans.c.article, spans.c.claim, *MARK)
    .where(spans.c.project == _in_project, among(spans.c.article, "articles"))
    .where(spans.c.outcome != "marked")
    .order_by(spans.c.article, spans.c.revision, spans.c.claim, spans.c.ordinal)
)
ASSESSMENTS = Reading(
    ASSESSMENT.where(assessments.c.project == _in_project, among(assessments.c.claim, "claims"))
    .where(assessments.c.state == "submitted")
    .order_by(assessments.c.claim, assessments.c.created_at, assessments.c.id)
)
EVIDENCE_LINKS = Reading(
    EVIDENCE.where(evidence.c.project == _in_project, among(evidence.c.claim, "claims")).order_by(
        evidence.c.claim, evidence.c.created_at, evidence.c.id
    )
)


def source(tx: sa.Connection, thing: Found, base: str, path: str) -> Source:
    """What formats say of where the thing's dossiers come from, as of the moment `tx` sees.

    Raises:
        NotFound: by that moment the project was gone.
    """
    project = read_project(tx, thing.project)
    return Source(project["slug"], project["name"], project["scale"], base, path)


def of_article(tx: sa.Connection, article: Found) -> Iterator[Dossier]:
    """The one dossier of the article."""
    return _gathered(tx, article, (article.id,), chosen(article, {}))


def of_project(tx: sa.Connection, project: Found, query: Answer | None = None) -> Iterator[Dossier]:
    """The dossiers of the project that the query chooses, or all, oldest article first, as of the moment `tx` sees."""
    choice, last = chosen(project, query or {}), FIRST
    while batch := choice.articles_behind(tx, last):
        yield from _gathered(tx, project, batch, choice)
        last = batch[-1]


def _gathered(tx: sa.Connection, thing: Found, article_ids: Sequence[str], choice: Choice) -> Iterator[Dossier]:
    """As far as the caller, as whom `thing` was found, may see them."""
    project = thing.project
    within = {"project": project, "articles": article_ids}
    found = whole(tx, thing, choice.claims_on(tx, article_ids))
    claim_ids = [claim["id"] for claim in found]
    hidden = unseen(tx, thing, claim_ids)
    on_claims = {"project": project, "claims": claim_ids}
    written = ARTICLES.answers(tx, **within)
    texts = REVISIONS.grouped(tx, by="article", **within)
    _report(tx, project, written, texts, None if choice.takes_all else set(claim_ids))
    of_articles = {"revisions": texts, "comments": comments.on_each(tx, "article", project, article_ids)}
    of_claims = {
        "assessments": _assessments(tx, project, [id for id in claim_ids if id not in hidden]),
        "evidence": EVIDENCE_LINKS.grouped(tx, by="claim", **on_claims),
        "relations": relations.of_claims(tx, project, claim_ids),
        "comments": comments.on_each(tx, "claim", project, claim_ids),
    }
    return assemble(written, found, of_articles, of_claims)


def _assessments(tx: sa.Connection, project: str, claim_ids: Sequence[str]) -> Grouped:
    """The assessments by claim, each with what it cites and what was said of it."""
    by_claim = ASSESSMENTS.grouped(tx, by="claim", project=project, claims=claim_ids)
    found = with_citations(tx, project, list(chain(*by_claim.values())))
    of_assessments = {"comments": comments.on_each(tx, "assessment", project, [each["id"] for each in found])}
    return {claim: [with_parts(each, of_assessments) for each in given] for claim, given in by_claim.items()}


def _report(
    tx: sa.Connection,
    project: str,
    written: list[Answer],
    revisions: dict[str, list[Answer]],
    claims: Set[str] | None,
) -> None:
    """Gives every revision its report, on these claims, or on all."""
    standing: dict[tuple[str, int], dict[str, Marks]] = {}
    for row in CARRIED.rows(tx, project=project, articles=[article["id"] for article in written]):
        if claims is None or row.claim in claims:
            mark = Mark(*row[2:])
            standing.setdefault((row.article, mark.revision), {}).setdefault(row.claim, []).append(mark)
    for article in written:
        texts = Texts(project, article["id"])
        for revision in revisions[article["id"]]:
            texts.add(revision["n"], article["text"] if revision["text"] is None else revision["text"])
        places = Places(tx, texts, CODE_POINT)
        for revision in revisions[article["id"]]:
            carried = standing.get((article["id"], revision["n"]), {})
            revision["report"] = reports.of_carrying(carried, places)
