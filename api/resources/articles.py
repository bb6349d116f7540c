"""Articles over HTTP."""

import sqlalchemy as sa
from flask import current_app

from api.resources.admission import caller
from api.resources.contract import Contract
from api.schemas.articles import Article, ArticleChanges, ArticleDraft, ArticlePage, ArticleQuery
from api.schemas.deletions import Deletion
from api.services import articles as service
from api.services import deletions
from api.services.answers import Answer, Found
from api.services.projects import find as find_project

contract = Contract("articles", "Articles: texts, kept code point for code point, with the facts of publication.")


@contract.lists(
    "/projects/<slug:project>/articles", right="article.read", on=find_project, query=ArticleQuery, gives=ArticlePage
)
def list_articles(tx: sa.Connection, project: Found, query: Answer) -> Answer:
    """List a project's articles

    Without their texts. Filters narrow the list; `sort` orders it.
    """
    return service.list_in(tx, project, query)


@contract.creates(
    "/projects/<slug:project>/articles",
    right="article.create",
    on=find_project,
    takes=ArticleDraft,
    gives=Article,
    at="/v1/articles/{id}",
)
def create_article(tx: sa.Connection, project: Found, draft: Answer) -> Answer:
    """Store an article

    The text is kept exactly as sent and becomes revision 1. An `external_id` is unique in the
    project: 409 names the article that has it.
    """
    longest = current_app.config["SETTINGS"].max_text_code_points
    return service.create(tx, project, draft, caller.name, longest)


@contract.reads("/articles/<id:article>", right="article.read", on=service.find_counted, gives=Article)
def read_article(tx: sa.Connection, article: Found) -> Answer:
    """Read an article

    With its current text.
    """
    return service.read(tx, article)


@contract.changes(
    "/articles/<id:article>", right="article.change", on=service.find, takes=ArticleChanges, gives=Article
)
def change_article(tx: sa.Connection, article: Found, changes: Answer) -> Answer:
    """Change an article's facts

    Everything but the text, which never changes in place.
    """
    return service.alter(tx, article, changes, caller.name)


@contract.tells("/articles/<id:article>/deletion", right="article.delete", on=service.find, gives=Deletion)
def read_article_deletion(tx: sa.Connection, article: Found) -> Answer:
    """See what deleting an article takes

    How much goes with it, and what must be repeated.
    """
    return deletions.of_article(tx, article)


@contract.removes("/articles/<id:article>", right="article.delete", on=service.find_counted, goes=deletions.of_article)
def delete_article(tx: sa.Connection, article: Found) -> None:
    """Delete an article

    With its claims, their assessments and their evidence; `confirm` repeats its title, or its id if it
    has none. Its history stays.
    """
    service.delete(tx, article, caller.name)
