"""Agreement: how far a project's reviewers agree, on verdicts and on what they mark."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import cast

import sqlalchemy as sa
from sqlalchemy import select

from api.models import articles, assessments, claims, revisions, spans
from api.rules import agreement, span_agreement
from api.rules.agreement import Agreement, Rating
from api.rules.figures import Figure, Interval
from api.rules.scales import verdicts
from api.rules.span_agreement import Marked, SpanAgreement
from api.services.answers import Answer, Found, Reading
from api.services.blinding import SEEN
from api.services.selection import CLAIMS, by, claim_of, during, selected

SEED, SAMPLES = 1, 1000
"""Of the bootstrap: where it starts, and how many resamples it draws."""
_counted = (*CLAIMS, claims.c.status != "withdrawn")
RATINGS = Reading(
    select(sa.cast(assessments.c.claim, sa.Text).label("claim"), assessments.c.reviewer, assessments.c.verdict)
    .join(claims, claim_of(assessments))
    .where(*_counted, SEEN, assessments.c.state == "submitted")
    .where(*during(assessments.c.created_at), by(assessments.c.reviewer))
)
MARKS = Reading(
    select(
        sa.cast(spans.c.article, sa.Text).label("article"),
        claims.c.created_by,
        spans.c.start,
        spans.c.end,
        revisions.c.code_points,
    )
    .join(claims, claim_of(spans))
    .join(articles, sa.and_(articles.c.project == spans.c.project, articles.c.id == spans.c.article))
    .join(
        revisions,
        sa.and_(
            revisions.c.project == spans.c.project,
            revisions.c.article == spans.c.article,
            revisions.c.n == spans.c.revision,
        ),
    )
    .where(*_counted, spans.c.revision == articles.c.revision, spans.c.outcome != "orphaned")
    .where(*during(claims.c.created_at), by(claims.c.created_by))
    .order_by(spans.c.article, claims.c.created_by)
)


def read(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """How far reviewers agree on claims that several assessed, and annotators on articles that several marked."""
    within = selected(project, query)
    ratings = cast(list[Rating], RATINGS.tuples(tx, **within))
    found = agreement.agreement(ratings, verdicts(project.scale), seed=SEED, samples=SAMPLES)
    marked = list(_marked(tx, within))
    return _of_verdicts(found) | {"spans": _of_spans(span_agreement.span_agreement(marked), len(marked))}


def _marked(tx: sa.Connection, within: Answer) -> Iterator[Marked]:
    """The articles that several of the annotators marked."""
    for _, rows in groupby(MARKS.tuples(tx, **within), key=itemgetter(0)):
        stretches: dict[str, list[tuple[int, int]]] = {}
        length = 0
        for _, annotator, start, end, code_points in rows:
            length = code_points
            stretches.setdefault(annotator, []).append((start, end))
        if len(stretches) > 1:
            yield Marked(length, stretches)


def _of_verdicts(found: Agreement) -> Answer:
    return {
        "claims": found.items,
        "reviewers": found.raters,
        "assessments": found.ratings,
        "left_out": found.left_out,
        "percent_agreement": _figure(found.observed),
        "fleiss_kappa": _figure(found.fleiss),
        "alpha_nominal": _figure(found.alpha_nominal) | {"interval": _interval(found.interval_nominal)},
        "alpha_ordinal": _figure(found.alpha_ordinal) | {"interval": _interval(found.interval_ordinal)},
        "pairs": [
            {
                "reviewers": list(pair.raters),
                "percent_agreement": _figure(pair.observed),
                "cohen_kappa": _figure(pair.kappa),
                "alpha_nominal": _figure(pair.alpha_nominal),
                "alpha_ordinal": _figure(pair.alpha_ordinal),
            }
            for pair in found.pairs
        ],
    }


def _of_spans(found: SpanAgreement, marked: int) -> Answer:
    return {
        "articles": marked,
        "f1": _figure(found.f1),
        "alpha_unitizing": _figure(found.alpha),
        "pairs": [
            {"annotators": list(pair.annotators), "f1": _figure(pair.f1), "alpha_unitizing": _figure(pair.alpha)}
            for pair in found.pairs
        ],
    }


def _figure(figure: Figure) -> Answer:
    value = None if figure.value is None else round(float(figure.value), 6)
    return {"value": value, "items": figure.items, "ratings": figure.ratings, "reason": figure.reason}


def _interval(interval: Interval) -> Answer:
    low, high = (None if end is None else round(float(end), 6) for end in (interval.low, interval.high))
    return {"low": low, "high": high, "level": interval.level, "samples": interval.samples, "reason": interval.reason}
