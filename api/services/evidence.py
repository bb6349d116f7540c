"""Evidence: links with their stance towards a claim. They are stored, never opened."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam, select

from api.errors import AlreadyExists, EvidenceKept
from api.models import evidence
from api.models.columns import new_id, now
from api.rules.permissions import Caller
from api.services.answers import Answer, Found, Reading
from api.services.blinding import unseen
from api.services.changes import change, make_each, remove
from api.services.citations import uncite
from api.services.paging import Listing
from api.services.projects import of_caller
from api.services.standing import locked_row

Row = dict[str, Any]
EVIDENCE = select(
    evidence.c.id,
    evidence.c.claim,
    evidence.c.url,
    evidence.c.title,
    evidence.c.publisher,
    evidence.c.published_at,
    evidence.c.accessed_at,
    evidence.c.medium,
    evidence.c.excerpt,
    evidence.c.archive_url,
    evidence.c.stance,
    evidence.c.note,
    evidence.c.created_at,
    evidence.c.created_by,
    evidence.c.version,
)
READ = Reading(EVIDENCE.where(evidence.c.project == bindparam("project"), evidence.c.id == bindparam("id")))
FIND = Reading(select(evidence, *of_caller(evidence)).where(evidence.c.id == bindparam("id")))
_of_claim = (evidence.c.project == bindparam("project"), evidence.c.claim == bindparam("claim"))
HOLDER = Reading(select(evidence.c.id).where(*_of_claim, evidence.c.url == bindparam("url")))
LIST = Listing(
    EVIDENCE.where(*_of_claim),
    orders={"created_at": {"created_at": evidence.c.created_at, "id": evidence.c.id}},
    filters={"stance": evidence.c.stance == bindparam("stance")},
)


def find(tx: sa.Connection, caller: Caller, id: str) -> Found:
    """Raises: NotFound: there is no such evidence."""
    return FIND.row(tx, id=id, caller=caller.name)


def read(tx: sa.Connection, link: Found) -> Answer:
    return _read(tx, link.project, link.id)


def list_for(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    return LIST.page(tx, query, project=claim.project, claim=claim.id)


def attach(tx: sa.Connection, claim: Found, draft: Answer, by: str) -> Answer:
    """Raises: AlreadyExists: the claim has this address as evidence already."""
    return _read(tx, claim.project, add(tx, claim, draft, by))


def add(tx: sa.Connection, claim: Found, draft: Answer, by: str) -> str:
    """As `attach`; gives the id only."""
    link = drawn_up(claim, draft, by)
    put(tx, [link], by)
    return str(link["id"])


def drawn_up(claim: Found, draft: Answer, by: str) -> Row:
    """The evidence as a row, not yet written down."""
    return {
        **draft,
        "id": new_id(),
        "project": claim.project,
        "claim": claim.id,
        "created_at": now(),
        "created_by": by,
    }


def put(tx: sa.Connection, links: list[Row], by: str) -> None:
    """Writes down what was drawn up.

    Raises:
        AlreadyExists: one of the claims has this address as evidence already.
    """
    if make_each(tx, evidence, links, by):
        return
    holders = ((link, _holder(tx, link["project"], link["claim"], link["url"])) for link in links)
    link = next((link for link, holder in holders if holder not in (None, link["id"])), links[0])
    raise _taken(tx, link["project"], link["claim"], link["url"])


def alter(tx: sa.Connection, link: Found, changes: Answer, by: str) -> Answer:
    """Raises: AlreadyExists: the claim has the new address as evidence already."""
    url = changes.get("url", link.url)
    if url != link.url and _holder(tx, link.project, link.claim, url):
        raise _taken(tx, link.project, link.claim, url)
    if changes:
        change(tx, evidence, link, changes, by)
    return read(tx, link)


def detach(tx: sa.Connection, link: Found, by: str) -> None:
    """Takes the evidence off its claim.

    Raises:
        EvidenceKept: the caller must not know whether it is cited.
        EvidenceCited: a submitted assessment cites it.
    """
    if unseen(tx, link, [link.claim]):
        raise EvidenceKept("Assess the claim first, or ask an editor to remove it.")
    locked_row(tx, link.project, link.claim)
    uncite(tx, link, by)
    remove(tx, evidence, link, by)


def _read(tx: sa.Connection, project: str, id: str) -> Answer:
    return READ.answer(tx, project=project, id=id)


def _holder(tx: sa.Connection, project: str, claim: str, url: str) -> str | None:
    holder: str | None = HOLDER.value(tx, project=project, claim=claim, url=url)
    return holder


def _taken(tx: sa.Connection, project: str, claim: str, url: str) -> AlreadyExists:
    other = _holder(tx, project, claim, url)
    return AlreadyExists(f"Evidence {other} of this claim links to {url} already.", existing=other)
