"""Comments over HTTP."""

import sqlalchemy as sa

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.comments import Comment, CommentChanges, CommentDraft, CommentPage
from api.services import comments as service
from api.services.answers import Answer, Found
from api.services.articles import find as find_article
from api.services.assessments import find as find_assessment
from api.services.claims import find as find_claim

contract = Contract("comments", "Comments: what people say about articles, claims and assessments.")


@contract.lists("/articles/<id:article>/comments", right="comment.read", on=find_article, gives=CommentPage)
def list_article_comments(tx: sa.Connection, article: Found, query: Answer) -> Answer:
    """List the comments on an article

    Oldest first; those on its claims are listed there.
    """
    return service.list_on(tx, "article", article, query)


@contract.creates(
    "/articles/<id:article>/comments",
    right="comment.create",
    on=find_article,
    takes=CommentDraft,
    gives=Comment,
    at="/v1/comments/{id}",
)
def comment_on_article(tx: sa.Connection, article: Found, draft: Answer) -> Answer:
    """Comment on an article

    Everybody in the project can read it.
    """
    return service.write(tx, "article", article, draft, caller.name)


@contract.lists("/claims/<id:claim>/comments", right="comment.read", on=find_claim, gives=CommentPage)
def list_claim_comments(tx: sa.Connection, claim: Found, query: Answer) -> Answer:
    """List the comments on a claim

    Oldest first; those on its assessments are listed there.
    """
    return service.list_on(tx, "claim", claim, query)


@contract.creates(
    "/claims/<id:claim>/comments",
    right="comment.create",
    on=find_claim,
    takes=CommentDraft,
    gives=Comment,
    at="/v1/comments/{id}",
)
def comment_on_claim(tx: sa.Connection, claim: Found, draft: Answer) -> Answer:
    """Comment on a claim

    Everybody in the project can read it.
    """
    return service.write(tx, "claim", claim, draft, caller.name)


@contract.lists("/assessments/<id:assessment>/comments", right="comment.read", on=find_assessment, gives=CommentPage)
def list_assessment_comments(tx: sa.Connection, assessment: Found, query: Answer) -> Answer:
    """List the comments on an assessment

    Oldest first. Another's draft is not there (404), nor are the comments on it.
    """
    return service.list_on(tx, "assessment", assessment, query)


@contract.creates(
    "/assessments/<id:assessment>/comments",
    right="comment.create",
    on=find_assessment,
    takes=CommentDraft,
    gives=Comment,
    at="/v1/comments/{id}",
)
def comment_on_assessment(tx: sa.Connection, assessment: Found, draft: Answer) -> Answer:
    """Comment on an assessment

    What you say on your own draft nobody else sees until the draft is submitted. Taking an
    assessment back removes the comments on it.
    """
    return service.write(tx, "assessment", assessment, draft, caller.name)


@contract.reads("/comments/<id:comment>", right="comment.read", on=service.find, gives=Comment)
def read_comment(tx: sa.Connection, comment: Found) -> Answer:
    """Read a comment

    With what it is on.
    """
    return service.read(tx, comment)


@contract.changes(
    "/comments/<id:comment>", right="comment.change", on=service.find, takes=CommentChanges, gives=Comment
)
def change_comment(tx: sa.Connection, comment: Found, changes: Answer) -> Answer:
    """Change one's own comment

    Nobody puts words into another's mouth: not editors, not admins.
    """
    return service.alter(tx, comment, changes, caller.name)


@contract.removes("/comments/<id:comment>", right="comment.delete", on=service.find)
def delete_comment(tx: sa.Connection, comment: Found) -> None:
    """Delete a comment

    Its author may, and editors.
    """
    service.delete(tx, comment, caller.name)
