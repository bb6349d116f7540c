"""Articles: a text that never changes in place, and the facts of its publication."""

from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import AlreadyExists, Fault, Invalid
from api.models import articles, claims, revisions
from api.models.columns import new_id, now, sorted_by
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.changes import change, lock, make, remove_as_seen
from api.services.events import record, recorded, told
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.relations import sever
from api.services.search import as_patterns, contains

_claims_of = (claims.c.project == articles.c.project, claims.c.article == articles.c.id)
CLAIM_COUNT = select(func.count()).where(*_claims_of).scalar_subquery().label("claim_count")
_FACTS = (
    articles.c.id,
    articles.c.project,
    articles.c.external_id,
    articles.c.title,
    articles.c.url,
    articles.c.publisher,
    articles.c.byline,
    articles.c.language,
    articles.c.published_at,
    articles.c.metadata,
)
_STATE = (
    revisions.c.text_sha256,
    revisions.c.code_points,
    articles.c.revision,
    CLAIM_COUNT,
    articles.c.created_at,
    articles.c.created_by,
    articles.c.updated_at,
    articles.c.version,
)
_CURRENT = sa.and_(
    revisions.c.project == articles.c.project,
    revisions.c.article == articles.c.id,
    revisions.c.n == articles.c.revision,
)
ARTICLE = select(*_FACTS, revisions.c.text, *_STATE).join(revisions, _CURRENT)
SUMMARY = select(*_FACTS, *_STATE).join(revisions, _CURRENT)
READ = Reading(ARTICLE.where(articles.c.project == bindparam("project"), articles.c.id == bindparam("id")))
_ROW = select(articles, *of_caller(articles)).where(articles.c.id == bindparam("id"))
FIND = Reading(_ROW)
COUNTS = Reading(
    select(CLAIM_COUNT).where(articles.c.project == bindparam("project"), articles.c.id == bindparam("id"))
)
LOCKED_CLAIMS = Reading(
    select(claims)
    .where(claims.c.project == bindparam("project"), claims.c.article == bindparam("article"))
    .order_by(sorted_by(claims.c.id))
    .with_for_update()
)
FIND_COUNTED = Reading(_ROW.add_columns(CLAIM_COUNT))
_revision = select(articles.c.revision).where(
    articles.c.project == bindparam("project"), articles.c.id == bindparam("id")
)
CURRENT = Reading(_revision)
LOCKED = Reading(_revision.with_for_update(read=True))
TEXT = Reading(
    select(revisions.c.text).where(
        revisions.c.project == bindparam("project"),
        revisions.c.article == bindparam("id"),
        revisions.c.n == bindparam("n"),
    )
)
HOLDER = Reading(
    select(articles.c.id).where(
        articles.c.project == bindparam("project"), articles.c.external_id == bindparam("external_id")
    )
)
LIST = Listing(
    SUMMARY.where(articles.c.project == bindparam("project")),
    orders={
        name: {name: articles.c[name], "id": articles.c.id} for name in ("created_at", "updated_at", "published_at")
    },
    filters={
        "external_id": articles.c.external_id == bindparam("external_id"),
        "url": articles.c.url == bindparam("url"),
        "language": articles.c.language == bindparam("language"),
        "publisher": articles.c.publisher == bindparam("publisher"),
        "published_after": articles.c.published_at >= bindparam("published_after"),
        "published_before": sa.and_(
            articles.c.published_at < bindparam("published_before"), articles.c.published_at > ""
        ),
        "created_after": articles.c.created_at >= bindparam("created_after"),
        "created_before": articles.c.created_at < bindparam("created_before"),
        "has_claims": sa.exists().where(*_claims_of) == bindparam("has_claims"),
        "q": contains(articles.c.title),
    },
)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such article."""
    return FIND.row(tx, id=id, caller=caller.name)


def find_counted(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """As `find`, with what else its tag needs."""
    return FIND_COUNTED.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, article: Found) -> Answer:
    return _read(tx, article.project, article.id)


def locked_revision(tx: sa.Connection, project: str, id: str) -> int:
    """The number of the current revision, which stays current until this transaction ends.

    Raises:
        NotFound: the article was deleted meanwhile.
    """
    revision: int = LOCKED.row(tx, project=project, id=id).revision
    return revision


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    return LIST.page(tx, as_patterns(query), project=project.slug)


def create(tx: sa.Connection, project: Found, draft: Answer, by: str, longest: int) -> Answer:
    """Stores an article; its text becomes revision 1, exactly as sent.

    Raises:
        Invalid: the text has more than `longest` code points.
        AlreadyExists: another article of the project has this `external_id`.
    """
    return _read(tx, project.slug, add(tx, project.slug, draft, by, longest))


def add(tx: sa.Connection, project: str, draft: Answer, by: str, longest: int) -> str:
    """As `create`; gives the id only."""
    text = measured(draft["text"], longest)
    moment = now()
    article = {name: value for name, value in draft.items() if name != "text"} | {
        "id": new_id(),
        "project": project,
        "created_at": moment,
        "created_by": by,
        "updated_at": moment,
    }
    if not make(tx, articles, article, by):
        raise _taken(tx, project, draft["external_id"])
    revision = {
        "project": project,
        "article": article["id"],
        "n": 1,
        **text,
        "created_at": moment,
        "created_by": by,
    }
    make(tx, revisions, revision, by)
    return str(article["id"])


def measured(text: str, longest: int) -> Answer:
    """A text as a revision holds it, with its hash and length.

    Raises:
        Invalid: it has more than `longest` code points.
    """
    if len(text) > longest:
        fault = Fault("/text", "text_too_long", f"Expected at most {longest} code points, found {len(text)}.")
        raise Invalid(fault, limit=longest)
    return {"text": text, "text_sha256": sha256(text.encode()).hexdigest(), "code_points": len(text)}


def alter(tx: sa.Connection, article: Found, changes: Answer, by: str) -> Answer:
    """Raises: AlreadyExists: another article of the project has the new `external_id`."""
    external_id = changes.get("external_id")
    if external_id not in (None, article.external_id) and _holder(tx, article.project, external_id):
        raise _taken(tx, article.project, external_id)
    if changes:
        change(tx, articles, article, changes, by)
    return read(tx, article)


def delete(tx: sa.Connection, article: Found, by: str) -> None:
    """Raises: PreconditionFailed: claims came or went since `article` was read."""
    lock(tx, articles, article)
    deleted = _claims_on(tx, article)
    sever(tx, article.project, [row["id"] for row in deleted], by)
    ending = [each for row in deleted for each in told(claims, row, "deleted", recorded(claims, row), None)]
    record(tx, by, ending, now())
    remove_as_seen(tx, articles, article, COUNTS.row(tx, project=article.project, id=article.id)._asdict(), by)


def _claims_on(tx: sa.Connection, article: Found) -> list[dict[str, Any]]:
    return [row._asdict() for row in LOCKED_CLAIMS.rows(tx, project=article.project, article=article.id)]


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return READ.answer(tx, project=project, id=id)


def _holder(tx: sa.Connection, project: str, external_id: str) -> str | None:
    holder: str | None = HOLDER.value(tx, project=project, external_id=external_id)
    return holder


def _taken(tx: sa.Connection, project: str, external_id: str) -> AlreadyExists:
    other = _holder(tx, project, external_id)
    return AlreadyExists(f"Article {other} has the external_id {external_id!r} already.", existing=other)
