"""Lines without text add to articles that are there already."""

from typing import Any

import pytest

from api.db import Database
from tests.client import TEXT, Client
from tests.resources.test_imports import counts, dossier, exported, failures, lines, number_of_events, send

URL = "https://news.example/trees"


def addition(*claims: dict[str, Any], **article: Any) -> dict[str, Any]:
    return {"article": article, "claims": list(claims)}


def marked(*words: str, **facts: Any) -> dict[str, Any]:
    return {"spans": [{"exact": each} for each in words], **facts}


def claims(editor: Client) -> list[str]:
    (found,) = exported(editor)
    return [span["exact"] for claim in found["claims"] for span in claim["spans"]]


@pytest.mark.parametrize("name", ["external_id", "id", "url"])
def test_a_line_without_text_adds_claims_to_its_article(editor: Client, database: Database, name: str) -> None:
    address = editor.article(external_id="a-1", url=URL)
    named = {name: {"external_id": "a-1", "id": address.rpartition("/")[2], "url": URL}[name]}
    body = lines(addition(marked("2,950"), **named), addition(marked("parks office", external_id="c"), **named))
    assert counts(send(editor, body)) == (2, 0, 2, 0, 0)
    assert claims(editor) == ["parks office", "2,950"]
    before = number_of_events(database)
    assert counts(send(editor, body)) == (2, 0, 0, 2, 0)
    assert number_of_events(database) == before


def test_it_may_follow_the_line_with_the_text_in_the_same_file(editor: Client) -> None:
    report = send(editor, lines(dossier(), addition(marked("The parks office"), external_id="a-1", byline="Jo")))
    assert counts(report) == (2, 1, 1, 0, 0)
    (found,) = exported(editor)
    assert (found["article"]["byline"], len(found["claims"]), found["article"]["text"]) == ("Jo", 3, TEXT)


def test_its_claims_are_on_the_current_text(editor: Client) -> None:
    article = editor.article(external_id="a-1")
    editor.revise(article, "Yesterday. " + TEXT)
    assert counts(send(editor, lines(addition(marked("Yesterday"), external_id="a-1"))))[2] == 1
    assert claims(editor) == ["Yesterday"]


def test_surroundings_of_a_quote_may_differ_where_the_words_stand_once(editor: Client) -> None:
    editor.article(external_id="a-1")
    once = {"exact": "2,950", "prefix": "\n   counts\n ", "suffix": "."}
    twice = {"exact": "4,000 trees", "prefix": "\n planted ", "suffix": ""}
    told = {"exact": "4,000 trees", "prefix": "had planted ", "suffix": " 🌳 since"}
    report = send(editor, lines(*(addition({"spans": [span]}, external_id="a-1") for span in (once, twice, told))))
    assert failures(editor, report) == [(2, "/claims/0/spans/0", "quote_ambiguous")]
    assert claims(editor) == ["4,000 trees", "2,950"]


@pytest.mark.parametrize(
    ("article", "pointer", "why"),
    [
        ({"external_id": "a-2"}, "/article/external_id", "unknown_article"),
        ({"id": "01934f6e-7a10-7000-8000-000000000002"}, "/article/id", "unknown_article"),
        ({"id": "no id"}, "/article/id", "unknown_article"),
        ({"url": "https://news.example/other"}, "/article/url", "unknown_article"),
        ({"url": URL}, "/article/url", "article_ambiguous"),
        ({}, "/article/text", "required"),
        ({"title": "Trees"}, "/article/text", "required"),
        ({"external_id": "a-1", "revisions": [{"n": 1}]}, "/article/text", "required"),
        ({"external_id": "a-1", "text": None}, "/article/text", "null"),
    ],
)
def test_an_article_that_is_not_certain_is_named(
    editor: Client, article: dict[str, Any], pointer: str, why: str
) -> None:
    editor.article(external_id="a-1", url=URL)
    editor.article("Other text.", url=URL)
    assert failures(editor, send(editor, lines(addition(**article)))) == [(1, pointer, why)]


def test_articles_of_other_projects_are_not_found(admin: Client, editor: Client) -> None:
    article = editor.article(url=URL)
    admin.post("/v1/projects", {"slug": "other", "name": "Other"})
    for named in ({"id": article.rpartition("/")[2]}, {"url": URL}):
        report = admin.raw("/v1/projects/other/imports", lines(addition(**named)), "application/x-ndjson").json
        assert counts(report) == (1, 0, 0, 0, 1)
