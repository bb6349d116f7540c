"""Claims marked on their articles: drawn up first, then written down, one or many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists
from api.models import claims
from api.models.columns import new_id, now
from api.services.answers import Answer, Found, Reading
from api.services.articles import locked_revision
from api.services.changes import make_each
from api.services.claimants import found_or_made
from api.services.spans import Marks, carried_on, told_spans, write
from api.text.marks import needs_attention

HOLDER = Reading(
    select(claims.c.id).where(
        claims.c.project == bindparam("project"),
        claims.c.article == bindparam("article"),
        claims.c.external_id == bindparam("external_id"),
    )
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A claim as a row, not yet written down; and where it stands on each revision since it was marked."""

    id: str
    row: dict[str, Any]
    history: list[Marks]


def add(tx: sa.Connection, article: Found, draft: Answer, by: str) -> str:
    """Marks a claim where its spans were placed, and carries them to the article's current text. Gives its id.

    Raises:
        AlreadyExists: another claim of the article has this `external_id`.
        ClaimantDiffers: something else is known of the claimant already.
    """
    claim = drawn_up(tx, article, locked_revision(tx, article.project, article.id), draft, by)
    put(tx, article, [claim], by)
    return claim.id


def drawn_up(tx: sa.Connection, article: Found, revision: int, draft: Answer, by: str) -> Drawn:
    """A claim to mark on the article, whose current text, locked, is `revision`. Its claimant is found or made.

    Raises:
        ClaimantDiffers: something else is known of the claimant already.
    """
    history = carried_on(tx, draft["spans"], revision)
    claimant = claimant_id(tx, article.project, draft["claimant"], by)
    id, moment = new_id(), now()
    row = {name: value for name, value in draft.items() if name != "spans"} | {
        "id": id,
        "project": article.project,
        "article": article.id,
        "claimant": claimant,
        "needs_attention": needs_attention(history[-1]),
        "created_at": moment,
        "created_by": by,
        "updated_at": moment,
        "edited_at": moment,
    }
    return Drawn(id, row, history)


def put(tx: sa.Connection, article: Found, drawn: Sequence[Drawn], by: str) -> None:
    """Writes down what was drawn up for the article.

    Raises:
        AlreadyExists: another claim of the article has one of these `external_id`s.
    """
    parts = [told_spans(claim.history[-1]) for claim in drawn]
    if not make_each(tx, claims, [claim.row for claim in drawn], by, parts=parts):
        ids = {claim.row["external_id"]: claim.id for claim in drawn}
        holders = ((name, holder(tx, article.project, article.id, name)) for name in ids if name is not None)
        name = next((name for name, other in holders if other not in (None, ids[name])), next(iter(ids)))
        raise taken(tx, article.project, article.id, name)
    write(tx, article.project, article.id, [(claim.id, marks) for claim in drawn for marks in claim.history])


def claimant_id(tx: sa.Connection, project: str, said: Answer | None, by: str) -> str | None:
    return None if said is None else found_or_made(tx, project, said, by)


def holder(tx: sa.Connection, project: str, article: str, external_id: str) -> str | None:
    holder: str | None = HOLDER.value(tx, project=project, article=article, external_id=external_id)
    return holder


def taken(tx: sa.Connection, project: str, article: str, external_id: str) -> AlreadyExists:
    other = holder(tx, project, article, external_id)
    return AlreadyExists(f"Claim {other} of this article has the external_id {external_id!r}.", existing=other)
