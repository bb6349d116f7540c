"""Statistics: where a project's claims stand, and who did how much of the work, on which days."""

from collections import Counter
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.models import articles, assessments, claims, evidence, resolutions
from api.models.columns import day_of
from api.rules.consensus import STATUSES
from api.rules.scales import Scale
from api.services.answers import Answer, Found, Reading
from api.services.blinding import SEEN, STATUS_SEEN, VERDICT_SEEN
from api.services.selection import CLAIMS, by, claim_of, during, selected

_marked_on, _given_on, _resolved_on = (
    day_of(moment).label("day") for moment in (claims.c.created_at, assessments.c.created_at, resolutions.c.resolved_at)
)


def _counted(*keys: sa.ColumnElement[Any], **further: sa.ColumnElement[int]) -> sa.Select[Any]:
    """How many there are of each kind."""
    counts = (count.label(name) for name, count in {"number": func.count(), **further}.items())
    return select(*keys, *counts).group_by(*keys)


MARKED = Reading(
    _counted(claims.c.created_by, _marked_on, STATUS_SEEN.label("status"), VERDICT_SEEN.label("verdict")).where(
        *CLAIMS, *during(claims.c.created_at), by(claims.c.created_by)
    )
)
ASSESSED = Reading(
    _counted(
        assessments.c.reviewer,
        _given_on,
        resolved=func.count(claims.c.verdict),  # a claim has a verdict exactly when it is resolved
        agreeing=func.count(sa.case((assessments.c.verdict == claims.c.verdict, 1))),
    )
    .join(claims, claim_of(assessments))
    .where(*CLAIMS, SEEN, assessments.c.state == "submitted")
    .where(*during(assessments.c.created_at), by(assessments.c.reviewer))
)
ATTACHED = Reading(
    _counted(evidence.c.created_by)
    .join(claims, claim_of(evidence))
    .where(*CLAIMS, *during(evidence.c.created_at), by(evidence.c.created_by))
)
RESOLVED = Reading(
    _counted(_resolved_on)
    .join(claims, claim_of(resolutions))
    .where(*CLAIMS, SEEN, *during(resolutions.c.resolved_at), by(claims.c.created_by))
)
_bears_such_a_claim = sa.exists().where(*CLAIMS, claims.c.article == articles.c.id)
ARTICLES = Reading(
    select(func.count())
    .select_from(articles)
    .where(articles.c.project == bindparam("project"), *during(articles.c.created_at), by(articles.c.created_by))
    .where(sa.or_(bindparam("type", type_=sa.Text).is_(None), _bears_such_a_claim))
)


def read(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """What was made in the period by the people asked for; all but articles: on claims of the kind asked for.

    As far as the caller, as whom the project was found, may see it.
    """
    within = selected(project, query)
    marked, assessed, attached, resolved = (
        reading.rows(tx, **within) for reading in (MARKED, ASSESSED, ATTACHED, RESOLVED)
    )
    return {
        "by_status": _by_status(marked),
        "by_verdict": _by_verdict(project.scale, marked),
        "by_reviewer": _by_reviewer(marked, assessed, attached),
        "by_day": _by_day(marked, assessed, resolved),
        "totals": {
            "articles": ARTICLES.value(tx, **within),
            "claims": _total(marked),
            "assessments": _total(assessed),
            "evidence": _total(attached),
        },
    }


def _by_status(marked: list[Found]) -> Answer:
    return {**dict.fromkeys(STATUSES, 0), **_summed(marked, "status")}


def _by_verdict(scale: Scale, marked: list[Found]) -> list[Answer]:
    counts = _summed(marked, "verdict")
    return [
        {
            "verdict": each["value"],
            "label": each["label"],
            "truth_class": each["truth_class"],
            "claims": counts[each["value"]],
        }
        for each in scale["values"]
    ]


def _by_reviewer(marked: list[Found], assessed: list[Found], attached: list[Found]) -> list[Answer]:
    made, linked = _summed(marked, "created_by"), _summed(attached, "created_by")
    given, settled, agreeing = (_summed(assessed, "reviewer", what) for what in ("number", "resolved", "agreeing"))
    return [
        {
            "reviewer": name,
            "assessments": given[name],
            "claims_assessed": given[name],  # at most one assessment a claim
            "claims_marked": made[name],
            "evidence": linked[name],
            "on_resolved": {
                "assessments": settled[name],
                "agreeing": agreeing[name],
                "share": round(agreeing[name] / settled[name], 6) if settled[name] else None,
            },
        }
        for name in sorted({*made, *given, *linked})
    ]


def _by_day(marked: list[Found], assessed: list[Found], resolved: list[Found]) -> list[Answer]:
    counts = {
        "claims_marked": _summed(marked, "day"),
        "assessments": _summed(assessed, "day"),
        "claims_resolved": _summed(resolved, "day"),
    }
    days = sorted({day for each in counts.values() for day in each})
    return [{"date": day, **{name: each[day] for name, each in counts.items()}} for day in days]


def _summed(rows: list[Found], key: str, what: str = "number") -> Counter[str]:
    sums = Counter[str]()
    for row in rows:
        sums[getattr(row, key)] += getattr(row, what)
    return sums


def _total(rows: list[Found]) -> int:
    return sum(row.number for row in rows)
