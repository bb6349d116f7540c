"""Which work a question is about, in SQL: on claims of a kind, of a period, by some people."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from api.models import claims
from api.models.columns import among, has_element
from api.services.answers import Answer, Found

_type = bindparam("type", type_=sa.Text)
CLAIMS = (claims.c.project == bindparam("project"), sa.or_(_type.is_(None), has_element(claims.c.types, _type)))
"""What a claim must be for anything about it to count."""


def claim_of(table: sa.Table) -> sa.ColumnElement[bool]:
    """Joins the claim that a row hangs on."""
    return sa.and_(claims.c.project == table.c.project, claims.c.id == table.c.claim)


def during(moment: sa.ColumnElement[Any]) -> tuple[sa.ColumnElement[bool], ...]:
    after, before = (bindparam(name, type_=moment.type) for name in ("after", "before"))
    return sa.or_(after.is_(None), moment >= after), sa.or_(before.is_(None), moment < before)


def by(person: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    return sa.or_(bindparam("anybody", type_=sa.Boolean), among(person, "reviewer"))


def selected(project: Found, query: Answer) -> Answer:
    """The values that these conditions bind."""
    bounds = {name: query.get(name) for name in ("type", "after", "before")}
    people = {"reviewer": query["reviewer"], "anybody": not query["reviewer"], "blinded": project.blinded}
    return {**bounds, **people, "project": project.slug}
