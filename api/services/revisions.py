"""Revisions: the texts of an article one after the other, to which its claims are carried."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import Fault, Invalid
from api.models import articles, claims, revisions
from api.models.columns import now
from api.services import reports
from api.services.answers import Answer, Found, NotMade, Reading
from api.services.articles import LOCKED_CLAIMS, measured
from api.services.changes import change, change_each, hold, make
from api.services.paging import Listing
from api.services.reports import Places
from api.services.spans import ON_REVISION, Marks, Texts, told_spans, write
from api.text.marks import Mark, needs_attention

_of_article = (revisions.c.project == bindparam("project"), revisions.c.article == bindparam("article"))
SUMMARY = select(
    revisions.c.n,
    revisions.c.article,
    revisions.c.text_sha256,
    revisions.c.code_points,
    revisions.c.note,
    revisions.c.created_at,
    revisions.c.created_by,
)
READ = Reading(SUMMARY.add_columns(revisions.c.text).where(*_of_article, revisions.c.n == bindparam("n")))
LIST = Listing(SUMMARY.where(*_of_article), orders={"n": {"n": revisions.c.n}})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text that is to follow the current one, and where the claims would stand on it; nothing of it is stored."""

    revision: Answer
    texts: Texts
    before: Mapping[str, Marks]
    standing: Mapping[str, Marks]


def list_of(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """The article's revisions, oldest first, without their texts and reports."""
    return LIST.page(tx, query, project=article.project, article=article.id)


def read(tx: sa.Connection, article: Found, n: int, unit: str) -> Answer:
    """Raises: NotFound: there is no such revision."""
    revision = READ.answer(tx, project=article.project, article=article.id, n=n)
    places = Places(tx, Texts(article.project, article.id), unit)
    return revision | {"report": reports.of_carrying(_standing(tx, article, n), places)}


def draw_up(tx: sa.Connection, article: Found, draft: Answer, longest: int) -> Drawn | None:
    """Works out what becomes of the claims; before the write begins, as it may take a while.

    None if the text is the current one already.

    Raises:
        Invalid: the text has more than `longest` code points.
    """
    facts = measured(draft["text"], longest)
    texts = Texts(article.project, article.id)
    if draft["text"] == texts.text(tx, article.revision):
        return None
    n = article.revision + 1
    texts.add(n, draft["text"])
    revision = {"n": n, "article": article.id, **facts, "note": draft["note"]}
    before = _standing(tx, article, article.revision)
    return Drawn(revision, texts, before, {claim: texts.carried(tx, marks, n) for claim, marks in before.items()})


def add(tx: sa.Connection, article: Found, drawn: Drawn | None, by: str, unit: str) -> Answer:
    """Stores the text and carries every claim over to it.

    Raises:
        Stale: the article was changed meanwhile.
        NotFound: it was deleted meanwhile.
    """
    if drawn is None:
        hold(tx, articles, article)
        return NotMade(read(tx, article, article.revision, unit))
    moment = now()
    revision = {**drawn.revision, "created_at": moment, "created_by": by}
    change(tx, articles, article, {"revision": revision["n"]}, by)
    make(tx, revisions, {**revision, "project": article.project}, by)
    # From here on no claim comes, goes or changes; some may have since the text was drawn up.
    locked = LOCKED_CLAIMS.rows(tx, project=article.project, article=article.id)
    before = _standing(tx, article, article.revision)
    standing = _drawn_again(tx, drawn, before)
    write(tx, article.project, article.id, standing.items())
    _carry(tx, locked, before, standing, by)
    return read(tx, article, revision["n"], unit)


def try_out(tx: sa.Connection, article: Found, drawn: Drawn | None, by: str, unit: str) -> Answer:
    """What `add` would answer; nothing is stored."""
    if drawn is None:
        return read(tx, article, article.revision, unit)
    report = reports.of_carrying(drawn.standing, Places(tx, drawn.texts, unit))
    return {**drawn.revision, "created_at": None, "created_by": by, "report": report}


def diff(tx: sa.Connection, article: Found, n: int, since: int, unit: str) -> Answer:
    """What differs between two revisions, in either direction.

    Raises:
        NotFound: there is no revision `n`.
        Invalid: there is no revision `since`.
    """
    texts = Texts(article.project, article.id)
    texts.text(tx, n)
    if not 1 <= since <= article.revision:
        raise Invalid(Fault("/from", "unknown_revision", f"Expected 1 to {article.revision}, found {since}."))
    alignment = texts.alignment(tx, since, n)
    moved = [run for passage in alignment.moved for run in passage.runs]
    found = reports.of_differences(alignment.differences(), moved, since, n, Places(tx, texts, unit))
    return {"article": article.id, "from": since, "to": n, **found}


def _standing(tx: sa.Connection, article: Found, n: int) -> dict[str, Marks]:
    rows = ON_REVISION.rows(tx, project=article.project, article=article.id, revision=n)
    return {claim: [Mark(*row[1:]) for row in marks] for claim, marks in groupby(rows, key=lambda row: row.claim)}


def _drawn_again(tx: sa.Connection, drawn: Drawn, standing: Mapping[str, Marks]) -> dict[str, Marks]:
    """Where the claims of now, which stand there on the current text, would stand; what was worked out
    already is taken over."""
    n = drawn.revision["n"]
    return {
        claim: drawn.standing[claim] if drawn.before.get(claim) == marks else drawn.texts.carried(tx, marks, n)
        for claim, marks in standing.items()
    }


def _carry(
    tx: sa.Connection, locked: list[Found], before: Mapping[str, Marks], standing: Mapping[str, Marks], by: str
) -> None:
    """Makes a new version of every claim, as it stands elsewhere now, and says which ones a reviewer must look at."""
    by_need: dict[str | None, list[Found]] = {}
    for claim in locked:
        by_need.setdefault(needs_attention(standing[claim.id]), []).append(claim)
    parts = {claim: (told_spans(before[claim]), told_spans(marks)) for claim, marks in standing.items()}
    for need, rows in by_need.items():
        change_each(tx, claims, rows, {"needs_attention": need}, by, action="carried", parts=parts)
