"""The words that claims were marked, confirmed and settled on before they were exported: for those new here."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.models import revisions
from api.rules.imports import Sent, confirmed_words, markings
from api.services.answers import Found, Reading
from api.services.spans import Marking, Marks, Texts, carried_on, placed_on
from api.services.standing import locked_row, settle_as_of
from api.text.spans import Position

DATED = Reading(
    select(revisions.c.created_at).where(
        revisions.c.project == bindparam("project"),
        revisions.c.article == bindparam("article"),
        revisions.c.n == bindparam("n"),
    )
)


def with_past(tx: sa.Connection, article: Found, sent: Sent, marking: Marking, reports: Sequence[Any]) -> Marking:
    """The marking with the earlier ones that the reports tell of, and with the revision it was confirmed on."""
    before = _earlier(tx, article.texts, article.revision, sent, marking, reports) if article.is_new else ()
    return replace(marking, before=before, confirmed=_confirmed(tx, article.revision, sent, marking))


def _earlier(
    tx: sa.Connection, texts: Texts, current: int, sent: Sent, marking: Marking, reports: Sequence[Any]
) -> tuple[tuple[Marks, int], ...]:
    stood = [each for each in markings(sent.also["id"], reports) if each.until < marking.marks[0].revision]
    placed = [placed_on(tx, texts, current, [Position(**place) for place in each.places]).marks for each in stood]
    found = tuple((marks, each.until) for marks, each in zip(placed, stood, strict=True))
    in_order = all(marks[0].revision <= until for marks, until in found)
    one_by_one = all(until < marks[0].revision for (_, until), (marks, _) in pairwise(found))
    return found if in_order and one_by_one else ()


def _confirmed(tx: sa.Connection, current: int, sent: Sent, marking: Marking) -> int | None:
    """The revision on which somebody has to have confirmed the claim for it to wait for what its line says."""
    words = confirmed_words(sent)
    if words is None or marking.marks[0].revision == current:
        return None
    tried: list[int | None] = [None, *range(current, marking.marks[0].revision, -1)]
    for n in tried:
        stands = carried_on(tx, replace(marking, confirmed=n), current)[-1]
        if [mark.confirmed for mark in stands] == (words or [None] * len(stands)):
            return n
    return None


def settle_on_words(tx: sa.Connection, article: Found, claim: str, marking: Marking, by: str) -> None:
    """Dates the claim's resolution as the text that it was marked on: its verdict is on words that have changed since.

    Raises:
        NotFound: the claim is gone.
    """
    dated = DATED.value(tx, project=article.project, article=article.id, n=marking.marks[0].revision)
    settle_as_of(tx, locked_row(tx, article.project, claim), dated, by)
