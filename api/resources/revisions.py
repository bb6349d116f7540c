"""Revisions over HTTP."""

import sqlalchemy as sa
from flask import current_app

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.fields import PageQuery
from api.schemas.revisions import Diff, DiffQuery, Revision, RevisionDraft, RevisionOptions, RevisionPage
from api.schemas.spans import UnitQuery
from api.services import revisions as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article

contract = Contract("revisions", "Revisions: the texts of an article, from each of which its claims go on to the next.")


def draw_up(tx: sa.Connection, article: Found, draft: Answer) -> service.Drawn | None:
    return service.draw_up(tx, article, draft, current_app.config["SETTINGS"].max_text_code_points)


@contract.lists(
    "/articles/<id:article>/revisions", right="article.read", on=find_article, query=PageQuery, gives=RevisionPage
)
def list_revisions(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """List an article's revisions

    Oldest first, without their texts.
    """
    return service.list_of(tx, article, query)


@contract.creates(
    "/articles/<id:article>/revisions",
    right="revision.create",
    on=find_article,
    supersedes=True,
    first=draw_up,
    takes=RevisionDraft,
    query=RevisionOptions,
    gives=Revision,
    at="/v1/articles/{article}/revisions/{n}",
)
def add_revision(tx: sa.Connection, article: Found, drawn: service.Drawn | None, wanted: Answer) -> Answer:
    """Give an article a new text

    If-Match names the article's state. Every claim is carried over: its words are `kept`, or
    `changed` and then need a reviewer's attention, or the claim is `orphaned`; the report says
    which, with places and words on both texts. The current text again makes no new revision (200),
    nor does a dry run (200), which only reports. `Article-ETag` is the tag for the text after that.
    """
    act = service.try_out if wanted["dry_run"] else service.add
    return act(tx, article, drawn, caller.name, wanted["unit"])


@contract.tells(
    "/articles/<id:article>/revisions/<number:n>",
    right="article.read",
    on=find_article,
    query=UnitQuery,
    gives=Revision,
)
def read_revision(tx: sa.Connection, article: Found, wanted: Answer, n: int) -> Answer:
    """Read a revision

    Its text, and where the claims on it came from.
    """
    return service.read(tx, article, n, **wanted)


@contract.tells(
    "/articles/<id:article>/revisions/<number:n>/diff",
    right="article.read",
    on=find_article,
    query=DiffQuery,
    gives=Diff,
)
def diff_revision(tx: sa.Connection, article: Found, wanted: Answer, n: int) -> Answer:
    """Compare two revisions

    The stretches that differ, with their offsets on both texts, and those that were moved.
    `from` may be older or newer.
    """
    return service.diff(tx, article, n, wanted.get("from_", max(1, n - 1)), wanted["unit"])
