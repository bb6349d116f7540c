"""Claims over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.claims import ArticleClaimQuery, Claim, ClaimChanges, ClaimDraft, ClaimPage, ClaimQuery, PointInTime
from api.schemas.spans import UnitQuery
from api.services import claim_lists, past
from api.services import claims as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.projects import find as find_project

contract = Contract("claims", "Claims: checkable statements, marked on one or more spans of an article's text.")


@contract.lists(
    "/articles/<id:article>/claims", right="claim.read", on=find_article, query=ArticleClaimQuery, gives=ClaimPage
)
def list_article_claims(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """List an article's claims

    In the order of the text; all pages are of the revision of the first. `revision` gives the
    places on an older text, of the claims marked by then, or on it since; status, verdict and
    `needs_attention` are those of now.
    """
    return claim_lists.list_on(tx, article, query)


@contract.lists(
    "/projects/<slug:project>/claims", right="claim.read", on=find_project, query=ClaimQuery, gives=ClaimPage
)
def list_project_claims(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List a project's claims

    Filters narrow the list, `q` searches it, `sort` orders it.
    """
    return claim_lists.list_in(tx, project, query)


@contract.creates(
    "/articles/<id:article>/claims",
    right="claim.create",
    on=find_article,
    first=service.placed_on_article,
    takes=ClaimDraft,
    query=UnitQuery,
    gives=Claim,
    at="/v1/claims/{id}",
)
def mark_claim(tx: sa.Connection, article: Found, draft: Answer, wanted: Answer) -> Answer:
    """Mark a claim

    Each span is given by position, counted in any `unit`, or by quote. A quote that is not in the
    text is refused with the nearest passages (422), one that stands several times with all its
    places (409). Spans marked on an older `revision` are carried to the current text.
    """
    return service.mark(tx, article, draft, caller.name, **wanted)


@contract.reads("/claims/<id:claim>", right="claim.read", on=service.find_counted, query=PointInTime, gives=Claim)
def read_claim(tx: sa.Connection, claim: Found, wanted: Answer) -> Answer:
    """Read a claim

    With its spans on the current text, its claimant, and where it stands; or, with `at`, as it was
    at that time, on the text of then.
    """
    if "at" in wanted:
        return past.claim_at(tx, claim, **wanted)
    return service.read(tx, claim, **wanted)


@contract.changes(
    "/claims/<id:claim>",
    right="claim.change",
    on=service.find,
    first=service.placed_again,
    takes=ClaimChanges,
    query=UnitQuery,
    gives=Claim,
)
def change_claim(tx: sa.Connection, claim: Found, changes: Answer, wanted: Answer) -> Answer:
    """Change a claim

    New spans replace the old ones, from the revision they are marked on. Reviewers may change the
    claims they marked, editors all.
    """
    return service.alter(tx, claim, changes, caller.name, **wanted)


@contract.changes(
    "/claims/<id:claim>/anchors/confirm",
    by="POST",
    right="claim.confirm",
    on=service.find,
    query=UnitQuery,
    gives=Claim,
)
def confirm_claim(tx: sa.Connection, claim: Found, wanted: Answer) -> Answer:
    """Confirm a claim's words

    After an edit has changed them: the claim, and its verdict if it has one, stand on the words as
    they are now. A claim that lost words can't be confirmed, only marked anew (409).
    """
    return service.confirm(tx, claim, caller.name, **wanted)


@contract.removes("/claims/<id:claim>", right="claim.delete", on=service.find_counted)
def delete_claim(tx: sa.Connection, claim: Found) -> None:
    """Delete a claim

    With its assessments, evidence and relations. Withdrawing keeps them.
    """
    service.delete(tx, claim, caller.name)
