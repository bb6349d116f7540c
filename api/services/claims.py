"""Claims: marked on spans of an article's text, described, changed, withdrawn."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, func, select

from api.errors import AlreadyExists, Fault, Invalid
from api.models import articles, assessments, claimants, claims, evidence, resolutions, spans
from api.models.columns import among, has_element, new_id, now
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.articles import current_text
from api.services.changes import change, insert, insert_unless_taken, lock, remove_as_seen
from api.services.claimants import found_or_made
from api.services.paging import Listing
from api.services.projects import role_in
from api.text.spans import Position, Quote, Span, place, text_order


def _count(table: sa.Table) -> sa.ColumnElement[int]:
    of_claim = (table.c.project == claims.c.project, table.c.claim == claims.c.id)
    return select(func.count()).where(*of_claim).scalar_subquery().label(f"{table.name.removesuffix('s')}_count")


COUNTS: tuple[Any, ...] = (_count(evidence), _count(assessments))
_claimant = sa.and_(claimants.c.project == claims.c.project, claimants.c.id == claims.c.claimant)
_resolution = sa.and_(resolutions.c.project == claims.c.project, resolutions.c.claim == claims.c.id)
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
        *(
            resolutions.c[name].label(f"resolution.{name}")
            for name in ("verdict", "method", "by", "assessments", "rationale", "resolved_at")
        ),
        *COUNTS,
        claims.c.needs_attention,
        claims.c.created_at,
        claims.c.created_by,
        claims.c.updated_at,
        claims.c.version,
    )
    .outerjoin(claimants, _claimant)
    .outerjoin(resolutions, _resolution)
)
SPANS = Reading(
    select(
        spans.c.claim,
        spans.c.start,
        spans.c.end,
        sa.literal_column("'codepoint'").label("unit"),
        spans.c.revision,
        spans.c.exact,
        spans.c.prefix,
        spans.c.suffix,
        *(spans.c[name].label(f"anchor.{name}") for name in ("outcome", "score", "from_revision")),
    )
    .join(
        articles,
        sa.and_(
            articles.c.project == spans.c.project,
            articles.c.id == spans.c.article,
            articles.c.revision == spans.c.revision,
        ),
    )
    .where(spans.c.project == bindparam("project"), among(spans.c.claim, "claims"))
    .order_by(spans.c.claim, spans.c.ordinal)
)
READ = Reading(CLAIM.where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
_ROW = select(claims, role_in(claims)).where(claims.c.id == bindparam("id"))
FIND = Reading(_ROW)
COUNTS_OF = Reading(select(*COUNTS).where(claims.c.project == bindparam("project"), claims.c.id == bindparam("id")))
FIND_COUNTED = Reading(_ROW.add_columns(*COUNTS))

HOLDER = Reading(
    select(claims.c.id).where(
        claims.c.project == bindparam("project"),
        claims.c.article == bindparam("article"),
        claims.c.external_id == bindparam("external_id"),
    )
)
_first = spans.alias("first")
ON_ARTICLE = Listing(
    CLAIM.add_columns(_first.c.start.label("at"))
    .join(_first, sa.and_(_first.c.project == claims.c.project, _first.c.claim == claims.c.id))
    .where(
        _first.c.project == bindparam("project"),
        _first.c.article == bindparam("article"),
        _first.c.revision == bindparam("revision"),
        _first.c.ordinal == 0,
    ),
    orders={"text": {"at": _first.c.start, "id": _first.c.claim}},
)
_wording = func.lower(claims.c.text).like(bindparam("q"), escape="/")
_marked_words = sa.exists().where(
    spans.c.project == claims.c.project,
    spans.c.claim == claims.c.id,
    func.lower(spans.c.exact).like(bindparam("q"), escape="/"),
)
IN_PROJECT = Listing(
    CLAIM.where(claims.c.project == bindparam("project")),
    orders={name: {name: claims.c[name], "id": claims.c.id} for name in ("created_at", "updated_at", "claimed_at")},
    filters={
        "external_id": claims.c.external_id == bindparam("external_id"),
        "status": claims.c.status,
        "verdict": claims.c.verdict,
        "claimant": claims.c.claimant == bindparam("claimant"),
        "claimant_name": claimants.c.name == bindparam("claimant_name"),
        "tag": has_element(claims.c.tags, bindparam("tag", type_=sa.Text)),
        "type": has_element(claims.c.types, bindparam("type", type_=sa.Text)),
        "language": claims.c.language == bindparam("language"),
        "created_by": claims.c.created_by == bindparam("created_by"),
        "claimed_after": claims.c.claimed_at >= bindparam("claimed_after"),
        "claimed_before": sa.and_(claims.c.claimed_at < bindparam("claimed_before"), claims.c.claimed_at > ""),
        "created_after": claims.c.created_at >= bindparam("created_after"),
        "created_before": claims.c.created_at < bindparam("created_before"),
        "q": sa.or_(_wording, _marked_words),
    },
)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such claim."""
    return FIND.row(tx, id=id, caller=caller.name)


def find_counted(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """As `find`, with what else its tag needs."""
    return FIND_COUNTED.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, claim: Found) -> Answer:
    return _read(tx, claim.project, claim.id)


def with_spans(tx: sa.Connection, project: str, found: list[Answer]) -> list[Answer]:
    """The claims of one project, each with its `spans` on the current text."""
    if found:
        ids = [claim["id"] for claim in found]
        marks = SPANS.grouped(tx, by="claim", project=project, claims=ids)
        for claim in found:
            claim["spans"] = marks[claim["id"]]
            for span in claim["spans"]:
                del span["claim"]
    return found


def list_on(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """The article's claims in the order of its text."""
    within = {"project": article.project, "article": article.id, "revision": article.revision}
    listed = ON_ARTICLE.page(tx, query, **within)
    for claim in with_spans(tx, article.project, listed["items"]):
        del claim["at"]
    return listed


def list_in(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """The project's claims that pass the filters, sorted."""
    if "q" in query:
        query = {**query, "q": _containing(query["q"])}
    listed = IN_PROJECT.page(tx, query, project=project.slug)
    with_spans(tx, project.slug, listed["items"])
    return listed


def mark(tx: sa.Connection, article: Found, draft: Answer, by: str) -> Answer:
    """Marks a claim on the article's current text.

    Raises:
        Invalid: a span does not fit the text.
        QuoteAmbiguous: a quoted span stands in several places.
        AlreadyExists: another claim of the article has this `external_id`.
        ClaimantDiffers: something else is known of the claimant already.
    """
    revision, text = current_text(tx, article.project, article.id)
    places = _placed(text, draft["spans"])
    moment = now()
    claim = {name: value for name, value in draft.items() if name != "spans"} | {
        "id": new_id(),
        "project": article.project,
        "article": article.id,
        "claimant": _claimant_id(tx, article.project, draft["claimant"]),
        "created_at": moment,
        "created_by": by,
        "updated_at": moment,
    }
    if not insert_unless_taken(tx, claims, claim):
        raise _taken(tx, article.project, article.id, draft["external_id"])
    _lay(tx, claim, revision, places)
    return _read(tx, article.project, claim["id"])


def alter(tx: sa.Connection, claim: Found, changes: Answer) -> Answer:
    """Changes what is said of the claim; new spans replace the old ones on the current text.

    Raises:
        Invalid, QuoteAmbiguous, AlreadyExists, ClaimantDiffers: as for `mark`.
    """
    values = {name: value for name, value in changes.items() if name not in ("spans", "claimant")}
    external_id = values.get("external_id")
    if external_id not in (None, claim.external_id) and _holder(tx, claim.project, claim.article, external_id):
        raise _taken(tx, claim.project, claim.article, external_id)
    if "spans" in changes:
        # The article is locked before the claim, here as in `mark` and when it is deleted.
        revision, text = current_text(tx, claim.project, claim.article)
        places = _placed(text, changes["spans"])
    if changes:
        change(tx, claims, claim, values)
    if "claimant" in changes:
        # After the change: what is learned of a claimant makes a new version of all its claims, this one too.
        claimant = _claimant_id(tx, claim.project, changes["claimant"])
        tx.execute(sa.update(claims).where(*_is(claim)).values(claimant=claimant))
    if "spans" in changes:
        tx.execute(
            sa.delete(spans).where(
                spans.c.project == claim.project, spans.c.claim == claim.id, spans.c.revision == revision
            )
        )
        _lay(tx, claim._asdict(), revision, places)
    return read(tx, claim)


def delete(tx: sa.Connection, claim: Found) -> None:
    """Raises: PreconditionFailed: assessments or evidence came or went since `claim` was read."""
    lock(tx, claims, claim)
    remove_as_seen(tx, claims, claim, COUNTS_OF.row(tx, project=claim.project, id=claim.id)._asdict())


def _is(claim: Found) -> tuple[sa.ColumnElement[bool], ...]:
    return claims.c.project == claim.project, claims.c.id == claim.id


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return with_spans(tx, project, [READ.answer(tx, project=project, id=id)])[0]


def _placed(text: str, selectors: list[Position | Quote]) -> list[Span]:
    """The spans in text order; what is wrong with any of them is said of all at once."""
    places: list[Span] = []
    faults: list[Fault] = []
    facts: dict[str, Any] = {}
    for at, selector in enumerate(selectors):
        try:
            places.append(place(text, selector, f"/spans/{at}"))
        except Invalid as error:
            faults += error.faults
            facts |= error.facts
    if len(set(places)) < len(places):
        faults.append(Fault("/spans", "span_repeated", "Expected different spans, found the same one twice."))
    if faults:
        raise Invalid(*faults, **facts)
    return sorted(places, key=text_order)


def _lay(tx: sa.Connection, claim: Any, revision: int, places: list[Span]) -> None:
    of_claim = {
        "project": claim["project"],
        "claim": claim["id"],
        "article": claim["article"],
        "revision": revision,
        "from_revision": revision,
    }
    insert(tx, spans, [{**of_claim, "ordinal": n, **asdict(span)} for n, span in enumerate(places)])


def _claimant_id(tx: sa.Connection, project: str, said: Answer | None) -> str | None:
    return None if said is None else found_or_made(tx, project, said)


def _containing(words: str) -> str:
    """The LIKE pattern (escape `/`) of texts in lower case that contain `words`, in either case."""
    escaped = words.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"


def _holder(tx: sa.Connection, project: str, article: str, external_id: str) -> str | None:
    holder: str | None = HOLDER.value(tx, project=project, article=article, external_id=external_id)
    return holder


def _taken(tx: sa.Connection, project: str, article: str, external_id: str) -> AlreadyExists:
    other = _holder(tx, project, article, external_id)
    return AlreadyExists(f"Claim {other} of this article has the external_id {external_id!r}.", existing=other)
