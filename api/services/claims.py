"""Claims: marked on spans of an article's text, described, changed, withdrawn."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import ClaimOrphaned
from api.models import assessments, claimants, claims, evidence, relations, resolutions, revisions, spans
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.articles import CURRENT, locked_revision
from api.services.blinding import as_seen, row_as_seen
from api.services.changes import NO_PARTS, change, hold, lock, remove_as_seen
from api.services.marking import add, claimant_id, holder, taken
from api.services.projects import of_caller
from api.services.relations import sever
from api.services.spans import (
    Marks,
    carried_on,
    erase,
    in_unit,
    of_claims,
    placed,
    standing,
    take_as_confirmed,
    told_spans,
    write,
)
from api.text.marks import needs_attention
from api.text.units import CODE_POINT


def _count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    of_claim = (table.c.project == claims.c.project, table.c.claim == claims.c.id)
    return (
        select(func.count())
        .where(*of_claim, *conditions)
        .scalar_subquery()
        .label(f"{table.name.removesuffix('s')}_count")
    )


def _related(end: sa.ColumnElement[str]) -> sa.ScalarSelect[int]:
    # One end at a time: with both in one condition SQLite reads all relations of the project.
    return select(func.count()).where(relations.c.project == claims.c.project, end == claims.c.id).scalar_subquery()


COUNTS: tuple[Any, ...] = (
    _count(evidence),
    _count(assessments, assessments.c.state == "submitted"),
    (_related(relations.c.low) + _related(relations.c.high)).label("relation_count"),
)
_claimant = sa.and_(claimants.c.project == claims.c.project, claimants.c.id == claims.c.claimant)
_resolution = sa.and_(resolutions.c.project == claims.c.project, resolutions.c.claim == claims.c.id)
_changed_since = sa.and_(
    claims.c.needs_attention.is_not(None),
    sa.exists()
    .where(spans.c.project == claims.c.project, spans.c.claim == claims.c.id)
    .where(revisions.c.project == spans.c.project, revisions.c.article == spans.c.article)
    .where(revisions.c.n == spans.c.revision)
    # An orphaned span is written anew on every revision; what counts is the one that it was lost on.
    .where(
        sa.or_(
            spans.c.outcome == "changed",
            sa.and_(spans.c.outcome == "orphaned", spans.c.from_revision == spans.c.revision - 1),
        )
    )
    .where(revisions.c.created_at > resolutions.c.resolved_at)
    .correlate(claims, resolutions),
)
CLAIM = (
    select(
        claims.c.id,
        claims.c.article,
        claims.c.external_id,
        claims.c.text,
        claims.c.context,
        claims.c.language,
        *(claimants.c[name].label(f"claimant.{name}") for name in ("id", "name", "kind", "job_title", "same_as")),
        claims.c.claimed_at,
        claims.c.location,
        claims.c.first_appearance,
        claims.c.appearances,
        claims.c.types,
        claims.c.tags,
        claims.c.status,
        claims.c.verdict,
        claims.c.priority,
        *(
            resolutions.c[name].label(f"resolution.{name}")
            for name in ("verdict", "method", "by", "assessments", "rationale", "resolved_at")
        ),
        _changed_since.label("resolution.words_changed"),
        *COUNTS,
        claims.c.needs_attention,
        claims.c.created_at,
        claims.c.created_by,
        claims.c.updated_at,
        claims.c.version,
        claims.c.review_version,
    )
    .outerjoin(claimants, _claimant)
    .outerjoin(resolutions, _resolution)
)
READ = Reading(CLAIM.where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
_ROW = select(claims, *of_caller(claims)).where(claims.c.id == bindparam("id"))
ROW = Reading(select(claims).where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
FIND = Reading(_ROW)
COUNTS_OF = Reading(select(*COUNTS).where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
FIND_COUNTED = Reading(_ROW.add_columns(*COUNTS))


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such claim."""
    return FIND.row(tx, id=id, caller=caller.name)


def find_counted(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """As `find`, with what else its tag needs, as far as the caller may see it."""
    return row_as_seen(tx, FIND_COUNTED.row(tx, id=id, caller=caller.name))


def read(tx: sa.Connection, claim: Found, unit: str = CODE_POINT) -> Answer:
    return read_for(tx, claim, claim.id, unit)


def read_for(tx: sa.Connection, thing: Found, id: str, unit: str = CODE_POINT) -> Answer:
    """A claim of the project that `thing` is in, as far as the caller, as whom that was found, may see it."""
    return whole(tx, thing, [READ.answer(tx, project=thing.project, id=id)], unit=unit)[0]


def whole(
    tx: sa.Connection, thing: Found, found: list[Answer], revision: int | None = None, unit: str = CODE_POINT
) -> list[Answer]:
    """Claims of one project, each with its `spans` on that revision, or on the current text; as far as the
    caller, as whom `thing` was found, may see them."""
    if found:
        marks = of_claims(tx, thing.project, [claim["id"] for claim in found], revision)
        for claim in found:
            claim["spans"] = marks[claim["id"]]
        in_unit(tx, thing.project, found, unit)
    return as_seen(tx, thing, found)


def placed_on_article(tx: sa.Connection, article: Found, draft: Answer) -> Answer:
    """The draft with its spans placed on the article's text; before the write, as it may take a while.

    Raises:
        Invalid: a span does not fit the text, or names no revision of it.
        QuoteAmbiguous: a quoted span stands in several places.
    """
    return {**draft, "spans": placed(tx, article.project, article.id, article.revision, draft["spans"])}


def placed_again(tx: sa.Connection, claim: Found, changes: Answer) -> Answer:
    """The changes with their spans, if any, placed on the article's text.

    Raises:
        Invalid, QuoteAmbiguous: as for `placed_on_article`.
    """
    if "spans" not in changes:
        return changes
    current = CURRENT.value(tx, project=claim.project, id=claim.article)
    return {**changes, "spans": placed(tx, claim.project, claim.article, current, changes["spans"])}


def mark(tx: sa.Connection, article: Found, draft: Answer, by: str, unit: str) -> Answer:
    """Marks a claim where its spans were placed, and carries them to the article's current text.

    Raises:
        AlreadyExists: another claim of the article has this `external_id`.
        ClaimantDiffers: something else is known of the claimant already.
    """
    return read_for(tx, article, add(tx, article, draft, by), unit)


def alter(tx: sa.Connection, claim: Found, changes: Answer, by: str, unit: str) -> Answer:
    """Changes what is said of the claim; new spans replace the old ones, from the revision they were marked on.

    Raises:
        AlreadyExists, ClaimantDiffers: as for `mark`.
    """
    if not changes:
        return _unchanged(tx, claim, unit)
    values = {name: value for name, value in changes.items() if name not in ("spans", "claimant")}
    external_id = values.get("external_id")
    if external_id not in (None, claim.external_id) and holder(tx, claim.project, claim.article, external_id):
        raise taken(tx, claim.project, claim.article, external_id)
    history: list[Marks] = []
    parts = NO_PARTS
    if "spans" in changes:
        # The article is locked before the claim, here as in `mark` and when it is deleted.
        current = locked_revision(tx, claim.project, claim.article)
        history = carried_on(tx, changes["spans"], current)
        values["needs_attention"] = needs_attention(history[-1])
        parts = told_spans(standing(tx, claim, current)), told_spans(history[-1])
    hold(tx, claims, claim)
    if "claimant" in changes:
        # What is learned of a claimant makes a new version of all its claims, this one too.
        values["claimant"] = claimant_id(tx, claim.project, changes["claimant"], by)
    change(tx, claims, ROW.row(tx, project=claim.project, id=claim.id), values, by, parts=parts)
    if history:
        erase(tx, claim, since=history[0][0].revision)
        write(tx, claim.project, claim.article, [(claim.id, marks) for marks in history])
    return read(tx, claim, unit)


def confirm(tx: sa.Connection, claim: Found, by: str, unit: str) -> Answer:
    """Says that the claim still stands, on the words that it has now.

    Raises:
        ClaimOrphaned: some of its words are gone.
        Stale: it was changed meanwhile.
    """
    revision = locked_revision(tx, claim.project, claim.article)
    if claim.needs_attention == "orphaned":
        raise ClaimOrphaned("Some of its words are gone. Mark it anew: PATCH the claim with `spans`.")
    if not claim.needs_attention:
        return _unchanged(tx, claim, unit)
    hold(tx, claims, claim)
    before = standing(tx, claim, revision)
    take_as_confirmed(tx, claim, revision)
    parts = told_spans(before), told_spans(standing(tx, claim, revision))
    change(tx, claims, claim, {"needs_attention": None}, by, action="confirmed", parts=parts)
    return read(tx, claim, unit)


def delete(tx: sa.Connection, claim: Found, by: str) -> None:
    """Raises: PreconditionFailed: assessments, evidence or relations came or went since `claim` was read."""
    lock(tx, claims, claim)
    sever(tx, claim.project, [claim.id], by)
    remove_as_seen(tx, claims, claim, COUNTS_OF.row(tx, project=claim.project, id=claim.id)._asdict(), by)


def _unchanged(tx: sa.Connection, claim: Found, unit: str) -> Answer:
    """Raises: Stale: it was changed meanwhile."""
    hold(tx, claims, claim)
    return read(tx, claim, unit)
